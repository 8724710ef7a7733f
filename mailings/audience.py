"""Who gets a mailing: taken down once, when it is made, and asked again when their turn comes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import get_language

from contacts.consents import refused
from contacts.opt_outs import opted_out
from mailings.composer import lacking_for_all
from mailings.models import Mailing, MailTemplate, Recipient
from mailings.placeholders import used_in
from webinars.audiences import Audience, condition, left_out
from webinars.models import Registration, Webinar

Purpose = MailTemplate.Purpose
_BATCH = 1000

# What one writes to an audience most often.
_USUAL = {
    Audience.OVERFLOW: Purpose.FULL,
    Audience.ATTENDED: Purpose.THANKS,
    Audience.NO_SHOW: Purpose.MISSED,
    Audience.NO_SHOW_NOT_CANCELLED: Purpose.MISSED,
    Audience.CANCELLED: Purpose.MISSED,
    Audience.REJECTED: Purpose.ONE_MORE_ANSWER,
}


def reader_language() -> str:
    """Return the language of a draft that somebody makes: theirs, if emails are written in it."""
    language = (get_language() or "")[:2]
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


@transaction.atomic
def for_audience(
    webinar: Webinar,
    audience: Audience,
    people: QuerySet[Registration],
    *,
    filtered: bool = False,
    user_id: int | None,
    language: str,
) -> Mailing:
    """Make a draft to `people`, an audience as it is filtered, from the template usual for it."""
    mailing = Mailing.objects.create(
        webinar=webinar,
        audience=audience.value,
        filtered=filtered,
        created_by_id=user_id,
        language=language,
    )
    usual = _USUAL.get(audience)
    template = MailTemplate.objects.filter(purpose=usual, language=language).first()
    if template is not None:
        start_from(mailing, template)
    rows = people.order_by("pk").values_list("contact_id", "pk")
    _take_down(mailing, rows.iterator(chunk_size=_BATCH))
    return mailing


@transaction.atomic
def for_contacts(contact_ids: Iterable[int], *, user_id: int | None, language: str) -> Mailing:
    """Make a draft to chosen contacts."""
    mailing = Mailing.objects.create(created_by_id=user_id, language=language)
    _take_down(mailing, ((pk, None) for pk in contact_ids))
    return mailing


def is_own_text(mailing: Mailing) -> bool:
    """Tell whether somebody wrote something in a draft that no template holds."""
    if not mailing.subject.strip() and not mailing.text.strip():
        return False
    return not MailTemplate.objects.filter(subject=mailing.subject, text=mailing.text).exists()


def start_from(mailing: Mailing, template: MailTemplate) -> None:
    """Copy `template` into a draft."""
    mailing.subject, mailing.text = template.subject, template.text
    mailing.language = template.language
    mailing.save(update_fields=["subject", "text", "language"])


def _take_down(mailing: Mailing, people: Iterable[tuple[int, int | None]]) -> None:
    portion: list[Recipient] = []
    for contact_id, registration_id in people:
        portion.append(
            Recipient(mailing=mailing, contact_id=contact_id, registration_id=registration_id)
        )
        if len(portion) == _BATCH:
            Recipient.objects.bulk_create(portion, ignore_conflicts=True)
            portion = []
    Recipient.objects.bulk_create(portion, ignore_conflicts=True)


@dataclass(slots=True)
class Prospect:
    """How many of a draft's recipients would get it now, and why others would not."""

    chosen: int = 0
    will_get: int = 0
    unsubscribed: int = 0
    left: int = 0
    # Of those who would get it: whose last word on marketing was a no.
    refused: int = 0
    # Internal people, who would have been chosen otherwise.
    internal: int = 0
    no_join_link: int = 0
    # Placeholders that nobody has a value for: then nobody gets it.
    lacking: set[str] = field(default_factory=set)


def prospect(mailing: Mailing) -> Prospect:
    """Return who would get `mailing` if it were sent now."""
    found = Prospect(lacking=lacking_for_all(mailing))
    if mailing.webinar is not None and mailing.audience:
        chosen = mailing.recipients.filter(registration=OuterRef("pk"))
        people = left_out(mailing.webinar, Audience(mailing.audience))
        found.internal = people.filter(~Exists(chosen)).count()
    needs_link = "join_link" in used_in(mailing.subject, mailing.text)
    for portion in _portions(mailing):
        found.chosen += len(portion)
        unwilling = opted_out([contact_id for _pk, contact_id, _link in portion])
        said_no = refused([contact_id for _pk, contact_id, _link in portion])
        still = _still_in(mailing, [pk for pk, _contact_id, _link in portion])
        for pk, contact_id, link in portion:
            if contact_id in unwilling:
                found.unsubscribed += 1
            elif pk not in still:
                found.left += 1
            elif needs_link and not link:
                found.no_join_link += 1
            elif not found.lacking:
                found.will_get += 1
                found.refused += contact_id in said_no
    return found


def _portions(mailing: Mailing) -> Iterator[Sequence[tuple[int, int, str | None]]]:
    rows = list(
        mailing.recipients.order_by("pk").values_list("pk", "contact_id", "registration__join_url")
    )
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _still_in(mailing: Mailing, recipient_pks: list[int]) -> set[int]:
    """Return those recipients who are still in the audience that was chosen."""
    rows = Recipient.objects.filter(pk__in=recipient_pks)
    if mailing.audience:
        people = Registration.objects.filter(condition(Audience(mailing.audience)))
        rows = rows.filter(registration__in=people)
    return set(rows.values_list("pk", flat=True))


def still_in_audience(recipient: Recipient) -> bool:
    """Tell whether one recipient still belongs to the audience that was chosen."""
    return bool(_still_in(recipient.mailing, [recipient.pk]))
