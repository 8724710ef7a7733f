"""The people of a webinar here, as sent, and in HubSpot."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.utils import timezone

from contacts.models import Contact
from destinations.hubspot import reasons
from destinations.hubspot.client import Client
from destinations.hubspot.handover_rows import people_of, rules_of
from destinations.hubspot.plan import Person, reason_of
from destinations.hubspot.records import Counts
from destinations.models import HubSpotContact, MarketingEvent, Participation, WebinarHandover
from webinars.audiences import Audience, condition, counts, not_internal

State = Participation.State
# Codes of differences that belong to no other module.
WAITING = "handover.waiting"
UNCONFIRMED = "handover.unconfirmed"
CORRECTED = "handover.corrected"
NOT_PLANNED = "handover.not-planned"
# Reasons that can turn out otherwise when it is sent again.
SENT_AGAIN = frozenset({reasons.REFUSED, reasons.LACKING, reasons.NOT_TAKEN, reasons.NOT_CONFIRMED})
# Of several participations of a person, the first of these counts.
_WORST = (State.REFUSED, State.LEFT_OUT, State.PENDING, State.SENT, State.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Difference:
    """A person who differs between here and HubSpot, and why."""

    contact_id: int
    email: str = field(repr=False)
    code: str
    params: dict[str, Any]
    hubspot_message: str = field(default="", repr=False)


@dataclass(slots=True)
class Status:
    """The people of a webinar: `total` is `handed_over` and those in `left_out` and `differing`.

    `left_out` is by rule; `differing` should be in HubSpot as here and is not, or not yet. Someone
    whose attendance was corrected after it was sent is handed over, and also in `corrected`.
    """

    total: int = 0
    handed_over: int = 0
    left_out: list[Difference] = field(default_factory=list)
    differing: list[Difference] = field(default_factory=list)
    corrected: list[Difference] = field(default_factory=list)
    # Here by audience; internal people are in none.
    here: dict[str, int] = field(default_factory=dict)
    # Registered for the recording, and not cancelled: no no-shows here. HubSpot has no recordings
    # and counts them as no-shows once the event is over.
    late: int = 0

    @property
    def in_step(self) -> bool:
        return not self.differing and not self.corrected

    @property
    def no_shows(self) -> int:
        """Return the number of no-shows, including those who cancelled (rule 8)."""
        return self.here.get(Audience.NO_SHOW.value, 0)

    @property
    def no_shows_not_cancelled(self) -> int:
        """Return the no-shows by HubSpot's count, which excludes those who cancelled."""
        return self.here.get(Audience.NO_SHOW_NOT_CANCELLED.value, 0)

    @property
    def no_shows_cancelled(self) -> int:
        return self.no_shows - self.no_shows_not_cancelled

    def by_reason(self) -> Counter[str]:
        """Return how many people are not in HubSpot as they are here, by the reason's code."""
        return Counter(item.code for item in (*self.left_out, *self.differing))


def counts_of(handover: WebinarHandover) -> dict[str, int]:
    """Return the number of participations of a webinar in each state."""
    rows = Participation.objects.of(handover).order_by()
    found = dict(rows.values_list("state").annotate(Count("pk")))
    return {state.value: found.get(state.value, 0) for state in State}


def status_of(handover: WebinarHandover) -> Status:
    """Return the status of a webinar's people from our own data, without calling HubSpot."""
    now = timezone.now()
    events = list(handover.events.order_by("starts_at", "number"))
    dates, people = people_of(handover.webinar, events, now)
    rules = rules_of(handover.portal)
    emails = dict(
        Contact.objects.filter(registrations__webinar=handover.webinar).values_list("pk", "email")
    )
    undecided = {event.pk for event in events if event.awaits_choice}
    rows: dict[int, list[Participation]] = {}
    for row in Participation.objects.filter(event__in=events).order_by("pk"):
        rows.setdefault(row.contact_id, []).append(row)
    made = Status(total=len(people), here=_here(handover))
    if any(event.completed_at for event in events):
        made.late = _late(handover)
    for person in people:
        email = emails.get(person.contact_id, "")
        known = rows.get(person.contact_id, [])
        reason = reason_of(person, dates, rules)
        if reason is not None and not any(row.tried_at for row in known):
            made.left_out.append(Difference(person.contact_id, email, reason.value, {}))
        elif difference := _difference(person, email, known, undecided):
            made.differing.append(difference)
        else:
            made.handed_over += 1
            if any(row.corrected_at for row in known):
                made.corrected.append(Difference(person.contact_id, email, CORRECTED, {}))
    return made


def _here(handover: WebinarHandover) -> dict[str, int]:
    counted = counts(handover.webinar.registrations.filter(not_internal()))
    wanted = (
        Audience.REGISTERED,
        Audience.ATTENDED,
        Audience.CANCELLED,
        Audience.NO_SHOW,
        Audience.NO_SHOW_NOT_CANCELLED,
        Audience.REGISTERED_LATE,
    )
    return {audience.value: counted[audience] for audience in wanted}


def _late(handover: WebinarHandover) -> int:
    late = handover.webinar.registrations.filter(condition(Audience.REGISTERED_LATE))
    return late.exclude(condition(Audience.CANCELLED)).count()


def _difference(
    person: Person, email: str, rows: Sequence[Participation], undecided: Collection[int]
) -> Difference | None:
    if not rows:
        return Difference(person.contact_id, email, NOT_PLANNED, {})
    row = min(rows, key=lambda row: _WORST.index(State(row.state)))
    if row.state == State.CONFIRMED:
        return None
    if row.state == State.PENDING:
        code = reasons.CHOICE_NEEDED if row.event_id in undecided else WAITING
        return Difference(person.contact_id, email, code, {})
    if row.state == State.SENT:
        code = row.reason_code or UNCONFIRMED
        return Difference(person.contact_id, email, code, {}, row.hubspot_message)
    return Difference(
        person.contact_id, email, row.reason_code, dict(row.reason_params), row.hubspot_message
    )


def words_about(handover: WebinarHandover, contact_ids: Collection[int]) -> dict[int, str]:
    """Return HubSpot's messages about refused people, by contact."""
    rows = Participation.objects.of(handover).filter(contact__in=contact_ids)
    message = rows.exclude(hubspot_message="").order_by("-pk")
    return dict(message.values_list("contact", "hubspot_message"))


def hubspot_counts(client: Client, events: Iterable[MarketingEvent]) -> Counts:
    """Return the number of contacts in each state in HubSpot, of all `events`. Raises
    HubSpotError."""
    found = [client.participation_counts(event.object_id) for event in events if event.object_id]
    return Counts(
        registered=sum(item.registered for item in found),
        attended=sum(item.attended for item in found),
        cancelled=sum(item.cancelled for item in found),
        no_shows=sum(item.no_shows for item in found),
    )


def link_of(contact_id: int) -> HubSpotContact | None:
    """Return the record of a contact in the connected portal; None if there is none."""
    rows = HubSpotContact.objects.select_related("portal")
    return rows.filter(contact=contact_id, portal__current=True).first()
