"""What no page of ours asks for, refused in one place instead of in each view."""

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
    """Answers 400 for an address with a NUL in it, which no browser sends and PostgreSQL does not
    take, and for what the admin's lists never offer to select; 404 for the id of a row that no
    database can have, and for a page that a list lacks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("An address has no NUL in it.")
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: object, kwargs: Mapping[str, object]
    ) -> None:
        """Refuse what a database would refuse with an error of its own."""
        if any(isinstance(value, int) and value > LARGEST_ID for value in kwargs.values()):
            raise Http404
        # A view of the admin site says of which model it is. Django looks up what was selected in
        # a list, for an action, without asking whether it can be an id.
        model_admin = getattr(view, "model_admin", None)
        if model_admin is not None and request.method == "POST":
            for selected in request.POST.getlist(ACTION_CHECKBOX_NAME):
                _check_id(model_admin.model, selected)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Answer for views, of libraries too, that did not ask first whether they can take it."""
        if isinstance(exception, InvalidPage):
            raise Http404 from exception
        # Numbers and dates beyond what Python or SQLite counts with.
        if isinstance(exception, OverflowError):
            raise BadRequest("A number is too large.") from exception
        if isinstance(exception, IncorrectLookupParameters):
            raise BadRequest("A list has no such filter.") from None


def _check_id(model: type[Model], written: str) -> None:
    """Raise BadRequest for what no row of `model` can have as its id."""
    try:
        value = model._meta.pk.to_python(written)
    except ValidationError as error:
        raise BadRequest("No row has such an id.") from error
    if isinstance(value, int) and abs(value) > LARGEST_ID or "\x00" in written:
        raise BadRequest("No row has such an id.")
