"""The paths of webhooks: secret keys, webhooks, subscriptions of the signed-in user."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import errors
from .api import V2
from .delivery import PRODUCT, VERSION, answers
from .lookup import user_of
from .options import parse_moment
from .records import SecretKey, Subscription, Webhook
from .shapes import iso
from .web import answer, goto_of, json_body, json_object

EVENTS = (
    "registrant.added",
    "registrant.joined",
    "webinar.created",
    "webinar.changed",
    "survey.submitted",
)
STATES = ("ACTIVE", "INACTIVE")


async def create_secret_key(request: Request) -> Response:
    """200 with a key, of which the newest signs."""
    goto = goto_of(request)
    body = await json_object(request)
    valid_from = parse_moment(body["validFrom"]) if body.get("validFrom") else goto.now()
    made = SecretKey(len(goto.account.secret_keys) + 1, secrets.token_hex(24), valid_from)
    goto.account.secret_keys.append(made)
    goto.revision += 1
    return answer({"id": made.id, "value": made.value, "validFrom": iso(made.valid_from)})


# -- webhooks ----------------------------------------------------------------------------------


async def create_webhooks(request: Request) -> Response:
    """200 with the webhooks, INACTIVE. Refuses (400) unknown events, and a callback URL that is not
    https or does not answer a GET with 200 [contract]."""
    goto = goto_of(request)
    asked = await _listed(request)
    for one in asked:
        if one.get("eventName") not in EVENTS or one.get("eventVersion") != VERSION:
            raise errors.bad_request(f"No such event: {one.get('eventName')}")
        if one.get("product") != PRODUCT:
            raise errors.bad_request("product is g2w")
    await _check({str(one.get("callbackUrl", "")) for one in asked})
    made = [
        Webhook(
            _key(),
            user_of(request).key,
            str(one["eventName"]),
            str(one["callbackUrl"]),
            goto.now(),
        )
        for one in asked
    ]
    goto.account.webhooks += made
    goto.revision += 1
    return answer({"_embedded": {"webhooks": [_webhook(one) for one in made]}})


async def get_webhooks(request: Request) -> Response:
    """200; `_embedded` is missing if there is none."""
    _product(request)
    account, mine = goto_of(request).account, user_of(request).key
    found = [_webhook(one) for one in account.webhooks if one.user_key == mine]
    return answer({"_embedded": {"webhooks": found}} if found else {})


async def get_webhook(request: Request) -> Response:
    """200 or 404."""
    return answer(_webhook(_find_webhook(request, request.path_params["webhook_key"])))


async def update_webhooks(request: Request) -> Response:
    """204; nothing is changed unless all can be."""
    asked = await _listed(request)
    found = [(one, _find_webhook(request, one.get("webhookKey"))) for one in asked]
    _states(one.get("state") for one in asked)
    await _check({str(one["callbackUrl"]) for one in asked if one.get("callbackUrl")})
    for one, webhook in found:
        webhook.callback_url = str(one.get("callbackUrl") or webhook.callback_url)
        webhook.state = one.get("state") or webhook.state
    goto_of(request).revision += 1
    return Response(status_code=204)


async def delete_webhooks(request: Request) -> Response:
    """202; deletes their subscriptions too."""
    keys = {_find_webhook(request, key).key for key in await _keys(request)}
    account = goto_of(request).account
    account.webhooks = [one for one in account.webhooks if one.key not in keys]
    account.subscriptions = [one for one in account.subscriptions if one.webhook_key not in keys]
    goto_of(request).revision += 1
    return Response(status_code=202)


# -- subscriptions -----------------------------------------------------------------------------


async def create_subscriptions(request: Request) -> Response:
    """200 with the subscriptions."""
    goto = goto_of(request)
    asked = await _listed(request)
    _states(one.get("userSubscriptionState") for one in asked)
    made = [
        Subscription(
            _key(),
            user_of(request).key,
            _find_webhook(request, one.get("webhookKey")).key,
            goto.now(),
            one.get("userSubscriptionState") or "INACTIVE",
        )
        for one in asked
    ]
    goto.account.subscriptions += made
    goto.revision += 1
    return answer({"_embedded": {"userSubscriptions": [_subscription(request, x) for x in made]}})


async def get_subscriptions(request: Request) -> Response:
    """200; `_embedded` is missing if there is none."""
    _product(request)
    account, mine = goto_of(request).account, user_of(request).key
    found = [_subscription(request, one) for one in account.subscriptions if one.user_key == mine]
    return answer({"_embedded": {"userSubscriptions": found}} if found else {})


async def update_subscriptions(request: Request) -> Response:
    """204."""
    asked = await _listed(request)
    found = [(one, _find_subscription(request, one.get("userSubscriptionKey"))) for one in asked]
    _states(one.get("userSubscriptionState") for one in asked)
    for one, subscription in found:
        subscription.state = one.get("userSubscriptionState") or subscription.state
    goto_of(request).revision += 1
    return Response(status_code=204)


async def delete_subscriptions(request: Request) -> Response:
    """202."""
    keys = {_find_subscription(request, key).key for key in await _keys(request)}
    account = goto_of(request).account
    account.subscriptions = [one for one in account.subscriptions if one.key not in keys]
    goto_of(request).revision += 1
    return Response(status_code=202)


# -- small parts -------------------------------------------------------------------------------


def _key() -> str:
    return secrets.token_hex(12)


def _webhook(one: Webhook) -> dict[str, Any]:
    return {
        "callbackUrl": one.callback_url,
        "eventName": one.event,
        "eventVersion": VERSION,
        "product": PRODUCT,
        "webhookKey": one.key,
        "state": one.state,
        "createTime": iso(one.created_at),
    }


def _subscription(request: Request, one: Subscription) -> dict[str, Any]:
    webhook = _find_webhook(request, one.webhook_key)
    both = one.state == webhook.state == "ACTIVE"
    return {
        "callbackUrl": webhook.callback_url,
        "eventName": webhook.event,
        "eventVersion": VERSION,
        "product": PRODUCT,
        "webhookKey": one.webhook_key,
        "userSubscriptionKey": one.key,
        "userSubscriptionState": one.state,
        "activationState": "ACTIVE" if both else "INACTIVE",
        "createTime": iso(one.created_at),
    }


def _find_webhook(request: Request, key: object) -> Webhook:
    for one in goto_of(request).account.webhooks:
        if one.key == key and one.user_key == user_of(request).key:
            return one
    raise errors.not_found(f"Webhook {key} does not exist")


def _find_subscription(request: Request, key: object) -> Subscription:
    for one in goto_of(request).account.subscriptions:
        if one.key == key and one.user_key == user_of(request).key:
            return one
    raise errors.not_found(f"User subscription {key} does not exist")


def _product(request: Request) -> None:
    if request.query_params.get("product") != PRODUCT:
        raise errors.bad_request("product is required: g2w")


def _states(states: Any) -> None:
    if any(state is not None and state not in STATES for state in states):
        raise errors.bad_request("A state is ACTIVE or INACTIVE")


async def _listed(request: Request) -> list[dict[str, Any]]:
    body = await json_body(request)
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body) or not body:
        raise errors.bad_request("The body is a list of objects")
    return body


async def _keys(request: Request) -> list[str]:
    body = await json_body(request)
    if not isinstance(body, list) or not all(isinstance(one, str) for one in body):
        raise errors.bad_request("The body is a list of keys")
    return body


async def _check(urls: set[str]) -> None:
    """Refuse a URL that GoTo could not reach: https only (http on this machine, for testing)."""
    for url in urls:
        if not _may_be_posted_to(url):
            raise errors.bad_request("callbackUrl must be a https url")
        if not await asyncio.to_thread(answers, url):
            raise errors.bad_request(f"callbackUrl did not return 200 OK for a GET request: {url}")


def _may_be_posted_to(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    return url.startswith("https://") or (url.startswith("http://") and loopback)


def routes() -> list[Route]:
    """Return every path about webhooks."""
    table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("POST", "/webhooks/secretkey", create_secret_key),
        ("POST", "/webhooks", create_webhooks),
        ("GET", "/webhooks", get_webhooks),
        ("PUT", "/webhooks", update_webhooks),
        ("DELETE", "/webhooks", delete_webhooks),
        ("GET", "/webhooks/{webhook_key}", get_webhook),
        ("POST", "/userSubscriptions", create_subscriptions),
        ("GET", "/userSubscriptions", get_subscriptions),
        ("PUT", "/userSubscriptions", update_subscriptions),
        ("DELETE", "/userSubscriptions", delete_subscriptions),
    ]
    return [Route(V2 + path, handler, methods=[method]) for method, path, handler in table]
