"""The control paths under ``/_simulator``: inject faults, change the simulator and query it.

Control calls need no token and are neither counted, limited nor delayed. Each POST takes a JSON
object; a webinar is named by ``webinar`` (its key or label), a person by ``registrantKey`` or
``email``. Invalid calls answer 400 ``{"error"}``.

Those that concern the server are methods of `Control`; those that change the account are functions
that document their parameters, in changes.py (webinars, registrants, sessions),
attendance_changes.py (delayed reports, corrections, walk-ins), registrant_changes.py (late
registrants, details), speaker_changes.py (panelists, co-organizers) and odd_rows.py (odd rows in
lists).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .attendance_changes import ATTENDANCE_CHANGES
from .authorization import Codes
from .changes import CHANGES, find_room
from .delivery import Delivery
from .errors import Refusal
from .faults import read_fault
from .gate import CONTROL, Gate
from .goto import GoTo
from .oauth import ADMIN, IDENTITY
from .odd_rows import set_odd_row
from .options import Options
from .registrant_changes import REGISTRANT_CHANGES
from .seed import seeded
from .speaker_changes import SPEAKER_CHANGES
from .tokens import SCOPE, Tokens
from .truth import summary, truth
from .web import answer, json_object

Body = Mapping[str, Any]
ACCOUNT_CHANGES: dict[str, Callable[[GoTo, Body], object]] = {
    **CHANGES,
    **ATTENDANCE_CHANGES,
    **REGISTRANT_CHANGES,
    **SPEAKER_CHANGES,
    "odd-row": set_odd_row,
}


class Control:
    """The control paths of one server."""

    def __init__(
        self,
        goto: GoTo,
        tokens: Tokens,
        gate: Gate,
        delivery: Delivery,
        codes: Codes,
        options: Options,
    ) -> None:
        self.codes = codes
        self.options = options
        self.goto = goto
        self.delivery = delivery
        self.tokens = tokens
        self.gate = gate
        self._own: dict[str, Callable[[Body], object]] = {
            "reset": self.reset,
            "fail": self.fail,
            "fail/clear": self.clear_faults,
            "calls/reset": self.reset_calls,
            "rate-limit": self.set_rate_limit,
            "latency": self.set_latency,
            "move-clock": self.move_clock,
            "expire-tokens": lambda body: {"expired": self.tokens.expire_all()},
            "revoke-refresh-token": self.revoke,
            "age-refresh-tokens": lambda body: self.tokens.age(float(body["days"])),
            "single-use": self.set_single_use,
            "client-scope": self.set_scope,
            "who-signed-in": self.set_who_signed_in,
            "duplicates-carry-key": self.set_duplicates,
            "webhooks": self.delivery.misbehave,
            "forget-webhooks": self.forget_webhooks,
        }

    def routes(self) -> list[Route]:
        """Return every control path."""
        return [
            Route(CONTROL + "/calls", self._calls, methods=["GET"]),
            Route(CONTROL + "/webhooks", self._webhooks, methods=["GET"]),
            Route(CONTROL + "/secrets", self._secrets, methods=["GET"]),
            Route(CONTROL + "/webhooks/flush", self._flush, methods=["POST"]),
            Route(CONTROL + "/webinars", self._webinars, methods=["GET"]),
            Route(CONTROL + "/truth/{webinar}", self._truth, methods=["GET"]),
            Route(CONTROL + "/{path:path}", self._post, methods=["POST"]),
        ]

    async def do(self, order: Mapping[str, Any]) -> object:
        """Execute ``{"path", "body"}`` as if it had been posted."""
        return self._carry_out(str(order.get("path", "")), dict(order.get("body", {})))

    def _carry_out(self, path: str, body: Body) -> object:
        if path in self._own:
            return self._own[path](body)
        if path in ACCOUNT_CHANGES:
            return ACCOUNT_CHANGES[path](self.goto, body)
        raise ValueError(f"no such control path: {path}")

    async def _post(self, request: Request) -> Response:
        async def act() -> object:
            body = await json_object(request)
            return self._carry_out(request.path_params["path"], body)

        return await _guarded(act)

    async def _calls(self, request: Request) -> Response:
        return answer(self.gate.calls.summary())

    async def _webhooks(self, request: Request) -> Response:
        return answer(self.delivery.summary())

    async def _secrets(self, request: Request) -> Response:
        """All secrets that a client ever received."""
        account = self.goto.account
        return answer(
            [
                *self.tokens.handed_out,
                *(one.value for one in account.refresh_tokens),
                *(one.value for one in account.secret_keys),
                *{one.callback_url.rstrip("/").rsplit("/", 1)[1] for one in account.webhooks},
            ]
        )

    async def _flush(self, request: Request) -> Response:
        """Answer when no delivery is pending."""
        await self.delivery.flushed()
        return answer(self.delivery.summary())

    def forget_webhooks(self, body: Body) -> object:
        """Delete webhooks and subscriptions, with ``{"secret": true}`` the secret keys too."""
        account = self.goto.account
        account.webhooks.clear()
        account.subscriptions.clear()
        if body.get("secret"):
            account.secret_keys.clear()
        self.goto.revision += 1
        return self.delivery.summary()

    async def _webinars(self, request: Request) -> Response:
        now = self.goto.now()
        return answer([summary(webinar, now) for webinar in self.goto.account.webinars])

    async def _truth(self, request: Request) -> Response:
        async def act() -> object:
            room = find_room(self.goto, {"webinar": request.path_params["webinar"]})
            return truth(room.webinar, self.goto.now())

        return await _guarded(act)

    def reset(self, body: Body) -> object:
        """``{"seed"?, "webinars"?, "registrants"?, "now"?}``: behave as if just started with these
        options; those left out are the ones it was started with."""
        options = self.options.reset_to(body)
        now, offset = options.clock()
        account = seeded(options.seed, now, options.webinars, options.registrants)
        self.goto.reset(account, offset)
        for part in (self.tokens, self.gate, self.delivery, self.codes):
            part.reset()
        return {
            "organizer_key": str(account.first.key),
            "account_key": str(account.first.account_key),
        }

    def fail(self, body: Body) -> object:
        """Let the next ``count`` calls that match ``path`` (a regular expression) and ``method``
        fail, after ``after`` successful ones; see `faults.Fault`."""
        fault = read_fault(body)
        self.gate.faults.waiting.append(fault)
        return {"waiting": len(self.gate.faults.waiting)}

    def clear_faults(self, body: Body) -> object:
        """Delete all pending faults."""
        self.gate.faults.waiting.clear()
        return {"waiting": 0}

    def reset_calls(self, body: Body) -> object:
        """Reset the counters."""
        self.gate.calls.reset()
        return self.gate.calls.summary()

    def set_rate_limit(self, body: Body) -> object:
        """``{"per_second"}``; 0 for no limit."""
        self.gate.rate.most = int(body["per_second"])
        return {"per_second": self.gate.rate.most}

    def set_latency(self, body: Body) -> object:
        """``{"ms"}``: the delay of each answer."""
        self.gate.latency = float(body["ms"]) / 1000
        return {"ms": body["ms"]}

    def move_clock(self, body: Body) -> object:
        """``{"seconds"}``: move GoTo's clock forward (or back) by this many seconds."""
        self.goto.offset += float(body["seconds"])
        return {"now": self.goto.now()}

    def revoke(self, body: Body) -> object:
        """Refuse all current refresh tokens, or with ``{"on": false}`` accept them again."""
        on = bool(body.get("on", True))
        self.tokens.revoke_all(on)
        return {"revoked": on}

    def set_single_use(self, body: Body) -> object:
        """``{"on"}``: whether refresh tokens are single-use, and each refresh returns the next."""
        self.tokens.single_use = bool(body["on"])
        return {"on": self.tokens.single_use}

    def set_scope(self, body: Body) -> object:
        """``{"scope"?}``: the scopes of the client; GoToWebinar requires ``collab:``."""
        self.tokens.scope = str(body.get("scope", SCOPE))
        return {"scope": self.tokens.scope}

    def set_who_signed_in(self, body: Body) -> object:
        """``{"identity"?, "admin"?}``: whether each of the two paths that identify the user
        answers; a disabled one answers 401."""
        paths = {"identity": IDENTITY, "admin": ADMIN}
        off = {path for name, path in paths.items() if not body.get(name, True)}
        self.gate.switched_off = off
        return {"off": sorted(off)}

    def set_duplicates(self, body: Body) -> object:
        """``{"on"}``: whether a 409 contains the registrant's key."""
        self.goto.duplicates_carry_key = bool(body["on"])
        return {"on": self.goto.duplicates_carry_key}


async def _guarded(act: Callable[[], Awaitable[object]]) -> Response:
    """Return the result of ``act`` as JSON; its refusals and invalid input as 400 (404) with a
    reason."""
    try:
        return answer(await act())
    except Refusal as refusal:
        status = 404 if refusal.status == 404 else 400
        return answer({"error": refusal.body}, status)
    except (KeyError, TypeError, ValueError) as error:
        return answer({"error": f"{type(error).__name__}: {error}"}, 400)
