"""Who of a mailing's recipients gets it, and why the others do not.

The draft, its confirmation and the sender ask the same questions, the sender just before each
email. That someone was emailed recently it asks while it claims their row (`mailings/claims.py`).
"""

import datetime as dt
import enum
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.consents import latest_consents
from contacts.opt_outs import opted_out
from mailings.composer import lacking_for_all
from mailings.models import Mailing, Recipient
from mailings.placeholders import used_in
from mailings.reasons import Reason
from webinars.audiences import Audience, condition, left_out
from webinars.models import Registration

# For how many days after an email someone gets no other, if the author chose so.
RECENT_DAYS = 7
_BATCH = 1000


class Group(enum.StrEnum):
    """Recipients of a draft who are shown together. Those emailed recently and those without
    consent are left out only where the author chose so."""

    RECEIVE = "receive"
    UNSUBSCRIBED = "unsubscribed"
    LEFT = "left"
    RECENT = "recent"
    NO_CONSENT = "no-consent"
    NO_JOIN_LINK = "no-join-link"

    @property
    def label(self) -> str:
        return str(_LABELS[self])


_LABELS = {
    Group.RECEIVE: _("Will receive it"),
    Group.UNSUBSCRIBED: _("Unsubscribed"),
    Group.LEFT: _("No longer in the audience"),
    Group.RECENT: _("Emailed recently"),
    Group.NO_CONSENT: _("No marketing consent"),
    Group.NO_JOIN_LINK: _("No join link"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recipient as things are now; `reason` is why they would be left out, if they would."""

    recipient_id: int
    reason: Reason | None
    groups: frozenset[Group]
    declined: bool


@dataclass(slots=True)
class Prospect:
    """How many of a draft's recipients would get it now, and why others would not."""

    chosen: int = 0
    will_get: int = 0
    unsubscribed: int = 0
    left: int = 0
    # Left out because they were emailed recently, or have not agreed to marketing.
    skipped_recent: int = 0
    skipped_without_consent: int = 0
    no_join_link: int = 0
    # Of those who have not unsubscribed and are in the audience still, left out or not.
    emailed_recently: int = 0
    without_consent: int = 0
    # Of those without consent: whose last word on marketing was a no.
    declined: int = 0
    # Internal people, who would have been chosen otherwise.
    internal: int = 0
    # The key of a recipient who would get it.
    first_who_gets_it: int | None = None
    # Placeholders that no one has a value for: then no one gets it.
    lacking: set[str] = field(default_factory=set)

    @property
    def left_out(self) -> int:
        """Return how many of those chosen do not get it."""
        return self.chosen - self.will_get

    def count(self, candidate: Candidate) -> None:
        """Count one recipient."""
        self.chosen += 1
        self.unsubscribed += candidate.reason is Reason.UNSUBSCRIBED
        self.left += candidate.reason is Reason.LEFT
        self.skipped_recent += candidate.reason is Reason.RECENT
        self.skipped_without_consent += candidate.reason is Reason.NO_CONSENT
        self.no_join_link += candidate.reason is Reason.LACKING
        if candidate.reason is None and not self.lacking:
            self.will_get += 1
            if self.first_who_gets_it is None:
                self.first_who_gets_it = candidate.recipient_id
        self.emailed_recently += Group.RECENT in candidate.groups
        self.without_consent += Group.NO_CONSENT in candidate.groups
        self.declined += candidate.declined


def prospect(mailing: Mailing) -> Prospect:
    """Return who would get `mailing` if it were sent now."""
    found = Prospect(lacking=lacking_for_all(mailing))
    if mailing.webinar is not None and mailing.audience:
        chosen = mailing.recipients.filter(registration=OuterRef("pk"))
        people = left_out(mailing.webinar, Audience(mailing.audience))
        found.internal = people.filter(~Exists(chosen)).count()
    for candidate in candidates(mailing):
        found.count(candidate)
    return found


def candidates(mailing: Mailing) -> Iterator[Candidate]:
    """Return each recipient of a draft as things are now, in their order."""
    needs_link = "join_link" in used_in(mailing.subject, mailing.text)
    for portion in _portions(mailing):
        ids = [contact_id for _pk, contact_id, _link in portion]
        unwilling = opted_out(ids)
        latest = latest_consents(ids)
        recently = emailed_recently(mailing, ids)
        still = _still_in(mailing, [pk for pk, _contact_id, _link in portion])
        for pk, contact_id, link in portion:
            if contact_id in unwilling:
                gone = Group.UNSUBSCRIBED
                yield Candidate(pk, Reason.UNSUBSCRIBED, frozenset({gone}), declined=False)
                continue
            if pk not in still:
                yield Candidate(pk, Reason.LEFT, frozenset({Group.LEFT}), declined=False)
                continue
            consent = latest[contact_id].granted if contact_id in latest else None
            groups = {
                Group.NO_CONSENT: not consent,
                Group.RECENT: contact_id in recently,
                Group.NO_JOIN_LINK: needs_link and not link,
            }
            reason = _reason(mailing, groups)
            groups[Group.RECEIVE] = reason is None
            shown = frozenset(group for group, is_in in groups.items() if is_in)
            yield Candidate(pk, reason, shown, declined=consent is False)


def _reason(mailing: Mailing, groups: dict[Group, bool]) -> Reason | None:
    if mailing.skip_without_consent and groups[Group.NO_CONSENT]:
        return Reason.NO_CONSENT
    if mailing.skip_recently_emailed and groups[Group.RECENT]:
        return Reason.RECENT
    return Reason.LACKING if groups[Group.NO_JOIN_LINK] else None


def why_left_out(recipient: Recipient) -> Reason | None:
    """Return why one recipient does not get it, whatever its text; None where they do."""
    if opted_out([recipient.contact_id]):
        return Reason.UNSUBSCRIBED
    if not _still_in(recipient.mailing, [recipient.pk]):
        return Reason.LEFT
    if recipient.mailing.skip_without_consent:
        latest = latest_consents([recipient.contact_id]).get(recipient.contact_id)
        if latest is None or not latest.granted:
            return Reason.NO_CONSENT
    return None


def emailed_recently(mailing: Mailing, contact_ids: Collection[int]) -> set[int]:
    """Return those of the contacts who got another mailing a short while ago, or may have."""
    since = timezone.now() - dt.timedelta(days=RECENT_DAYS)
    rows = Recipient.objects.sent_since(since).filter(contact__in=contact_ids)
    return set(rows.exclude(mailing=mailing).values_list("contact_id", flat=True))


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
