"""Who took part in a marketing event: written as activities, read as each contact's current
state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from . import errors
from .calls import Answer, Call, failure
from .clock import iso, parse_iso
from .errors import Shape, invalid
from .portal import Portal
from .records import (
    ATTENDED,
    CANCELLED,
    NO_SHOW,
    REGISTERED,
    Activity,
    Contact,
    MarketingEvent,
)


class Participant(NamedTuple):
    """A contact's current state at an event, and the activity that determines it."""

    event: MarketingEvent
    contact: Contact
    state: str
    activity: Activity


STATES = {"register": REGISTERED, "attend": ATTENDED, "cancel": CANCELLED}


def written(
    portal: Portal, event: MarketingEvent, contact: Contact | None = None
) -> list[Activity]:
    """Return what was written, of a contact or of all, and is readable by now (seen)."""
    latest = portal.readable_until(portal.lags.participation)
    activities = event.activities if contact is None else event.of_contact(contact.id)
    return [one for one in activities if one.written_at <= latest]


def present(
    event: MarketingEvent, activities: Iterable[Activity]
) -> dict[int, tuple[str, Activity]]:
    """Return each contact's current state and the activity that determines it.

    Attended wins; otherwise the last activity counts. Those who only registered are no-shows once
    the event is completed.
    """
    latest: dict[int, Activity] = {}
    for one in activities:
        before = latest.get(one.contact_id)
        if before is None or _rank(one) >= _rank(before):
            latest[one.contact_id] = one
    over = bool(event.fields.get("eventCompleted"))
    return {
        contact_id: (NO_SHOW if over and one.state == REGISTERED else one.state, one)
        for contact_id, one in latest.items()
    }


def _rank(one: Activity) -> tuple[bool, int]:
    return one.state == ATTENDED, one.occurred_at


def counters(portal: Portal, event: MarketingEvent) -> dict[str, int]:
    """Return how many participants are in each state now (documented: not every activity)."""
    states = Counter(state for state, _ in present(event, written(portal, event)).values())
    return {
        "registered": states[REGISTERED],
        "attended": states[ATTENDED],
        "cancelled": states[CANCELLED],
        "noShows": states[NO_SHOW],
    }


def activity_counts(portal: Portal, event: MarketingEvent) -> dict[str, int]:
    """Return how many activities of each kind there are, as HubSpot's pages count (documented)."""
    activities = written(portal, event)
    kinds = Counter(one.state for one in activities)
    states = Counter(state for state, _ in present(event, activities).values())
    return {
        "registrants": kinds[REGISTERED],
        "attendees": kinds[ATTENDED],
        "cancellations": kinds[CANCELLED],
        "noShows": states[NO_SHOW],
    }


# -- writing ---------------------------------------------------------------------------------------


def state_of(call: Call) -> str:
    """Return the state of the path. Raises Refusal (400, seen)."""
    word = call.path["state"]
    if word not in STATES:
        raise invalid(f"Unknown state for '{word}'. Correct are 'register', 'attend' or 'cancel'.")
    return STATES[word]


def attend_by_id(call: Call, event: MarketingEvent, state: str) -> Answer:
    """POST …/create: contacts by id; unknown ones are in the answer's errors."""
    results: list[Shape] = []
    missing: list[str] = []
    rows = [(each, _times(each, state)) for each in call.inputs()]
    for each, times in rows:
        vid = each.get("vid")
        if not isinstance(vid, int) or isinstance(vid, bool):
            raise invalid("Some required fields were not set: [vid]")
        contact = call.portal.contact(vid)
        if contact is None:
            missing.append(str(vid))
        else:
            _write(call, event, contact, state, times)
            results.append({"vid": contact.id})
    return _answer(call, results, missing)


def attend_by_email(call: Call, event: MarketingEvent, state: str) -> Answer:
    """POST …/email-create: creates unknown contacts, and changes no existing one."""
    results: list[Shape] = []
    rows = [(each, _times(each, state)) for each in call.inputs()]
    for each, times in rows:
        email = str(each.get("email") or "")
        contact = call.portal.contact_by_email(email)
        if contact is None:
            given = each.get("contactProperties") or {}
            values = call.portal.check({**given, "email": email}, new=True, rules=False)
            contact = call.portal.create(values)
        _write(call, event, contact, state, times)
        results.append({"vid": contact.id, "email": email})
    return _answer(call, results, [])


def _answer(call: Call, results: list[Shape], missing: list[str]) -> Answer:
    """Return 201, as was seen, even if only some were accepted."""
    failures = None
    if missing:
        failures = [failure(errors.not_found("Could not find some contacts"), ids=missing)]
    return Answer(201, call.batch(results, failures).body)


