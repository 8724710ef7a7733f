"""The errors of platforms, as one class hierarchy that tells who has to act.

`platform_message`, `code` and `incident` are from the platform's response, if there was one;
`sentence` says plainly what happened. No token or secret is ever part of an error.
"""


class PlatformError(Exception):
    """The base class; `status` is the HTTP status, None without a response."""

    sentence = "GoToWebinar did not do what was asked."

    def __init__(
        self,
        platform_message: str = "",
        *,
        status: int | None = None,
        code: str = "",
        incident: str = "",
    ) -> None:
        super().__init__(platform_message)
        self.platform_message = platform_message
        self.status = status
        self.code = code
        self.incident = incident

    def __str__(self) -> str:
        message = self.platform_message or self.code
        return f"{self.sentence} {message}".strip() if message else self.sentence


class NotAllowed(PlatformError):
    """401 or 403, even with a fresh token."""

    sentence = "GoToWebinar does not allow this to the connected account."


class ReauthorizationRequired(NotAllowed):
    """The refresh token, or this installation's client, is no longer accepted."""

    sentence = "GoToWebinar no longer accepts our sign-in."


class NoProduct(NotAllowed):
    """The user has an account, but may not hold webinars."""

    sentence = "This GoTo account has no GoToWebinar."


class NoScope(NotAllowed):
    """The client was created without the required scope, whoever signs in with it."""

    sentence = "The client lacks the scope of GoToWebinar."


class NotFound(PlatformError):
    """404: it is gone, or never existed."""

    sentence = "GoToWebinar does not know this."


class AlreadyRegistered(PlatformError):
    """409 on registering, which counts as success; the key is not always returned.

    `repeated` means that an earlier attempt of the same call got no response, and may have
    registered them.
    """

    sentence = "This person is already registered on GoToWebinar."

    def __init__(
        self,
        platform_message: str = "",
        *,
        registrant_key: str | None = None,
        status: int | None = None,
        code: str = "",
        incident: str = "",
    ) -> None:
        super().__init__(platform_message, status=status, code=code, incident=incident)
        self.registrant_key = registrant_key
        self.repeated = False


class InvalidRequest(PlatformError):
    """Another 4xx: the platform gives a reason, and sometimes the fields, by our names."""

    sentence = "GoToWebinar refused this."

    def __init__(
        self,
        platform_message: str = "",
        *,
        fields: tuple[str, ...] = (),
        status: int | None = None,
        code: str = "",
        incident: str = "",
    ) -> None:
        super().__init__(platform_message, status=status, code=code, incident=incident)
        self.fields = fields


class RateLimited(PlatformError):
    """429. `retry_after` is in seconds, if known."""

    sentence = "GoToWebinar asks us to slow down."

    def __init__(
        self,
        platform_message: str = "",
        *,
        retry_after: float | None = None,
        status: int | None = 429,
        code: str = "",
        incident: str = "",
    ) -> None:
        super().__init__(platform_message, status=status, code=code, incident=incident)
        self.retry_after = retry_after


class ServerError(PlatformError):
    """5xx, or a response that does not match the contract.

    `retry_after` is in seconds, if known.
    """

    sentence = "GoToWebinar gave an answer that makes no sense."
    retry_after: float | None = None


class Unreadable(ServerError):
    """A 2xx response that cannot be read at all. It has no message: it may contain personal
    data."""


class Unsupported(PlatformError):
    """The platform does not support this, as its capabilities say: an error of the caller."""

    sentence = "The platform cannot do this."


class Malformed(ValueError):
    """The request is no valid event; the text gives the reason, without any of its content."""


class Unreachable(ServerError):
    """No response: a wrong host, a lost connection, a timeout."""

    sentence = "GoToWebinar cannot be reached."
