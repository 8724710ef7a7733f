"""Who a mailing is written to: taken down once, when it is made. Who of them gets it is asked again
later (`mailings/eligibility.py`)."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language

from mailings.models import Mailing, MailTemplate, Recipient
from webinars.audiences import Audience
from webinars.models import Registration, Webinar

Purpose = MailTemplate.Purpose
_BATCH = 1000

# The audiences most often emailed.
_USUAL = {
    Audience.OVERFLOW: Purpose.FULL,
    Audience.ATTENDED: Purpose.THANKS,
    Audience.NO_SHOW: Purpose.MISSED,
    Audience.NO_SHOW_NOT_CANCELLED: Purpose.MISSED,
    Audience.CANCELLED: Purpose.MISSED,
    Audience.REJECTED: Purpose.ONE_MORE_ANSWER,
}


def reader_language() -> str:
    """Return the language of a draft that someone makes: theirs, if emails are written in it."""
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
    usual = _USUAL.get(audience)
    mailing = Mailing.objects.create(
        webinar=webinar,
        audience=audience.value,
        filtered=filtered,
        created_by_id=user_id,
        language=language,
        # What became of their registration people are told, whatever else they were sent.
        skip_recently_emailed=usual is None or usual.is_marketing,
    )
    template = MailTemplate.objects.filter(purpose=usual, language=language).first()
    if template is not None:
        start_from(mailing, template)
    rows = people.order_by("pk").values_list("contact_id", "pk")
    _add_recipients(mailing, rows.iterator(chunk_size=_BATCH))
    return mailing


@transaction.atomic
def for_contacts(contact_ids: Iterable[int], *, user_id: int | None, language: str) -> Mailing:
    """Create a draft to selected contacts."""
    mailing = Mailing.objects.create(created_by_id=user_id, language=language)
    _add_recipients(mailing, ((pk, None) for pk in contact_ids))
    return mailing


def is_own_text(mailing: Mailing) -> bool:
    """Return whether someone wrote a text in a draft that no template has."""
    if not mailing.subject.strip() and not mailing.text.strip():
        return False
    return not MailTemplate.objects.filter(subject=mailing.subject, text=mailing.text).exists()


def start_from(mailing: Mailing, template: MailTemplate) -> None:
    """Copy `template` into a draft."""
    mailing.subject, mailing.text = template.subject, template.text
    mailing.language = template.language
    mailing.save(update_fields=["subject", "text", "language"])


def _add_recipients(mailing: Mailing, people: Iterable[tuple[int, int | None]]) -> None:
    portion: list[Recipient] = []
    for contact_id, registration_id in people:
        portion.append(
            Recipient(mailing=mailing, contact_id=contact_id, registration_id=registration_id)
        )
        if len(portion) == _BATCH:
            Recipient.objects.bulk_create(portion, ignore_conflicts=True)
            portion = []
    Recipient.objects.bulk_create(portion, ignore_conflicts=True)
