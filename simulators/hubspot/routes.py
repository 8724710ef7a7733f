"""The API's paths. Each has a v3 form and a 2026-09 form, which are one path here.

`neutral` removes the version from a path, so that both forms are answered by the same code, byte
for byte. Where HubSpot's older form is v1 or v4 (OAuth, opt-outs, associations), that one is
accepted too, and 2026-03 wherever 2026-09 is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from . import (
    account,
    associations,
    contacts,
    errors,
    events,
    forms,
    lists,
    notes,
    participation,
    schemas,
    search,
)
from .calls import Answer, Call, Handler
from .records import MarketingEvent

_DATED = r"2026-0[39]"
_FORMS = [
    (r"/crm/v3/(objects|properties|lists|associations)", r"/\1"),
    (r"/crm/v4/(objects(?=/[^/]+/[^/]+/associations)|associations)", r"/\1"),
    (rf"/crm/(objects|properties|lists|associations)/{_DATED}", r"/\1"),
    (r"/marketing/v3/(marketing-events|forms)", r"/\1"),
    (rf"/marketing/(marketing-events|forms)/(?:v3|{_DATED})", r"/\1"),
    (rf"/crm-object-schemas/(?:v3|{_DATED})", ""),
    (rf"/account-info/(?:v3|{_DATED})", "/account-info"),
    (rf"/oauth/(?:v1|v3|{_DATED})", "/oauth"),
    (rf"/communication-preferences/(?:v3|v4|{_DATED})", "/communication-preferences"),
    (r"/form-integrations/v1", "/form-integrations"),
    (r"/integrators/timeline/v3", "/timeline"),
]
_PATTERNS = [(re.compile(pattern + r"(?=/|$)"), put) for pattern, put in _FORMS]


def neutral(path: str) -> str | None:
    """Return a path without its version; None if it is no API path."""
    path = path.rstrip("/")
    for pattern, put in _PATTERNS:
        if match := pattern.match(path):
            return match.expand(put) + path[match.end() :]
    return None


@dataclass(frozen=True)
class Endpoint:
    """A path and method, its handler, and the required scopes."""

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...] = ()
    search: bool = False
    # OAuth's paths require no token.
    public: bool = False


CONTACTS_READ = ("crm.objects.contacts.read",)
CONTACTS_WRITE = ("crm.objects.contacts.write",)
SCHEMAS_READ, SCHEMAS_WRITE = ("crm.schemas.contacts.read",), ("crm.schemas.contacts.write",)
EVENTS_READ = ("crm.objects.marketing_events.read",)
EVENTS_WRITE = ("crm.objects.marketing_events.write",)
LISTS_READ, LISTS_WRITE = ("crm.lists.read",), ("crm.lists.read", "crm.lists.write")
FORMS, OAUTH = ("forms",), ("oauth",)
PREFERENCES = ("communication_preferences.read",)
PREFERENCES_IN_BATCHES = ("communication_preferences.statuses.batch.read",)

ByEvent = Callable[[Call, MarketingEvent], Answer]
ByState = Callable[[Call, MarketingEvent, str], Answer]


def _read(of: ByEvent) -> Handler:
    """Return the handler that reads a part of the path's event."""

    def handler(call: Call) -> Answer:
        by_external = "event_id" in call.path
        event = events.by_external_id(call) if by_external else events.by_object_id(call)
        return of(call, event)

    return handler


def _attend(by: ByState) -> Handler:
    """Return the handler that writes attendance; the state is validated first (seen)."""

    def handler(call: Call) -> Answer:
        state = participation.state_of(call)
        by_external = "event_id" in call.path
        event = events.by_external_id(call) if by_external else events.by_object_id(call)
        return by(call, event, state)

    return handler


def endpoints() -> list[Endpoint]:
    """Return every endpoint, longer paths before those that would also match."""
    return [
        *_objects(),
        *_marketing_events(),
        *_lists(),
        Endpoint("GET", "/forms", forms.listed, FORMS),
        Endpoint("GET", "/forms/{form_id}", forms.read, FORMS),
        Endpoint("GET", "/form-integrations/submissions/forms/{form_id}", forms.submissions, FORMS),
        Endpoint("GET", "/account-info/details", account.details, OAUTH),
        Endpoint(
            "GET",
            "/communication-preferences/statuses/{email}/unsubscribe-all",
            account.unsubscribed,
            PREFERENCES,
        ),
        Endpoint(
            "POST",
            "/communication-preferences/statuses/batch/unsubscribe-all/read",
            account.batch_unsubscribed,
            PREFERENCES_IN_BATCHES,
        ),
        Endpoint("POST", "/oauth/token", account.token, public=True),
        Endpoint("POST", "/oauth/token/introspect", account.introspect, public=True),
        Endpoint("POST", "/timeline/events", account.no_timeline_events),
    ]


