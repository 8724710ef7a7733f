"""The roles name permissions that exist, of models that exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import URLPattern, get_resolver

from tests.factories import UserFactory
from webinarsync import roles

pytestmark = pytest.mark.django_db
GRANTS = {roles.MARKETERS: roles._MARKETER, roles.OPERATORS: roles._MARKETER | roles._OPERATOR}


@pytest.mark.parametrize("role", GRANTS)
def test_each_permission_that_a_role_names_is_granted(role: str) -> None:
    roles.set_up()
    named = {
        (app, f"{verb}_{model}") for (app, model), verbs in GRANTS[role].items() for verb in verbs
    }
    granted = Group.objects.get(name=role).permissions.values_list(
        "content_type__app_label", "codename"
    )
    assert set(granted) == named


def test_no_permission_is_of_a_model_that_does_not_exist() -> None:
    roles.set_up()
    stale = [
        str(permission)
        for permission in Permission.objects.select_related("content_type")
        if permission.content_type.model_class() is None
    ]
    assert stale == []


def test_no_role_grants_a_permission_that_no_page_requires(rf: Any) -> None:
    granted = {
        f"{app}.{verb}_{model}"
        for (app, model), verbs in [*roles._MARKETER.items(), *roles._OPERATOR.items()]
        for verb in verbs
    }
    asked = {*permissions_of_views(), *permissions_of_admin_pages(rf), *permissions_by_name()}
    assert len(asked) > 20
    assert sorted(granted - asked) == []


def permissions_of_views() -> Iterator[str]:
    """Yield the permissions required by our own views, from their decorator."""
    for pattern in _patterns(get_resolver().url_patterns):
        yield from getattr(pattern.callback, "permissions", ())


def _patterns(items: Any) -> Iterator[URLPattern]:
    for item in items:
        if isinstance(item, URLPattern):
            yield item
        else:
            yield from _patterns(item.url_patterns)


def permissions_of_admin_pages(rf: Any) -> Iterator[str]:
    """Yield the permissions required by the admin's pages, if anyone can have them."""
    request = rf.get("/")
    request.user = UserFactory.create(is_staff=True, is_superuser=True)
    for model, page in admin.site._registry.items():
        for verb in ("view", "add", "change", "delete"):
            if getattr(page, f"has_{verb}_permission")(request):
                yield f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def permissions_by_name() -> Iterator[str]:
    """Yield the permissions named in templates and code."""
    root = Path(__file__).resolve().parents[2]
    for file in (root / "templates").rglob("*.html"):
        yield from re.findall(r"perms\.(\w+\.\w+)", file.read_text())
    for app in ("accounts", "contacts", "core", "mailings", "segments", "sync", "webinars",
                "webinarsync", "contact_imports", "registration_forms", "platforms",
                "destinations"):  # fmt: skip
        for file in (root / app).rglob("*.py"):
            for call in re.findall(r"has_perms?\(([^()]*\(?[^()]*)\)", file.read_text()):
                yield from re.findall(r"\w+\.(?:view|add|change|delete)_\w+", call)
