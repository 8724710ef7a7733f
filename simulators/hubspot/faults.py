"""Faults on demand: which of the next calls fail, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import errors
from .errors import Shape

# The Retry-After of a portal in migration, in seconds (documented: up to a day).
MIGRATION_SECONDS = "3600"


@dataclass
class Fault:
    """The fault of the next `left` matching calls.

    ``status`` answers with it; ``drop`` closes the connection; ``after_effect`` executes the call
    first, and closes the connection unless there is a status.
    """

    left: int
    status: int | None
    after_effect: bool
    body: object
    path: re.Pattern[str]
    method: str
    retry_after: str

    def fits(self, method: str, path: str) -> bool:
        """Return whether this applies to such a call."""
        return self.method in ("", method) and self.path.search(path) is not None

    def refusal(self) -> errors.Refusal:
        """Return the error to answer with."""
        assert self.status is not None
        retry_after = self.retry_after or (MIGRATION_SECONDS if self.status == 477 else "")
        if self.status == 429 and self.body is None:
            return errors.over_limit("TEN_SECONDLY_ROLLING", retry_after)
        headers = {"Retry-After": retry_after} if retry_after else {}
        body = self.body if isinstance(self.body, dict) else _body(self.status)
        return errors.Refusal(self.status, body, headers)


def _body(status: int) -> Shape:
    """Return a realistic error of a status."""
    by_status = {
        400: ("VALIDATION_ERROR", "Invalid input"),
        401: ("INVALID_AUTHENTICATION", "Authentication credentials not found."),
        404: ("OBJECT_NOT_FOUND", "resource not found"),
        409: ("CONFLICT", "Conflict"),
        423: ("LOCKED", "The resource is locked"),
        477: ("MIGRATION_IN_PROGRESS", "Migration in progress"),
    }
    if status == 403:
        return errors.missing_scopes(["crm.objects.contacts.read"], key="requiredScopes").body
    category, message = by_status.get(status, ("SERVICE_UNAVAILABLE", "internal error"))
    return errors.error_body(category, message)


def read_fault(body: Mapping[str, Any]) -> Fault:
    """Return a fault from a control call's body. Raises ValueError with the reason."""
    known = {
        "next", "status", "drop", "after_effect", "body", "path", "method", "retry_after",
    }  # fmt: skip
    if unknown := set(body) - known:
        raise ValueError(f"fail does not take {', '.join(sorted(unknown))}")
    status, drop, after = (body.get(name) for name in ("status", "drop", "after_effect"))
    if not (status or drop or after):
        raise ValueError("fail takes status, drop or after_effect")
    if status and not 400 <= int(status) <= 599:
        raise ValueError("status is from 400 to 599")
    try:
        return Fault(
            left=int(body.get("next", 1)),
            status=int(status) if status and not drop else None,
            after_effect=bool(after),
            body=body.get("body"),
            path=re.compile(str(body.get("path", ""))),
            method=str(body.get("method", "")).upper(),
            retry_after=str(body.get("retry_after", "")),
        )
    except re.error as error:
        raise ValueError(f"path is no regular expression: {error}") from error


class Faults:
    """The pending faults."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, method: str, path: str) -> Fault | None:
        """Return and use up the fault of this call; None if the call succeeds."""
        for fault in self.waiting:
            if fault.fits(method, path):
                fault.left -= 1
                if fault.left <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