def _objects() -> list[Endpoint]:
    found = []
    for base in ("/objects/contacts", "/objects/0-1"):
        one = base + "/{object_id}"
        found += [
            Endpoint("POST", base + "/batch/read", contacts.batch_read, CONTACTS_READ),
            Endpoint("POST", base + "/batch/create", contacts.batch_create, CONTACTS_WRITE),
            Endpoint("POST", base + "/batch/update", contacts.batch_update, CONTACTS_WRITE),
            Endpoint("POST", base + "/batch/upsert", contacts.batch_upsert, CONTACTS_WRITE),
            Endpoint("POST", base + "/batch/archive", contacts.batch_archive, CONTACTS_WRITE),
            Endpoint("POST", base + "/merge", contacts.merge, CONTACTS_WRITE),
            Endpoint("POST", base + "/gdpr-delete", contacts.privacy_delete, CONTACTS_WRITE),
            Endpoint("POST", base + "/search", search.search, CONTACTS_READ, search=True),
            Endpoint("GET", base, contacts.listed, CONTACTS_READ),
            Endpoint("POST", base, contacts.create, CONTACTS_WRITE),
            Endpoint("GET", one, contacts.read, CONTACTS_READ),
            Endpoint("PATCH", one, contacts.change, CONTACTS_WRITE),
            Endpoint("DELETE", one, contacts.archive, CONTACTS_WRITE),
        ]
    for base in ("/objects/notes", "/objects/0-46"):
        one = base + "/{object_id}"
        found += [
            Endpoint("POST", base + "/batch/read", notes.batch_read, CONTACTS_READ),
            Endpoint("POST", base + "/batch/create", notes.batch_create, CONTACTS_WRITE),
            Endpoint("GET", base, notes.listed, CONTACTS_READ),
            Endpoint("POST", base, notes.create, CONTACTS_WRITE),
            Endpoint("GET", one, notes.read, CONTACTS_READ),
            Endpoint("DELETE", one, notes.archive, CONTACTS_WRITE),
        ]
    of_object = "/objects/{object_type}/{object_id}/associations/{to_type}"
    of_many = "/associations/{object_type}/{to_type}/batch/read"
    for schema in ("/properties/contacts", "/properties/0-1"):
        found += [
            Endpoint("GET", schema, schemas.properties, SCHEMAS_READ),
            Endpoint("POST", schema, schemas.create_property, SCHEMAS_WRITE),
            Endpoint("GET", schema + "/{property_name}", schemas.one_property, SCHEMAS_READ),
        ]
    return [
        Endpoint("GET", "/schemas/{object_type}", schemas.schema, OAUTH),
        Endpoint("GET", of_object, associations.of_object, CONTACTS_READ),
        Endpoint("POST", of_many, associations.batch_read, CONTACTS_READ),
        *found,
    ]


