"""Limits on the size of request bodies, checked before anything of a body is read.

Visitors post forms and the platform posts events: both are small. Files are accepted by views
marked with `accepts_files`, from signed-in users. Elsewhere an uploaded file is dropped while it is
read, so that no one can fill memory or the disk with temporary files.
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

# A registration form with every possible question has about ten thousand characters.
PUBLIC_BYTES = 256 * 1024
# The largest page of the admin; Django's limit for fields.
SIGNED_IN_BYTES = 2560 * 1024
# The multipart boundaries and the other fields of a form with a file.
ENVELOPE_BYTES = 1024 * 1024
View = Callable[..., HttpResponseBase]


def accepts_files(largest: int) -> Callable[[View], View]:
    """Mark a view that accepts files of up to `largest` bytes from signed-in users."""

    def marked(view: View) -> View:
        view.largest_file = largest  # type: ignore[attr-defined]
        return view

    return marked


def limits_itself(view: View) -> View:
    """Mark a view that checks Content-Length itself, to refuse large bodies in its own way. A view
    that accepts files must be for signed-in users only."""
    view.limits_itself = True  # type: ignore[attr-defined]
    return view


class BodyLimitMiddleware:
    """Respond 413 to a body larger than the address accepts, without reading it.

    It must precede everything that reads the body, such as the protection against CSRF.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: object, kwargs: Mapping[str, object]
    ) -> HttpResponse | None:
        """Refuse a body that is too large; accept files only where a view does."""
        length = _length(request)
        allowed, files = PUBLIC_BYTES, False
        # Look up the user only for large bodies and files.
        largest_file = getattr(view, "largest_file", 0)
        if (length > allowed or largest_file) and _is_signed_in(request):
            files = largest_file > 0
            allowed = largest_file + ENVELOPE_BYTES if files else SIGNED_IN_BYTES
        if not length:
            # A form field of this size stays in memory, and no browser sends a file like that.
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
    """Return the page that says that the body is too large."""
    return render(request, "413.html", status=413)


class _NoFiles(FileUploadHandler):
    """An upload handler that discards files."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Discard the chunk."""

    def file_complete(self, file_size: int) -> None:
        """Return no file."""


def _length(request: HttpRequest) -> int:
    """Return the length in Content-Length; an invalid one counts as too long."""
    length = whole_number(request.META.get("CONTENT_LENGTH") or "0")
    return LARGEST_ID if length is None else length


def _is_signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_active and user.is_staff


def _read_chunked(request: HttpRequest, most: int) -> int:
    """Return the length of a body without Content-Length.

    At most one byte more than `most` is read. Django does not read such a body itself, so what was
    read replaces it.
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