def _times(row: Mapping[str, Any], state: str) -> tuple[int, int | None, int | None]:
    """Return when it happened, and from and until when they attended. Raises Refusal (400)."""
    occurred = row.get("interactionDateTime")
    if not isinstance(occurred, int) or isinstance(occurred, bool):
        raise invalid("Some required fields were not set: [interactionDateTime]")
    given = row.get("properties") or {}
    if state != ATTENDED:
        return occurred, None, None
    joined, left = (_moment(given, name) for name in ("joinedAt", "leftAt"))
    return occurred, joined, left


def _moment(given: Mapping[str, Any], name: str) -> int | None:
    if not given.get(name):
        return None
    try:
        return parse_iso(given[name])
    except ValueError as error:
        raise invalid(f"{name} is no ISO 8601 time") from error


def _write(
    call: Call,
    event: MarketingEvent,
    contact: Contact,
    state: str,
    times: tuple[int, int | None, int | None],
) -> None:
    """Write an activity, once for the same contact, state and time (documented)."""
    occurred, joined, left = times
    if event.has(contact.id, state, occurred):
        return
    portal = call.portal
    now = portal.changed()
    event.add(Activity(portal.next_id(), event.id, contact.id, state, occurred, now, joined, left))


# -- reading ---------------------------------------------------------------------------------------


def counted(call: Call, event: MarketingEvent) -> Answer:
    """GET how many are in each state."""
    return Answer(200, counters(call.portal, event))


def breakdown(call: Call, event: MarketingEvent) -> Answer:
    """GET the participants of an event."""
    identifier = call.query.get("contactIdentifier")
    contact = call.portal.find(identifier) if identifier else None
    if identifier and contact is None:
        return _page(call, [])
    return _page(call, _participants(call, event, contact))


def of_contact(call: Call) -> Answer:
    """GET the participations of one contact."""
    contact = call.portal.find(call.path["identifier"])
    if contact is None:
        raise errors.not_found()
    found: list[Participant] = []
    for event in call.portal.events.values():
        found += _participants(call, event, contact)
    return _page(call, found)


def _participants(call: Call, event: MarketingEvent, wanted: Contact | None) -> list[Participant]:
    """Return who is in the requested state: all of them, or one contact."""
    state = call.query.get("state")
    if wanted is not None:
        return _in_state(call.portal, event, written(call.portal, event, wanted), state)
    # Cached, so that reading page after page does not compute the same list again.
    portal, key = call.portal, (event.id, state or "")
    latest = portal.readable_until(portal.lags.participation)
    is_settled = event.written_until <= latest
    known = portal.participants.get(key)
    if known is not None and is_settled and known[0] == portal.changes:
        return list(known[1])
    found = _in_state(portal, event, written(portal, event), state)
    if is_settled:
        portal.participants[key] = portal.changes, found
    return found


def _in_state(
    portal: Portal, event: MarketingEvent, activities: Iterable[Activity], state: str | None
) -> list[Participant]:
    return [
        Participant(event, contact, now, one)
        for contact_id, (now, one) in present(event, activities).items()
        if state in (None, "", now) and (contact := portal.contact(contact_id)) is not None
    ]


def _row(participant: Participant) -> Shape:
    event, contact, state, one = participant
    properties: Shape = {"attendanceState": state, "occurredAt": one.occurred_at}
    if one.seconds is not None:
        properties["attendanceDurationSeconds"] = one.seconds
        if (length := _length(event)) > 0:
            share = min(100.0, one.seconds * 100 / length)
            properties["attendancePercentage"] = f"{share:.1f}"
    person = {
        "contactId": str(contact.id),
        "email": contact.email,
        "firstname": contact.properties.get("firstname"),
        "lastname": contact.properties.get("lastname"),
    }
    return {
        "id": str(one.id),
        "createdAt": iso(one.written_at),
        "properties": properties,
        "associations": {
            "contact": {name: value for name, value in person.items() if value is not None},
            "marketingEvent": {
                "marketingEventId": str(event.id),
                "name": event.fields["eventName"],
                "externalAccountId": event.external_account_id,
                "externalEventId": event.external_event_id,
            },
        },
    }


def _length(event: MarketingEvent) -> int:
    start, end = event.fields.get("startDateTime"), event.fields.get("endDateTime")
    return (end - start) // 1000 if isinstance(start, int) and isinstance(end, int) else 0


def _page(call: Call, found: list[Participant]) -> Answer:
    page, paging = call.page(found, 10, 100)
    rows = [_row(participant) for participant in page]
    return Answer(200, {"total": len(found), "results": rows, **paging})
