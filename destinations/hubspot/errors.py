"""The errors of HubSpot, as one class hierarchy that tells who has to act.

`message` is HubSpot's own, for pages and rows. It may contain an address, so str() and repr() of an
error leave it out: logs have the code and status only.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why HubSpot refused one record: its code and message, and the property concerned."""

    code: str
    message: str
    property: str = ""

    def __repr__(self) -> str:
        return f"Refusal({self.code})"


class HubSpotError(Exception):
    """The base class; `status` is the HTTP status, None without a response."""

    def __init__(
        self, code: str, message: str = "", *, status: int | None = None, correlation_id: str = ""
    ) -> None:
        super().__init__(code, status)
        self.code = code
        self.message = message
        self.status = status
        self.correlation_id = correlation_id

    def __str__(self) -> str:
        return f"{self.code} ({self.status})" if self.status else self.code


class TokenRefused(HubSpotError):
    """401. `kind` is EXPIRED, NOT_RECOGNISED or MISSING."""

    EXPIRED, NOT_RECOGNISED, MISSING = "expired", "not_recognised", "missing"

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        kind: str,
        status: int | None = 401,
        correlation_id: str = "",
    ) -> None:
        super().__init__(code, message, status=status, correlation_id=correlation_id)
        self.kind = kind


class MissingScope(HubSpotError):
    """403: the token lacks `scopes`, if HubSpot names them."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        scopes: Sequence[str] = (),
        status: int | None = 403,
        correlation_id: str = "",
    ) -> None:
        super().__init__(code, message, status=status, correlation_id=correlation_id)
        self.scopes = tuple(scopes)


class Delayed(HubSpotError):
    """The request is fine, and should be repeated in `retry_after` seconds."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        retry_after: float,
        status: int | None = None,
        correlation_id: str = "",
    ) -> None:
        super().__init__(code, message, status=status, correlation_id=correlation_id)
        self.retry_after = retry_after


class RateLimited(Delayed):
    """429, or our own limit is reached. `policy` is DAILY, TEN_SECONDLY_ROLLING, …"""

    def __init__(
        self,
        policy: str,
        message: str = "",
        *,
        retry_after: float,
        status: int | None = None,
        correlation_id: str = "",
    ) -> None:
        super().__init__(
            policy,
            message,
            retry_after=retry_after,
            status=status,
            correlation_id=correlation_id,
        )
        self.policy = policy


class Locked(Delayed):
    """423: HubSpot is writing the same records for another client."""


class Migrating(Delayed):
    """477: the portal is being moved to another data center."""


class ServerError(HubSpotError):
    """5xx, or an answer that is not what HubSpot documents."""


class Unreachable(ServerError):
    """No answer: a wrong host, a lost connection, a time-out. What was asked may have happened."""


class NoAnswerInTime(Unreachable):
    """No answer within the `seconds` that someone at a form waits."""

    def __init__(self, seconds: float) -> None:
        super().__init__("NO_ANSWER_IN_TIME")
        self.seconds = seconds


class RequestRefused(HubSpotError):
    """Another 4xx: asked again, it would be refused again. `refusals` has one at least."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        refusals: Sequence[Refusal] = (),
        status: int | None = None,
        correlation_id: str = "",
    ) -> None:
        super().__init__(code, message, status=status, correlation_id=correlation_id)
        self.refusals = tuple(refusals) or (Refusal(code, message),)


class NotFound(RequestRefused):
    """404: it is gone, never existed, or belongs to another credential."""