def _marketing_events() -> list[Endpoint]:
    base = "/marketing-events"
    one = base + "/events/{event_id}"
    part = base + "/participations"
    found = [
        Endpoint("GET", base, events.listed, EVENTS_READ),
        Endpoint("POST", base + "/batch/update", events.batch_update, EVENTS_WRITE),
        Endpoint("POST", base + "/events", events.create, EVENTS_WRITE),
        Endpoint("POST", base + "/events/upsert", events.batch_upsert, EVENTS_WRITE),
        Endpoint("GET", base + "/events/search", events.search, EVENTS_READ),
        Endpoint("POST", one + "/complete", events.complete, EVENTS_WRITE),
        Endpoint("POST", one + "/cancel", events.cancel, EVENTS_WRITE),
        Endpoint("GET", one, events.read_external, EVENTS_READ),
        Endpoint("PUT", one, events.upsert, EVENTS_WRITE),
        Endpoint("PATCH", one, events.change_external, EVENTS_WRITE),
        Endpoint("DELETE", one, events.delete_external, EVENTS_WRITE),
        Endpoint(
            "GET",
            part + "/contacts/{identifier}/breakdown",
            participation.of_contact,
            EVENTS_READ,
        ),
    ]
    for where in ("/{marketing_event_id}", "/{account_id}/{event_id}"):
        found += [
            Endpoint(
                "GET", part + where + "/breakdown", _read(participation.breakdown), EVENTS_READ
            ),
            Endpoint("GET", part + where, _read(participation.counted), EVENTS_READ),
        ]
        on = base + "/associations" + where + "/lists"
        found += [
            # Reading them requires the scope to write (published so).
            Endpoint("GET", on, events.associated, EVENTS_WRITE),
            Endpoint("PUT", on + "/{list_id}", events.associate, EVENTS_WRITE),
            Endpoint("DELETE", on + "/{list_id}", events.dissociate, EVENTS_WRITE),
        ]
    for where in ("/attendance/{event_id}", "/{object_id}/attendance"):
        at = base + where + "/{state}"
        by_id, by_email = participation.attend_by_id, participation.attend_by_email
        found += [
            Endpoint("POST", at + "/create", _attend(by_id), EVENTS_WRITE),
            Endpoint("POST", at + "/email-create", _attend(by_email), EVENTS_WRITE),
        ]
    own = base + "/{object_id}"
    return [
        *found,
        Endpoint("GET", base + "/{event_id}/identifiers", events.identifiers, EVENTS_READ),
        Endpoint("GET", base + "/{app_id}/settings", account.developers_only),
        Endpoint("POST", base + "/{app_id}/settings", account.developers_only),
        Endpoint("GET", own, events.read, EVENTS_READ),
        Endpoint("PATCH", own, events.change, EVENTS_WRITE),
        Endpoint("DELETE", own, events.delete, EVENTS_WRITE),
    ]


def _lists() -> list[Endpoint]:
    one = "/lists/{list_id}"
    members = one + "/memberships"
    by_name = "/lists/object-type-id/{object_type_id}/name/{list_name}"
    return [
        Endpoint("GET", by_name, lists.by_name, LISTS_READ),
        Endpoint("POST", "/lists/search", lists.search, LISTS_READ),
        Endpoint("GET", "/lists", lists.listed, LISTS_READ),
        Endpoint("POST", "/lists", lists.create, LISTS_WRITE),
        Endpoint("PUT", members + "/add", lists.add, LISTS_WRITE),
        Endpoint("PUT", members + "/remove", lists.remove, LISTS_WRITE),
        Endpoint("PUT", members + "/add-and-remove", lists.add_and_remove, LISTS_WRITE),
        Endpoint("GET", members, lists.members, LISTS_READ),
        Endpoint("PUT", one + "/update-list-name", lists.rename, LISTS_WRITE),
        Endpoint("GET", one, lists.read, LISTS_READ),
        Endpoint("DELETE", one, lists.delete, LISTS_WRITE),
    ]


class Router:
    """Finds the endpoint of a call."""

    def __init__(self) -> None:
        # By the number of a path's parts; parameters are in braces.
        self._by_length: dict[int, list[tuple[list[str], Endpoint]]] = {}
        for endpoint in endpoints():
            parts = endpoint.path.split("/")
            self._by_length.setdefault(len(parts), []).append((parts, endpoint))

    def find(self, method: str, raw_path: str) -> tuple[Endpoint, dict[str, str]]:
        """Return the endpoint and the path's parameters. Raises Refusal (404, 405)."""
        path = neutral(raw_path)
        if path is None:
            raise errors.not_found()
        given = path.split("/")
        elsewhere = False
        for parts, endpoint in self._by_length.get(len(given), []):
            parameters = _match(parts, given)
            if parameters is None:
                continue
            if endpoint.method == method:
                return endpoint, parameters
            elsewhere = True
        if elsewhere:
            message = "HTTP 405 Method Not Allowed"
            raise errors.Refusal(405, errors.error_body("METHOD_NOT_ALLOWED", message))
        raise errors.not_found()


def _match(parts: list[str], given: list[str]) -> dict[str, str] | None:
    found = {}
    for part, text in zip(parts, given, strict=True):
        if part.startswith("{"):
            if not text:
                return None
            found[part[1:-1]] = unquote(text)
        elif part != text:
            return None
    return found
