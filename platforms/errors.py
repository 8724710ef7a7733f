"""Everything that can go wrong with a platform: one tree that tells who has to act.

`platform_message`, `code` and `incident` are what the platform answered, where it did; `sentence`
says plainly what happened. No token or secret is ever part of an error.
"""


class PlatformError(Exception):
    """The base of the tree; `status` is the HTTP status, None where there was no answer."""

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
    """401 or 403, also with a fresh token."""

    sentence = "GoToWebinar does not allow this to the connected account."


class ReauthorizationRequired(NotAllowed):
    """The refresh token, or this installation's client, is no longer accepted."""

    sentence = "GoToWebinar no longer accepts our sign-in."


class NoProduct(NotAllowed):
    """Who signed in has an account, and no right to hold webinars."""

    sentence = "This GoTo account has no GoToWebinar."


class NoScope(NotAllowed):
    """The client was made without the scope that is needed, whoever signs in with it."""

    sentence = "The client lacks the scope of GoToWebinar."


class NotFound(PlatformError):
    """404: the thing is gone, or never was."""

    sentence = "GoToWebinar does not know this."


class AlreadyRegistered(PlatformError):
    """409 on registering: that is success; the key is not always told.

    `repeated` where an earlier try of the same call got no answer, so that it may have been that
    try which registered them.
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
    """Another 4xx: the platform says why, and at times which fields, by our names."""

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
    """429. `retry_after` is in seconds, where it was said."""

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
    """5xx, or an answer that is not what the contract says.

    `retry_after` is in seconds, where it was said.
    """

    sentence = "GoToWebinar gave an answer that makes no sense."
    retry_after: float | None = None


class Unreadable(ServerError):
    """An answer of 2xx that cannot be read as a whole. It has no words: it may hold people."""


class Unsupported(PlatformError):
    """The platform cannot do this, as its capabilities say: a mistake of whoever asked."""

    sentence = "The platform cannot do this."


class Malformed(ValueError):
    """What was posted is no event; the text says why, and holds nothing of what was sent."""


class Unreachable(ServerError):
    """No answer at all: a wrong host, a lost connection, a time-out."""

    sentence = "GoToWebinar cannot be reached."
