"""The roles name permissions that exist, of models that exist."""

import pytest
from django.contrib.auth.models import Group, Permission

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
