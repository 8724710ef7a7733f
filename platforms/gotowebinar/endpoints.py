"""Build requests. Pure functions that return a Call and send nothing."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from platforms.gotowebinar.field_names import goto_name
from platforms.gotowebinar.hosts import Hosts
from platforms.gotowebinar.webhook_events import PRODUCT, VERSION
from platforms.records import NewAnswer, NewRegistrant, Subscription

# GoTo's largest page (contract), for the fewest calls.
PAGE_SIZE = 200


class Call(msgspec.Struct, frozen=True):
    """One request. `template` is its path without keys, to count calls by kind."""

    method: str
    url: str
    template: str
    params: dict[str, str] = {}
    json: Any = None


class Calls:
    """The calls of one organizer."""

    def __init__(self, hosts: Hosts, organizer_key: str) -> None:
        self._hosts = hosts
        self._organizer = organizer_key

    def _call(
        self,
        method: str,
        template: str,
        *keys: str,
        params: dict[str, str] | None = None,
        json: Any = None,
    ) -> Call:
        path = template
        for key in (self._organizer, *keys):
            start, _, rest = path.partition("{")
            path = start + quote(key, safe="") + rest.partition("}")[2]
        return Call(method, self._hosts.g2w + path, template, params or {}, json)

    def webinars(self, start: dt.datetime, end: dt.datetime, page: int) -> Call:
        params = {"fromTime": _utc(start), "toTime": _utc(end)} | _page(page, "size")
        return self._call("GET", "/organizers/{o}/webinars", params=params)

    def webinar(self, webinar: str) -> Call:
        return self._call("GET", "/organizers/{o}/webinars/{w}", webinar)

    def registration_fields(self, webinar: str) -> Call:
        return self._call("GET", "/organizers/{o}/webinars/{w}/registrants/fields", webinar)

    def registrants(self, webinar: str, page: int) -> Call:
        path = "/organizers/{o}/webinars/{w}/registrants"
        return self._call("GET", path, webinar, params=_page(page, "limit"))

    def registrant(self, webinar: str, registrant: str) -> Call:
        path = "/organizers/{o}/webinars/{w}/registrants/{r}"
        return self._call("GET", path, webinar, registrant)

    def delete_registrant(self, webinar: str, registrant: str) -> Call:
        path = "/organizers/{o}/webinars/{w}/registrants/{r}"
        return self._call("DELETE", path, webinar, registrant)

    def create_registrant(self, webinar: str, person: NewRegistrant) -> Call:
        """Return the call that registers `person`, with every field (Accept: application/json)."""
        body: dict[str, Any] = {
            "firstName": person.first_name,
            "lastName": person.last_name,
            "email": person.email,
        }
        body |= {goto_name(name): text for name, text in person.properties.items() if text}
        if person.source:
            body["source"] = person.source
        if person.answers:
            body["responses"] = [_answer(item) for item in person.answers]
        path = "/organizers/{o}/webinars/{w}/registrants"
        return self._call("POST", path, webinar, json=body)

    def panelists(self, webinar: str) -> Call:
        return self._call("GET", "/organizers/{o}/webinars/{w}/panelists", webinar)

    def coorganizers(self, webinar: str) -> Call:
        return self._call("GET", "/organizers/{o}/webinars/{w}/coorganizers", webinar)

    def sessions(self, webinar: str, page: int) -> Call:
        path = "/organizers/{o}/webinars/{w}/sessions"
        return self._call("GET", path, webinar, params=_page(page, "size"))

    def session(self, webinar: str, session: str) -> Call:
        path = "/organizers/{o}/webinars/{w}/sessions/{s}"
        return self._call("GET", path, webinar, session)

    def organizer_sessions(self, start: dt.datetime, end: dt.datetime, page: int) -> Call:
        params = {"fromTime": _utc(start), "toTime": _utc(end)} | _page(page, "size")
        return self._call("GET", "/organizers/{o}/sessions", params=params)

    def attendees(self, webinar: str, page: int) -> Call:
        path = "/organizers/{o}/webinars/{w}/attendees"
        return self._call("GET", path, webinar, params=_page(page, "size"))

    def questions(self, webinar: str, session: str) -> Call:
        path = "/organizers/{o}/webinars/{w}/sessions/{s}/questions"
        return self._call("GET", path, webinar, session)

    def summaries(self, kind: str, webinar: str, session: str) -> Call:
        """Return the call for the questions of a session; `kind` is "polls" or "surveys"."""
        path = "/organizers/{o}/webinars/{w}/sessions/{s}/" + kind
        return self._call("GET", path, webinar, session)

    def answers(self, kind: str, webinar: str, session: str, registrant: str) -> Call:
        """Return the call for an attendee's answers; `kind` is "polls" or "surveys"."""
        path = "/organizers/{o}/webinars/{w}/sessions/{s}/attendees/{r}/" + kind
        return self._call("GET", path, webinar, session, registrant)


class WebhookCalls:
    """The calls for webhooks, which belong to the signed-in user."""

    def __init__(self, hosts: Hosts) -> None:
        self._base = hosts.g2w

    def _call(self, method: str, path: str, json: Any = None, *, listed: bool = False) -> Call:
        params = {"product": PRODUCT} if listed else {}
        return Call(method, self._base + path, path, params, json)

    def create_secret_key(self) -> Call:
        return self._call("POST", "/webhooks/secretkey", {})

    def webhooks(self) -> Call:
        return self._call("GET", "/webhooks", listed=True)

    def create_webhooks(self, callback_url: str, events: Sequence[str]) -> Call:
        body = [
            {
                "callbackUrl": callback_url,
                "eventName": event,
                "eventVersion": VERSION,
                "product": PRODUCT,
            }
            for event in events
        ]
        return self._call("POST", "/webhooks", body)

    def activate_webhooks(self, callback_url: str, keys: Sequence[str]) -> Call:
        body = [{"webhookKey": key, "callbackUrl": callback_url, "state": "ACTIVE"} for key in keys]
        return self._call("PUT", "/webhooks", body)

    def delete_webhooks(self, keys: Sequence[str]) -> Call:
        return self._call("DELETE", "/webhooks", list(keys))

    def subscriptions(self) -> Call:
        return self._call("GET", "/userSubscriptions", listed=True)

    def create_subscriptions(self, webhook_keys: Sequence[str]) -> Call:
        body = [{"webhookKey": key, "userSubscriptionState": "ACTIVE"} for key in webhook_keys]
        return self._call("POST", "/userSubscriptions", body)

    def activate_subscriptions(self, subscriptions: Sequence[Subscription]) -> Call:
        body = [
            {
                "webhookKey": item.webhook_key,
                "userSubscriptionKey": item.key,
                "userSubscriptionState": "ACTIVE",
            }
            for item in subscriptions
        ]
        return self._call("PUT", "/userSubscriptions", body)

    def delete_subscriptions(self, keys: Sequence[str]) -> Call:
        return self._call("DELETE", "/userSubscriptions", list(keys))


def _answer(item: NewAnswer) -> dict[str, Any]:
    answer = {"answerKey": int(item.choice_key)} if item.choice_key else {"responseText": item.text}
    return {"questionKey": int(item.question_key)} | answer


def _page(page: int, size: str) -> dict[str, str]:
    return {"page": str(page), size: str(PAGE_SIZE)}


def _utc(moment: dt.datetime) -> str:
    """Return `moment` in GoTo's format: 2020-03-13T10:00:00Z."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
