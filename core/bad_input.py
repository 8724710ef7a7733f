"""Refuse invalid requests in one place instead of in each view."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import InvalidPage
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

from core.numbers import LARGEST_ID


class BadInputMiddleware:
    """Respond 400 to a NUL character in the address, which PostgreSQL refuses, and to selections
    that the admin's lists never offer; 404 to ids beyond what a database can hold, and to pages
    beyond the end of a list."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("An address has no NUL in it.")
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: object, kwargs: Mapping[str, object]
    ) -> None:
        """Refuse values that the database would refuse with an error."""
        if any(isinstance(value, int) and value > LARGEST_ID for value in kwargs.values()):
            raise Http404
        # A view of the admin site has its model. Django looks up the rows selected for an action
        # without checking that the ids are valid.
        model_admin = getattr(view, "model_admin", None)
        if model_admin is not None and request.method == "POST":
            for selected in request.POST.getlist(ACTION_CHECKBOX_NAME):
                _check_id(model_admin.model, selected)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Respond for views, including those of libraries, that did not validate their input."""
        if isinstance(exception, InvalidPage):
            raise Http404 from exception
        # Numbers and dates beyond the range of Python or SQLite.
        if isinstance(exception, OverflowError):
            raise BadRequest("A number is too large.") from exception
        if isinstance(exception, IncorrectLookupParameters):
            raise BadRequest("A list has no such filter.") from None


def _check_id(model: type[Model], written: str) -> None:
    """Raise BadRequest for a value that cannot be the id of a row of `model`."""
    try:
        value = model._meta.pk.to_python(written)
    except ValidationError as error:
        raise BadRequest("No row has such an id.") from error
    if isinstance(value, int) and abs(value) > LARGEST_ID or "\x00" in written:
        raise BadRequest("No row has such an id.")
