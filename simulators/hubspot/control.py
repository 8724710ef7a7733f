"""The control paths under ``/_simulator``: change the portal, inject faults and query it.

Control calls need no token and are neither counted, limited nor delayed. Each POST takes a JSON
object; invalid calls answer 400 ``{"error"}``. Those that change the portal are functions in
changes.py, those that concern the server are methods here; each documents its parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .changes import CHANGES
from .clock import iso, parse_iso
from .errors import Refusal
from .faults import read_fault
from .gate import CONTROL, Gate
from .options import Options
from .seed import fill
from .truth import truth
from .webhooks import Webhooks

Body = Mapping[str, Any]


class Control:
    """The control paths of one server."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.gate: Gate
        self.webhooks: Webhooks
        self._own: dict[str, Callable[[Body], object]] = {
            "reset": self.reset,
            "fail": self.fail,
            "fail/clear": self.clear_faults,
            "calls/reset": self.reset_calls,
            "rate-limit": self.set_rate_limit,
            "latency": self.set_latency,
            "clock": self.set_clock,
            "lag": self.set_lag,
            "settle": self.settle,
            "revoke": self.revoke,
            "rotate": self.rotate,
            "credential": self.create_credential,
            "scopes": self.set_scopes,
            "batch-conflicts": self.set_batch_conflicts,
            "error-codes": self.set_error_codes,
            "merged-ids": self.set_merged_ids,
            "webhooks": self.set_webhooks,
        }

    def routes(self) -> list[Route]:
        """Return every control path."""
        return [
            Route(CONTROL + "/calls", self._calls, methods=["GET"]),
            Route(CONTROL + "/truth", self._truth, methods=["GET"]),
            Route(CONTROL + "/webhooks/flush", self._flush, methods=["POST"]),
            Route(CONTROL + "/{path:path}", self._post, methods=["POST"]),
        ]

    async def _calls(self, request: Request) -> Response:
        """Return every call since the start or the last reset; the status of a dropped one is
        null."""
        return _answer(self.gate.calls)

    async def _truth(self, request: Request) -> Response:
        return _answer(truth(self.gate.portal))

    async def _flush(self, request: Request) -> Response:
        """Answer when all due events have been posted."""
        await self.webhooks.post_due()
        return _answer(self.webhooks.summary())

    async def _post(self, request: Request) -> Response:
        path = request.path_params["path"]
        try:
            body = json.loads(await request.body() or b"{}")
            if not isinstance(body, dict):
                raise ValueError("the body is no JSON object")
            if path in self._own:
                return _answer(self._own[path](body))
            if path in CHANGES:
                return _answer(CHANGES[path](self.gate.portal, body))
            raise ValueError(f"no such control path: {path}")
        except Refusal as refusal:
            return _answer({"error": refusal.body}, 400)
        except (KeyError, TypeError, ValueError) as error:
            return _answer({"error": f"{type(error).__name__}: {error}"}, 400)

    def restart(self, options: Options) -> None:
        """Replace the portal with the one of `options`."""
        gate = self.gate
        gate.portal.clock.reset()
        gate.portal.reset(options.seed, options.region, options.lag)
        fill(gate.portal, options.seed, options.contacts)
        gate.tokens.reset(options.seed, options.region)
        gate.limits.reset(options.rate_limit, gate.portal.time_zone)
        self.webhooks.reset()
        gate.reset(options)

    def reset(self, body: Body) -> object:
        """``{"contacts"?, "seed"?, "rate_limit"?, "latency_ms"?, "lag"?, "region"?}``: behave as
        if just started with these options; those left out are the ones it was started with."""
        self.restart(self.options.reset_to(body))
        return {"access_token": self.gate.tokens.first_token, "portal_id": self.gate.portal.id}

    def fail(self, body: Body) -> object:
        """``{"next"?, "status" | "drop" | "after_effect", "body"?, "path"?, "method"?,
        "retry_after"?}``: let the next matching calls fail; see `faults.Fault`."""
        self.gate.faults.waiting.append(read_fault(body))
        return {"waiting": len(self.gate.faults.waiting)}

    def clear_faults(self, body: Body) -> object:
        """Delete all pending faults."""
        self.gate.faults.waiting.clear()
        return {"waiting": 0}

    def reset_calls(self, body: Body) -> object:
        """Clear the list of calls."""
        self.gate.calls.clear()
        return {"calls": 0}

    def set_rate_limit(self, body: Body) -> object:
        """``{"limit"?, "daily"?, "search"?, "retry_after"?}``: calls in 10 seconds of each app, in
        a day of all, searches in a second; 0 for no limit. ``retry_after`` is a header of 429."""
        limits = self.gate.limits
        limits.most = int(body.get("limit", limits.most))
        limits.a_day = int(body.get("daily", limits.a_day))
        limits.searches = int(body.get("search", limits.searches))
        limits.retry_after = str(body.get("retry_after", limits.retry_after))
        return limits.summary()

    def set_latency(self, body: Body) -> object:
        """``{"ms"}``: the delay of each answer."""
        self.gate.latency = float(body["ms"]) / 1000
        return {"ms": body["ms"]}

    def set_clock(self, body: Body) -> object:
        """``{"seconds"?, "stopped"?, "at"?}``: move the clock forward; stop or resume it; stop it
        at an ISO time."""
        clock = self.gate.portal.clock
        if "at" in body:
            clock.stop(parse_iso(body["at"]) / 1000)
        elif body.get("stopped") is True:
            clock.stop()
        elif body.get("stopped") is False:
            clock.go_on()
        clock.move(float(body.get("seconds", 0)))
        return {"now": iso(clock.now())}

    def set_lag(self, body: Body) -> object:
        """``{"participation"?, "search"?, "identifiers"?}``: seconds until written data is readable
        there."""
        lags = self.gate.portal.lags
        for name in ("participation", "search", "identifiers"):
            setattr(lags, name, float(body.get(name, getattr(lags, name))))
        return vars(lags)

    def settle(self, body: Body) -> object:
        """Make everything written so far readable, without moving the clock."""
        self.gate.portal.settled_at = self.gate.portal.clock.now()
        return {"settled": True}

    def revoke(self, body: Body) -> object:
        """Refuse every current token, or with ``{"on": false}`` accept them again."""
        on = bool(body.get("on", True))
        return {"revoked": on, "tokens": self.gate.tokens.revoke(on)}

    def rotate(self, body: Body) -> object:
        """``{"grace_days"?}``: rotate the key's token; the former one stays valid for that long."""
        return {"access_token": self.gate.tokens.rotate(float(body.get("grace_days", 0)))}

    def create_credential(self, body: Body) -> object:
        """``{"kind"?}``: create a credential, a ``service-key``, ``static-app`` or ``private-app``,
        with its own app id."""
        token, made = self.gate.tokens.create(str(body.get("kind", "service-key")))
        return {"access_token": token, "app_id": made.app_id, "kind": made.kind}

    def set_scopes(self, body: Body) -> object:
        """``{"missing"?: […], "short"?, "key"?}``: the scopes that the first key lacks, and how
        errors report it."""
        tokens = self.gate.tokens
        tokens.short_scopes = bool(body.get("short", False))
        tokens.scopes_key = str(body.get("key", "requiredScopes"))
        tokens.set_missing([str(each) for each in body.get("missing", [])])
        return {"granted": sorted(tokens.first.scopes)}

    def set_batch_conflicts(self, body: Body) -> object:
        """``{"by_row"}``: whether a batch with trace ids reports an existing contact by row, or
        fails as a whole; HubSpot's behaviour is not known."""
        self.gate.portal.conflicts_by_row = bool(body["by_row"])
        return {"by_row": self.gate.portal.conflicts_by_row}

    def set_error_codes(self, body: Body) -> object:
        """``{"on"}``: whether errors of values have individual codes, as in newer APIs."""
        self.gate.portal.error_codes = bool(body["on"])
        return {"on": self.gate.portal.error_codes}

    def set_merged_ids(self, body: Body) -> object:
        """``{"lead_on"}``: whether the id of a merged contact is answered with the survivor, or is
        not found; HubSpot's behaviour is not known."""
        self.gate.portal.merged_ids_lead_on = bool(body["lead_on"])
        self.gate.portal.changed()
        return {"lead_on": self.gate.portal.merged_ids_lead_on}

    def set_webhooks(self, body: Body) -> object:
        """``{"url"}``: the address of the OAuth app, to which events about contacts are posted;
        empty for none. Service keys have no webhooks."""
        self.webhooks.url = str(body["url"])
        return self.webhooks.summary()


def _answer(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
