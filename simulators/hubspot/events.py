"""Marketing events: written by external id or object id, completed, cancelled, found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from . import errors
from .calls import NO_CONTENT, Answer, Call, failure
from .clock import iso, parse_iso
from .errors import Shape, invalid
from .participation import activity_counts
from .records import MarketingEvent, record_id

TEXTS = ("eventName", "eventOrganizer", "eventType", "eventUrl", "eventDescription")
TIMES = ("startDateTime", "endDateTime")
REQUIRED = ("externalAccountId", "externalEventId", "eventName", "eventOrganizer")
FLAGS = ("eventCancelled", "eventCompleted")
MOST_BATCH = 100


def plain_shape(event: MarketingEvent) -> Shape:
    """Return the common part of answers about an event, and those to complete, cancel and create
    it."""
    shown = {
        name: iso(value) if name in TIMES and isinstance(value, int) else value
        for name, value in event.fields.items()
    }
    return {
        "objectId": str(event.id),
        **shown,
        "customProperties": [
            {"name": name, "value": value} for name, value in event.custom.items()
        ],
    }


def shape(event: MarketingEvent) -> Shape:
    """Return an event as paths by object id show it."""
    times = {"createdAt": iso(event.created_at), "updatedAt": iso(event.updated_at)}
    return {**plain_shape(event), **times}


def external_shape(event: MarketingEvent) -> Shape:
    """Return an event as paths by external id show it, with its id twice."""
    return {"id": str(event.id), **shape(event)}


def read_shape(call: Call, event: MarketingEvent) -> Shape:
    """Return an event as it is read by object id, with the number of participants."""
    return {
        **shape(event),
        "externalEventId": event.external_event_id,
        "appInfo": _app_info(event),
        "eventStatus": _status(call, event),
        **activity_counts(call.portal, event),
    }


def _app_info(event: MarketingEvent) -> Shape:
    return {"id": str(event.app_id), "name": event.app_name}


def _status(call: Call, event: MarketingEvent) -> str:
    start, end = (event.fields.get(name) for name in TIMES)
    if event.fields.get("eventCancelled"):
        return "CANCELLED"
    if event.fields.get("eventCompleted") or (isinstance(end, int) and end < call.now()):
        return "PAST"
    return "ONGOING" if isinstance(start, int) and start <= call.now() else "UPCOMING"


def by_object_id(call: Call) -> MarketingEvent:
    """Return the event with the object id of the path. Raises Refusal (400, 404)."""
    event = call.portal.events.get(call.number())
    if event is None:
        raise errors.not_found()
    return event


def by_external_id(call: Call) -> MarketingEvent:
    """Return the event with the external ids, of the calling app (documented).

    Raises Refusal: 400 without externalAccountId (seen), 404 for another app's event.
    """
    account = call.path.get("account_id") or call.query.get("externalAccountId")
    if not account:
        raise invalid("externalAccountId is required")
    event = _external(call, account, call.path["event_id"])
    if event is None:
        raise errors.not_found()
    return event


def _external(call: Call, account: str, event_id: str) -> MarketingEvent | None:
    wanted = (call.credential.app_id, account, event_id)
    for event in call.portal.events.values():
        if (event.app_id, event.external_account_id, event.external_event_id) == wanted:
            return event
    return None


def _values(call: Call, body: Mapping[str, Any]) -> tuple[dict[str, object], dict[str, str]]:
    """Return the fields and custom properties of a body. Raises Refusal (400)."""
    fields: dict[str, object] = {}
    for name in TEXTS:
        if body.get(name) is not None:
            fields[name] = str(body[name])
    for name in TIMES:
        if body.get(name) is not None:
            fields[name] = _moment(name, body[name])
    for name in FLAGS:
        if body.get(name) is not None:
            fields[name] = bool(body[name])
    custom = {}
    for pair in body.get("customProperties") or []:
        # The published shape of twenty fields breaks calls (seen).
        if not isinstance(pair, dict) or set(pair) - {"name", "value"}:
            raise invalid("Invalid input JSON: customProperties are pairs of name and value")
        # An unknown property is silently dropped (documented).
        if pair.get("name") in call.portal.event_properties:
            custom[str(pair["name"])] = str(pair.get("value"))
    return fields, custom


def _moment(name: str, value: object) -> int:
    try:
        return parse_iso(value)
    except ValueError as error:
        raise invalid(f"{name} is no ISO 8601 time") from error


def _require(body: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise Refusal (400) for missing values."""
    if missing := [name for name in names if not body.get(name)]:
        raise invalid(f"Some required fields were not set: [{', '.join(missing)}]")


def _create(call: Call, body: Mapping[str, Any], event_id: str | None = None) -> MarketingEvent:
    given = {**body, **({"externalEventId": event_id} if event_id is not None else {})}
    _require(given, REQUIRED)
    fields, custom = _values(call, given)
    now = call.portal.changed()
    event = MarketingEvent(
        id=call.portal.next_id(),
        app_id=call.credential.app_id,
        external_account_id=str(given["externalAccountId"]),
        external_event_id=str(given["externalEventId"]),
        created_at=now,
        updated_at=now,
        fields={"eventCancelled": False, "eventCompleted": False, **fields},
        custom=custom,
    )
    call.portal.events[event.id] = event
    return event


def _change(call: Call, event: MarketingEvent, body: Mapping[str, Any]) -> MarketingEvent:
    fields, custom = _values(call, body)
    event.fields |= fields
    event.custom |= custom
    event.updated_at = call.portal.changed()
    return event


