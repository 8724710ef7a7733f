"""An add page shows what to fill in, and no fields that are set later."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

pytestmark = [pytest.mark.pure, pytest.mark.django_db]
SITE: dict[Any, Any] = admin.site._registry


def test_no_value_that_the_database_sets_is_shown() -> None:
    root = User.objects.create_superuser("root", password=None)
    client = Client()
    client.force_login(root)
    request = RequestFactory().get("/admin/")
    request.user = root
    added = [model._meta for model, page in SITE.items() if page.has_add_permission(request)]
    assert len(added) > 3
    for meta in added:
        page = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_add"))
        assert "DatabaseDefault" not in page.content.decode(), meta.label
