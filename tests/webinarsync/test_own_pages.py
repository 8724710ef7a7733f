"""Each custom page is a page of the admin site, or is listed as public.

Who may open which is in test_access.py, and that none is cached in test_no_store.py.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic import RedirectView

from accounts.signed_out_pages import ChoosePassword, ForgottenPassword, ForgottenPasswordSent
from core.permissions import permitted
from mailings.views import unsubscribe
from platforms.views import webhook
from registration_forms.views import confirmation, form
from simulators.gotowebinar.process import SimulatorProcess
from tests.factories import MailingFactory
from tests.fixtures.addresses import addresses
from tests.fixtures.world import signed_in
from webinarsync import roles

# Permissions are independent of the database.
pytestmark = [pytest.mark.django_db, pytest.mark.pure]

ROOT = Path(__file__).parent.parent.parent
# These use neither session nor permissions. Besides them the start page redirects to the admin.
PUBLIC = {
    confirmation.answer, confirmation.calendar, confirmation.status, form.form,
    unsubscribe.example_link, unsubscribe.unsubscribing, webhook.webhook,
}  # fmt: skip
# In the design of the sign-in, for anonymous users.
SIGNED_OUT = {ChoosePassword, ForgottenPassword, ForgottenPasswordSent}
# Hand-written equivalents of the decorator, and the files that may have them: the decorator, the
# public pages' own, and the pages in the design of the sign-in, for anonymous users.
BY_HAND = {
    r"admin\.site\.each_context": {
        "core/permissions.py",
        "accounts/lockout.py",
        "accounts/signed_out_pages.py",
    },
    # Each action on selected people needs its own permission.
    r"PermissionDenied\b": {"core/permissions.py", "contacts/people_actions.py"},
    r"\bnever_cache\b": {
        "core/public_pages.py",
        "platforms/views/webhook.py",
        "accounts/signed_out_pages.py",
    },
    r"\b(login_required|permission_required|staff_member_required)\b": set(),
    r"\bcsp_(update|replace|exempt)\b": {"core/permissions.py"},
}


def own_views(patterns: Any) -> Iterator[Any]:
    """Yield the view of each URL outside Django's admin site."""
    for item in patterns:
        if isinstance(item, URLPattern):
            yield item.callback
        elif isinstance(item, URLResolver) and item.namespace != "admin":
            yield from own_views(item.url_patterns)


def test_each_view_of_our_own_is_a_page_of_the_admin_site_or_listed_as_public() -> None:
    views = list(own_views(get_resolver().url_patterns))
    assert len(views) > 60
    [start] = [view for view in views if getattr(view, "view_class", None) is RedirectView]
    views = [view for view in views if getattr(view, "view_class", None) not in SIGNED_OUT]
    assert {view for view in views if not hasattr(view, "permissions")} == PUBLIC | {start}


def test_nothing_of_the_decorator_is_duplicated() -> None:
    by_hand = []
    for app in settings.INSTALLED_APPS:
        for file in sorted((ROOT / app).rglob("*.py")) if (ROOT / app).is_dir() else ():
            name, text = str(file.relative_to(ROOT)), file.read_text()
            by_hand += [
                f"{name}: {pattern}"
                for pattern, allowed in BY_HAND.items()
                if name not in allowed and re.search(pattern, text)
            ]
    assert by_hand == []


def test_pages_have_the_menu_of_the_admin_site_and_its_policy(
    examples: Mapping[str, object], simulator: SimulatorProcess
) -> None:
    client = signed_in(roles.OPERATORS)
    shown, wrong = 0, []
    for name, path in addresses(examples):
        if name.startswith("admin:"):
            continue
        response: Any = client.get(path)
        view = response.resolver_match.func if response.resolver_match else None
        if response.status_code != 200 or not hasattr(view, "permissions"):
            continue
        policy = response.headers["Content-Security-Policy"]
        if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy:
            wrong.append(f"{name}: {policy}")
        if response.templates:
            shown += 1
            if 'id="nav-sidebar"' not in response.content.decode():
                wrong.append(f"{name}: no menu")
    assert wrong == []
    assert shown > 15


def test_only_the_page_that_leads_to_the_platform_may_post_elsewhere() -> None:
    client = signed_in(roles.OPERATORS)
    policies = {
        path: client.get(path).headers["Content-Security-Policy"]
        for path in ("/connections/", "/contacts/find/")
    }
    assert f"form-action 'self' {settings.GOTO_AUTH_URL}" in policies["/connections/"]
    assert "form-action 'self';" in f"{policies['/contacts/find/']};"


@pytest.mark.parametrize("flag", ["is_staff", "is_active"])
def test_permissions_end_with_either_flag_regardless_of_groups(flag: str) -> None:
    client = signed_in(roles.MARKETERS)
    assert client.get("/contacts/find/export.csv").status_code == 200
    User.objects.update(**{flag: False})
    response: Any = client.get("/contacts/find/export.csv")
    assert response.status_code == 302
    assert response["Location"] == "/admin/login/?next=/contacts/find/export.csv"


def test_a_page_that_takes_a_post_of_few_is_still_shown_to_others() -> None:
    mailing = MailingFactory.create()
    client = signed_in(roles.MARKETERS)
    user = User.objects.get(groups__name=roles.MARKETERS)
    group = user.groups.get()
    group.permissions.remove(*group.permissions.filter(codename="add_mailing"))
    client.force_login(user)
    assert client.get(f"/mailings/{mailing.pk}/").status_code == 200
    assert client.post(f"/mailings/{mailing.pk}/", {"subject": "x"}).status_code == 403


def test_a_post_after_the_session_has_ended_leads_to_a_page_that_can_be_opened() -> None:
    response: Any = Client().post("/connections/connect/")
    assert response["Location"] == "/admin/login/?next=/admin/"
    script = Client().post("/connections/connect/", headers={"sec-fetch-mode": "cors"})
    assert script.status_code == 403


def test_a_post_from_another_site_is_refused() -> None:
    user = User.objects.create_superuser("root")
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post("/connections/connect/").status_code == 403


def test_a_views_own_context_overrides_the_sites_context(rf: RequestFactory) -> None:
    @permitted("contacts.view_contact")
    def page(request: HttpRequest) -> HttpResponse:
        return TemplateResponse(request, "admin/base_site.html", {"site_title": "Ours"})

    request = rf.get("/")
    request.user = User.objects.create_superuser("root")
    response: Any = page(request)
    assert response.context_data["site_title"] == "Ours"
    assert "available_apps" in response.context_data
