"""Update the rows of what is to be sent from a webinar's people."""

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from contacts.models import Activity
from core.batches import batched
from destinations.hubspot import plan as planner
from destinations.hubspot.event_dates import (
    event_dates,
    held_on,
    refresh_events,
    stays_by_registration,
)
from destinations.hubspot.notes import plan_notes
from destinations.hubspot.plan import EventDate, Kind, KnownParticipation, Person, Plan, Rules
from destinations.models import MarketingEvent, Participation, Portal, WebinarHandover
from webinars.models import Registration, Webinar

# How many people are planned in one transaction.
_AT_ONCE = 500


def plan_webinar(handover_id: int, contact_ids: Collection[int] | None = None) -> None:
    """Write what is to be sent of a webinar, of these contacts or of everyone.

    What another worker wrote in the meantime is left alone: a plan can be made twice.
    """
    if contact_ids is not None:
        _plan_some(handover_id, contact_ids)
        return
    began = timezone.now()
    with transaction.atomic():
        handover = _locked(handover_id)
        if handover is None:
            return
        refresh_events(handover, began)
        pks = list(
            handover.webinar.registrations.order_by("contact").values_list("contact", flat=True)
        )
    for some in batched(pks, _AT_ONCE):
        _plan_some(handover_id, some)
    with transaction.atomic():
        handover = _locked(handover_id)
        if handover is not None:
            plan_notes(handover, began)
    WebinarHandover.objects.filter(pk=handover_id).update(planned_at=began)


def _locked(handover_id: int) -> WebinarHandover | None:
    """Return the locked row; None if it is off."""
    rows = WebinarHandover.objects.select_for_update(of=("self",)).filter(enabled=True)
    found = rows.select_related("webinar__connection", "portal").filter(pk=handover_id)
    return found.first()


def _plan_some(handover_id: int, contact_ids: Collection[int]) -> None:
    with transaction.atomic():
        handover = _locked(handover_id)
        if handover is None:
            return
        now = timezone.now()
        events = refresh_events(handover, now)
        dates, people = people_of(handover.webinar, events, now, contact_ids)
        made = planner.plan(people, dates, rules_of(handover.portal), now)
        _apply(made, events, now)
        _withdraw_unregistered(events, contact_ids, {person.contact_id for person in people})


def rules_of(portal: Portal) -> Rules:
    """Return the rules of a portal: who is sent besides those who registered."""
    return Rules(send_walk_ins=portal.send_walk_ins, send_internal=portal.send_internal)


def people_of(
    webinar: Webinar,
    events: Sequence[MarketingEvent],
    now: dt.datetime,
    contact_ids: Collection[int] | None = None,
) -> tuple[list[EventDate], list[Person]]:
    """Return the dates and the people of a webinar in the form that the plan needs."""
    held = held_on(webinar, events)
    rows = Registration.objects.filter(webinar=webinar)
    if contact_ids is not None:
        rows = rows.filter(contact__in=contact_ids)
    found = list(
        rows.order_by("pk").values_list(
            "pk", "contact_id", "state", "registered_at", "is_internal", "cancelled_at"
        )
    )
    pks = [row[0] for row in found] if contact_ids is not None else None
    stays = stays_by_registration(webinar, held, pks, now)
    known = _known_participations(events, contact_ids)
    returned = _returned(webinar, [contact for contact, rows in known.items() if _cancelled(rows)])
    people = [
        Person(
            contact_id=contact,
            state=state,
            registered_at=registered_at,
            is_internal=internal,
            cancelled_at=cancelled_at,
            returned_at=returned.get(contact),
            stays=stays.get(pk, ()),
            known=tuple(known.get(contact, ())),
        )
        for pk, contact, state, registered_at, internal, cancelled_at in found
    ]
    return event_dates(events, held, now), people


def _cancelled(rows: Sequence[KnownParticipation]) -> bool:
    return any(row.kind == Kind.CANCEL for row in rows)


def _known_participations(
    events: Sequence[MarketingEvent], contact_ids: Collection[int] | None
) -> dict[int, list[KnownParticipation]]:
    numbers = {event.pk: event.number for event in events}
    rows = Participation.objects.filter(event__in=numbers)
    if contact_ids is not None:
        rows = rows.filter(contact__in=contact_ids)
    found: dict[int, list[KnownParticipation]] = {}
    for row in rows.order_by("happened_at", "pk"):
        found.setdefault(row.contact_id, []).append(
            KnownParticipation(
                key=row.pk,
                number=numbers[row.event_id],
                kind=Kind(row.kind),
                at=row.happened_at,
                joined_at=row.joined_at,
                left_at=row.left_at,
                is_sent=row.tried_at is not None,
            )
        )
    return found


def _returned(webinar: Webinar, contact_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return when people who had cancelled last registered again."""
    lines = Activity.objects.filter(
        contact__in=contact_ids, webinar_key=webinar.key, kind=Activity.Kind.RETURNED
    )
    return dict(lines.order_by("happened_at").values_list("contact_id", "happened_at"))


def _apply(made: Plan, events: Sequence[MarketingEvent], now: dt.datetime) -> None:
    by_number = {event.number: event for event in events}
    Participation.objects.bulk_create(
        [
            Participation(
                event=by_number[item.number],
                contact_id=item.contact_id,
                kind=item.kind.value,
                happened_at=item.at,
                joined_at=item.joined_at,
                left_at=item.left_at,
            )
            for item in made.wanted
        ],
        ignore_conflicts=True,
        batch_size=_AT_ONCE,
    )
    rows = Participation.objects.all()
    for keys in batched(made.withdrawn, _AT_ONCE):
        rows.filter(pk__in=keys, tried_at__isnull=True).delete()
    for keys in batched(made.corrected, _AT_ONCE):
        rows.filter(pk__in=keys, corrected_at__isnull=True).update(corrected_at=now)
    for keys in batched(made.as_sent, _AT_ONCE):
        rows.filter(pk__in=keys, corrected_at__isnull=False).update(corrected_at=None)


def _withdraw_unregistered(
    events: Sequence[MarketingEvent], contact_ids: Collection[int], found: Collection[int]
) -> None:
    """Delete unsent rows of contacts without a registration."""
    gone = set(contact_ids) - set(found)
    Participation.objects.filter(
        event__in=[event.pk for event in events], contact__in=gone, tried_at__isnull=True
    ).delete()
