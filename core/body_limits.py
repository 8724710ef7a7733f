"""How much may be posted: looked at before anything of a body is read.

Anyone who is not signed in posts forms, and the platform its events: both are small. Files are
taken by views that say so (`accepts_files`), from people who are signed in. Everywhere else a file
that comes along is dropped while it is read, so that no one fills memory or the disk for temporary
files.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.numbers import LARGEST_ID, whole_number
from core.public_pages import public_page

# A registration form with every question that the platform can ask has some ten thousand
# characters.
PUBLIC_BYTES = 256 * 1024
# A page of the admin with everything on it; what Django takes at most in fields.
SIGNED_IN_BYTES = 2560 * 1024
# What a browser sends around a file: boundaries, and the other fields of its form.
ENVELOPE_BYTES = 1024 * 1024
View = Callable[..., HttpResponseBase]


def accepts_files(largest: int) -> Callable[[View], View]:
    """Mark a view that takes files of up to `largest` bytes from people who are signed in."""

    def marked(view: View) -> View:
        view.largest_file = largest  # type: ignore[attr-defined]
        return view

    return marked


def limits_itself(view: View) -> View:
    """Mark a view that looks at Content-Length itself before it reads a body, to refuse what is too
    large in its own way. One that takes files is asked by people who are signed in alone."""
    view.limits_itself = True  # type: ignore[attr-defined]
    return view


class BodyLimitMiddleware:
    """Answers 413 for what is larger than the address takes, without reading it.

    Its place is before everything that reads what was posted, as the protection against CSRF does.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: object, kwargs: Mapping[str, object]
    ) -> HttpResponse | None:
        """Refuse a body that is too large; let files be read only where they are taken."""
        length = _length(request)
        allowed, files = PUBLIC_BYTES, False
        # Only who sends much, or a file, is looked up.
        largest_file = getattr(view, "largest_file", 0)
        if (length > allowed or largest_file) and _is_signed_in(request):
            files = largest_file > 0
            allowed = largest_file + ENVELOPE_BYTES if files else SIGNED_IN_BYTES
        if not length:
            # It is kept in memory, and no browser sends a file so.
            allowed = min(allowed, SIGNED_IN_BYTES)
            length = _read_chunked(request, allowed)
        trusted = getattr(view, "limits_itself", False) and files == bool(largest_file)
        if length > allowed and not trusted:
            shown = public_page(too_large) if getattr(view, "is_public", False) else too_large
            return shown(request)
        if not files:
            request.upload_handlers = [_NoFiles(request)]
        return None


def too_large(request: HttpRequest) -> HttpResponse:
    """Return the page that says so to whoever posted too much."""
    return render(request, "413.html", status=413)


class _NoFiles(FileUploadHandler):
    """Keeps nothing of a file that comes along."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep nothing."""

    def file_complete(self, file_size: int) -> None:
        """Have nothing to show."""


def _length(request: HttpRequest) -> int:
    """Return how long the body is that Content-Length announces; what is no number is too long."""
    length = whole_number(request.META.get("CONTENT_LENGTH") or "0")
    return LARGEST_ID if length is None else length


def _is_signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_active and user.is_staff


def _read_chunked(request: HttpRequest, most: int) -> int:
    """Return how long a body is that comes in pieces and announces no length.

    No more than one byte above `most` is read. Django reads nothing of such a body by itself: what
    was read takes its place.
    """
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    if not chunked or not request.META.get("wsgi.input_terminated"):
        return 0
    source, body = request.META["wsgi.input"], io.BytesIO()
    while (missing := most + 1 - body.tell()) > 0 and (piece := source.read(missing)):
        body.write(piece)
    length = body.tell()
    body.seek(0)
    request.META["CONTENT_LENGTH"] = str(length)
    request._stream = body
    return length
