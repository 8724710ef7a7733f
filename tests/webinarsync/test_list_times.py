"""Lists of the admin show times as all pages do, and sort by them."""

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import lookup_field
from django.db.models import DateTimeField
from django.test import Client, RequestFactory
from django.urls import reverse

from core import dates
from tests.factories import UserFactory

SITE: dict[Any, Any] = admin.site._registry
ADMINS = [pytest.param(one, id=one.opts.label_lower) for one in SITE.values()]


@pytest.mark.django_db
@pytest.mark.parametrize("one", ADMINS)
def test_a_time_in_a_list_is_shown_as_everywhere(one: Any, client: Client) -> None:
    request = RequestFactory().get("/")
    request.user = UserFactory.create(is_superuser=True, is_staff=True)
    client.force_login(request.user)
    times = {field.name for field in one.opts.fields if isinstance(field, DateTimeField)}
    address = reverse(f"admin:{one.opts.app_label}_{one.opts.model_name}_changelist")
    when = dt.datetime(2019, 12, 15, 10, 20, tzinfo=dt.UTC)
    columns = client.get(address).context["cl"].list_display
    for place, column in enumerate(columns):
        name = getattr(column, "__name__", column)
        if name not in times:
            continue
        assert lookup_field(column, one.model(**{name: when}), one)[2] == dates.moment(when)
        assert lookup_field(column, one.model(**{name: None}), one)[2] == "–"
        # The same object each time, or Django does not sort by it.
        assert column in one.get_sortable_by(request)
        ordered = client.get(address, {"o": f"-{place}"}).context["cl"].queryset.query.order_by
        assert any(name in str(part) for part in ordered)
