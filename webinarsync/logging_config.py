"""The format of log lines: text or JSON, with request and sync run, and without secrets in URLs."""

import copy
import logging
import re
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.typing import EventDict, Processor, WrappedLogger

# URLs with a secret part: webhooks, confirmation pages, and links to choose a password.
_SECRET_IN_ADDRESS = re.compile(
    r"(/connections/webhook/|/register/[^/\s]+/|/unsubscribe/|/choose-password/[^/\s]+/)[\w:.-]{20,}"
)
# A valid request id of a proxy in front; others are not logged.
_REQUEST_ID = re.compile(r"[\w.-]{8,64}")
_CONTEXT = ("request_id", "run_id")


def config(level: str, kind: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything at `level` to the error output, as `text` or `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": "webinarsync.logging_config.Discreet", "kind": kind}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "root": {"handlers": ["console"], "level": level},
    }


class Discreet(structlog.stdlib.ProcessorFormatter):
    """Format all records of the standard library's logging, including tracebacks."""

    def __init__(self, kind: str) -> None:
        shared: list[Processor] = [
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
        ]
        last: Processor = structlog.processors.JSONRenderer() if kind == "json" else _as_text
        super().__init__(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            foreign_pre_chain=shared,
        )

    def format(self, record: logging.LogRecord) -> str:
        # Refused requests (such as an unknown host name) are logged in one line, because anyone can
        # cause them.
        if getattr(record, "status_code", 500) < 500:
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        return _SECRET_IN_ADDRESS.sub(r"\1…", super().format(record))


def _as_text(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    about = "".join(f" [{name} {event[name]}]" for name in _CONTEXT if name in event)
    line = f"{event['timestamp']} {event['level'].upper()} {event['logger']}: {event['event']}"
    return "\n".join(part for part in (line + about, event.get("exception", "")) if part)


def request_id(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: an id for each request, in its log lines and in the response header
    `X-Request-ID`; a proxy's id is kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = request.headers.get("X-Request-ID", "")
        known = request_id if _REQUEST_ID.fullmatch(request_id) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=known):
            response = get_response(request)
        response["X-Request-ID"] = known
        return response

    return middleware
