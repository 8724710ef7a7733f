"""A list of the admin accepts the parameters of its own filters, and no others."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import ForeignObjectRel, Model
from django.test import Client, RequestFactory
from django.urls import reverse

from core.bounded_admin import MOST_VALUES, BoundedAdmin
from core.search_words import LONGEST, MOST_WORDS
from tests.fixtures.world import World

pytestmark = pytest.mark.django_db

SITE: dict[Any, Any] = admin.site._registry
ADMINS = [pytest.param(one, id=one.opts.label_lower) for one in SITE.values()]
SEARCHED = [
    pytest.param(one, id=one.opts.label_lower) for one in SITE.values() if one.search_fields
]
LOOKUPS = ("", "__regex", "__iregex", "__contains", "__startswith", "__gte", "__in", "__isnull")
VALUES = ("9" * 40, "-" + "9" * 40, str(2**63), "x", "x" * 5000, "0001-01-01", ",")
CATASTROPHIC = "^(a+)+$"


@pytest.fixture
def superuser(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=None))
    return client


def columns(model: type[Model], depth: int = 2) -> Iterator[str]:
    """Yield the path of each column of `model` and of related models."""
    for field in model._meta.get_fields():
        name = field.name if not isinstance(field, ForeignObjectRel) else field.get_accessor_name()
        if field.is_relation and field.related_model is not None and depth > 1:
            query_name = field.name
            yield from (f"{query_name}__{path}" for path in columns(field.related_model, depth - 1))
        elif name:
            yield field.name


@pytest.mark.pure
@pytest.mark.parametrize("one", ADMINS)
def test_every_list_is_a_bounded_one(one: Any) -> None:
    assert isinstance(one, BoundedAdmin)


@pytest.mark.pure
@pytest.mark.parametrize("one", ADMINS)
def test_no_column_is_asked_for_that_no_filter_offers(one: Any) -> None:
    offered = one.parameters(None)
    asked = {f"{path}{lookup}" for path in columns(one.model) for lookup in LOOKUPS}
    assert len(asked) > 20
    allowed = {name for name in asked if one.lookup_allowed(name, "x", RequestFactory().get("/"))}
    assert allowed <= offered
    assert not {name for name in allowed if name.endswith(("regex", "contains", "startswith"))}


@pytest.mark.pure
@pytest.mark.parametrize("one", ADMINS)
def test_a_hostile_question_is_refused(one: Any, world: World, superuser: Client) -> None:
    path = reverse(f"admin:{one.opts.app_label}_{one.opts.model_name}_changelist")
    names = {f"{field.name}__regex" for field in one.opts.concrete_fields} | {
        "user__password__startswith", "created_by__password__startswith", "password",
        "contact__first_name__regex", "webinar__connection__refresh_token__gte", "pk__in",
        "connection__access_token__isnull", "nothing__of_the_kind", "id__exact",
    }  # fmt: skip
    for name in names:
        assert superuser.get(path, {name: CATASTROPHIC}).status_code == 400, name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:DateTimeField .* received a naive datetime")
@pytest.mark.parametrize("one", ADMINS)
def test_what_the_filters_offer_accepts_any_value(
    one: Any, world: World, superuser: Client
) -> None:
    path = reverse(f"admin:{one.opts.app_label}_{one.opts.model_name}_changelist")
    for name in one.parameters(None):
        for value in VALUES:
            answer = superuser.get(path, {name: value})
            assert answer.status_code in (200, 302, 400), (name, value, answer.status_code)
        many = superuser.get(path, {name: ["1"] * (MOST_VALUES + 1)})
        assert many.status_code == 400, name


def test_the_filters_of_the_lists_still_filter(world: World, superuser: Client) -> None:
    listed = superuser.get("/admin/webinars/registration/", {"source__exact": "platform"})
    assert listed.context["cl"].result_count == len(world.registrations)
    none = superuser.get("/admin/webinars/registration/", {"source__exact": "form"})
    assert none.context["cl"].result_count == 0
    one = {"webinar__id__exact": world.webinar.pk}
    listed = superuser.get("/admin/webinars/registration/", one)
    assert listed.context["cl"].result_count == len(world.registrations)
    assert superuser.get("/admin/auth/user/", {"is_active__exact": "1"}).status_code == 200
    assert (
        superuser.get("/admin/webinars/webinar/", {"sync_enabled__exact": "1"}).status_code == 200
    )


@pytest.mark.parametrize("one", SEARCHED)
def test_a_search_that_is_too_long_finds_nothing_and_reports_it(
    one: Any, world: World, superuser: Client
) -> None:
    path = reverse(f"admin:{one.opts.app_label}_{one.opts.model_name}_changelist")
    for text in ("a " * (MOST_WORDS + 1), "x" * (LONGEST + 1)):
        answer = superuser.get(path, {"q": text})
        assert answer.status_code == 200
        assert answer.context["cl"].result_count == 0
        assert answer.content.decode().count("The search is too long") == 1


def test_an_action_on_all_that_a_too_long_search_finds_is_done_with_no_one(
    world: World, superuser: Client
) -> None:
    superuser.post(
        f"/admin/contacts/contact/?q={'x' * (LONGEST + 1)}",
        {"action": "delete_selected", "select_across": "1", "_selected_action": "1", "post": "yes"},
    )
    assert world.webinar.registrations.count() == len(world.registrations)


@pytest.mark.parametrize("one", ADMINS)
def test_a_list_is_not_sorted_by_more_than_it_shows(
    one: Any, world: World, superuser: Client
) -> None:
    path = reverse(f"admin:{one.opts.app_label}_{one.opts.model_name}_changelist")
    assert superuser.get(path, {"o": "1." * 2100}).status_code == 400
    assert superuser.get(path, {"o": ".".join(["1", "-2"] * 5)}).status_code == 200