def create(call: Call) -> Answer:
    """POST an event; one with the same external ids is a conflict."""
    body = call.json()
    _require(body, REQUIRED)
    ids = str(body["externalAccountId"]), str(body["externalEventId"])
    if _external(call, *ids) is not None:
        message = f"Marketing event {ids[1]} already exists"
        raise errors.Refusal(409, errors.error_body("CONFLICT", message))
    return Answer(200, plain_shape(_create(call, body)))


def upsert(call: Call) -> Answer:
    """PUT an event by its external id."""
    return Answer(200, external_shape(_upserted(call, call.json(), call.path["event_id"])))


def _upserted(call: Call, body: Mapping[str, Any], event_id: str) -> MarketingEvent:
    event = _external(call, str(body.get("externalAccountId", "")), event_id)
    return _create(call, body, event_id) if event is None else _change(call, event, body)


def batch_upsert(call: Call) -> Answer:
    """POST a batch of events."""
    events = [_upserted(call, each, str(each.get("externalEventId", ""))) for each in call.inputs()]
    return call.batch([external_shape(event) for event in events])


def batch_update(call: Call) -> Answer:
    """POST batch/update by object id."""
    found, missing = [], []
    for each in call.inputs():
        identifier = str(each.get("objectId", ""))
        event = call.portal.events.get(record_id(identifier) or 0)
        if event is None:
            missing.append(identifier)
        else:
            found.append(_change(call, event, each))
    failures = [failure(errors.not_found(), ids=missing)] if missing else None
    return call.batch([shape(event) for event in found], failures)


def listed(call: Call) -> Answer:
    """GET all events, regardless of the app."""
    page, paging = call.page(list(call.portal.events.values()), 10, MOST_BATCH)
    return Answer(200, {"results": [read_shape(call, event) for event in page], **paging})


def read(call: Call) -> Answer:
    """GET an event by object id."""
    return Answer(200, read_shape(call, by_object_id(call)))


def read_external(call: Call) -> Answer:
    """GET an event by external ids."""
    event = by_external_id(call)
    further = {"externalEventId": event.external_event_id, **activity_counts(call.portal, event)}
    return Answer(200, external_shape(event) | further)


def change(call: Call) -> Answer:
    """PATCH an event by object id."""
    return Answer(200, shape(_change(call, by_object_id(call), call.json())))


def change_external(call: Call) -> Answer:
    """PATCH an event by external ids."""
    return Answer(200, external_shape(_change(call, by_external_id(call), call.json())))


def delete(call: Call) -> Answer:
    """DELETE an event by object id."""
    del call.portal.events[by_object_id(call).id]
    call.portal.changed()
    return NO_CONTENT


def delete_external(call: Call) -> Answer:
    """DELETE an event by external ids."""
    del call.portal.events[by_external_id(call).id]
    call.portal.changed()
    return NO_CONTENT


def complete(call: Call) -> Answer:
    """POST complete; both times are required. From then on there are no-shows."""
    event, body = by_external_id(call), call.json()
    _require(body, TIMES)
    times = {name: body[name] for name in TIMES}
    return Answer(200, plain_shape(_change(call, event, {**times, "eventCompleted": True})))


def cancel(call: Call) -> Answer:
    """POST cancel."""
    event = _change(call, by_external_id(call), {"eventCancelled": True})
    return Answer(200, plain_shape(event))


def search(call: Call) -> Answer:
    """GET the app's events whose external id begins with `q`."""
    text = call.query.get("q", "")
    rows = [
        {
            "appId": event.app_id,
            "externalAccountId": event.external_account_id,
            "externalEventId": event.external_event_id,
            "objectId": str(event.id),
        }
        for event in call.portal.events.values()
        if event.app_id == call.credential.app_id and event.external_event_id.startswith(text)
    ]
    return Answer(200, {"results": rows})


def identifiers(call: Call) -> Answer:
    """GET the events with an external id, of any app; a new one is found minutes later."""
    latest = call.portal.readable_until(call.portal.lags.identifiers)
    rows = [
        {
            "objectId": str(event.id),
            "externalAccountId": event.external_account_id,
            "externalEventId": event.external_event_id,
            "appInfo": _app_info(event),
            "marketingEventName": event.fields["eventName"],
        }
        for event in call.portal.events.values()
        if event.external_event_id == call.path["event_id"] and event.created_at <= latest
    ]
    return Answer(200, {"results": rows, "total": len(rows)})


# -- lists shown on an event's page ----------------------------------------------------------------


def associate(call: Call) -> Answer:
    """PUT a list on an event."""
    event, list_id = _with_list(call)
    if list_id not in event.list_ids:
        event.list_ids.append(list_id)
        call.portal.changed()
    return NO_CONTENT


def dissociate(call: Call) -> Answer:
    """DELETE a list from an event."""
    event, list_id = _with_list(call)
    if list_id in event.list_ids:
        event.list_ids.remove(list_id)
        call.portal.changed()
    return NO_CONTENT


def associated(call: Call) -> Answer:
    """GET the lists on an event."""
    lists = [call.portal.lists[each] for each in _event(call).list_ids if each in call.portal.lists]
    rows = [
        {
            "listId": str(each.id),
            "name": each.name,
            "objectTypeId": "0-1",
            "processingType": each.processing_type,
            "processingStatus": "COMPLETE",
            "listVersion": 1,
            "size": len(each.members),
        }
        for each in lists
    ]
    return Answer(200, {"results": rows, "total": len(rows)})


def _event(call: Call) -> MarketingEvent:
    return by_external_id(call) if "event_id" in call.path else by_object_id(call)


def _with_list(call: Call) -> tuple[MarketingEvent, int]:
    event, list_id = _event(call), record_id(call.path["list_id"])
    if list_id is None or list_id not in call.portal.lists:
        raise errors.not_found(f"List does not exist with ID {call.path['list_id']}.")
    return event, list_id
