"""Who may see a page of ours: like Django's decorator, and kind to somebody whose sign-in ended."""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from core.panels import Requirement

View = Callable[..., HttpResponseBase]


class Permissions:
    """What a page asks for: permissions of its own, and those that packages above register."""

    def __init__(self, own: Iterable[str], requirements: Iterable[Requirement]) -> None:
        self._own, self._requirements = own, requirements

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from (item.permission for item in self._requirements)


def permitted(
    *permissions: str, requirements: Iterable[Requirement] = ()
) -> Callable[[View], View]:
    """Let in who is active, belongs to the staff and has all of `permissions` and of what
    `requirements` name.

    Whoever is not signed in is led to the sign-in and back, or, with a script of a page, refused:
    raises PermissionDenied, as for everybody else. No browser or proxy keeps what is shown.
    """

    asked = Permissions(permissions, requirements)

    def decorated(view: View) -> View:
        @wraps(view)
        def seen(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            user = request.user
            # As the admin's own pages: rights end with the flags, whatever the groups say.
            if user.is_active and user.is_staff and user.has_perms(asked):
                response = view(request, *args, **kwargs)
                add_never_cache_headers(response)
                return response
            if request.user.is_authenticated or not _is_a_person(request):
                raise PermissionDenied
            back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
            return redirect_to_login(back)

        seen.__dict__["permissions"] = asked
        return seen

    return decorated


def _is_a_person(request: HttpRequest) -> bool:
    """Tell whether a browser goes to a page, and not a script of a page that is open."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
