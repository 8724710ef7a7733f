"""Pages of our own inside the admin site: who may open them, and what they share with its pages."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps

from csp.decorators import csp_update
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import reverse

from core.panels import Requirement

View = Callable[..., HttpResponseBase]
# Sources that a page's content security policy allows beside the usual ones, by directive.
Sources = Mapping[str, Sequence[str]]


class Permissions:
    """What a page asks for: permissions of its own, and those that packages above register."""

    def __init__(self, own: Iterable[str], requirements: Iterable[Requirement]) -> None:
        self._own, self._requirements = own, requirements

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from (item.permission for item in self._requirements)


def permitted(
    *permissions: str,
    post: Sequence[str] = (),
    requirements: Iterable[Requirement] = (),
    sources: Callable[[], Sources] = dict,
) -> Callable[[View], View]:
    """Make a view a page of the admin site, for users who have all of `permissions`, and of those
    that `requirements` name.

    The site's `admin_view` lets in active staff only, leads others to the sign-in, checks the CSRF
    token, and forbids browsers and proxies to cache the response. A template gets the context that
    all pages of the admin site have. A POST also needs the permissions `post`.

    Raises:
        PermissionDenied: where a permission is missing, and where a script of an open page asks
            after its session has ended.
    """

    asked = Permissions(permissions, requirements)
    asked_of_posts = Permissions((*permissions, *post), requirements)

    def decorated(view: View) -> View:
        @wraps(view)
        def admin_page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            needed = asked_of_posts if request.method == "POST" else asked
            if not request.user.has_perms(needed):
                raise PermissionDenied
            response = view(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                own = response.context_data or {}
                response.context_data = {**admin.site.each_context(request), **own}
            allowed = sources()
            if allowed:
                response = csp_update(dict(allowed))(lambda _request: response)(request)
            return response

        guarded = admin.site.admin_view(admin_page)

        @wraps(view)
        def seen(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not admin.site.has_permission(request):
                if not _is_navigation(request):
                    raise PermissionDenied
                if request.method != "GET":
                    # Most pages that take a POST cannot be opened: the sign-in leads to the start.
                    return redirect_to_login(reverse("admin:index"))
            return guarded(request, *args, **kwargs)

        seen.__dict__["permissions"] = asked_of_posts
        return seen

    return decorated


def _is_navigation(request: HttpRequest) -> bool:
    """Return whether a browser goes to a page, and not a script of a page that is open."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
