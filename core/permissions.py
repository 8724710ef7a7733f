"""Our own pages inside the admin site: the permissions they need, and the context they share."""

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
# Additional sources that a page's content security policy allows, by directive.
Sources = Mapping[str, Sequence[str]]


class Permissions:
    """The permissions that a page needs: its own, and those that packages above register."""

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
    """Make a view a page of the admin site, for users who have all of `permissions` and those that
    `requirements` name.

    The site's `admin_view` admits active staff only, redirects others to the sign-in, checks the
    CSRF token, and forbids browsers and proxies to cache the response. The template gets the
    context of the admin site. A POST also needs the permissions in `post`.

    Raises PermissionDenied if a permission is missing, and if a script requests it after its
    session has ended.
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
                    # Most pages that accept a POST cannot be opened: after the sign-in, go to the
                    # start page.
                    return redirect_to_login(reverse("admin:index"))
            return guarded(request, *args, **kwargs)

        seen.__dict__["permissions"] = asked_of_posts
        return seen

    return decorated


def _is_navigation(request: HttpRequest) -> bool:
    """Return whether the browser navigates to a page, as opposed to a script's request."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
