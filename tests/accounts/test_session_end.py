"""Removing a user's permissions ends their sessions, and no other user's."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.utils import timezone

from accounts.models import UserSession
from operations.tasks import clean_up
from tests.fixtures.world import World, signed_in
from webinarsync import roles

MARKETER = f"user-of-{roles.MARKETERS}"
# A short page for every signed-in user.
HOME = "/admin/password_change/"
PASSWORDS = {
    "old_password": "a-Passw0rd",
    "new_password1": "another-Passw0rd",
    "new_password2": "another-Passw0rd",
}


def is_signed_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def mia() -> User:
    return User.objects.get(username=MARKETER)


def marketers() -> Group:
    return Group.objects.get(name=roles.MARKETERS)


def a_permission() -> Permission:
    return Permission.objects.get(codename="view_connection")


def saved(**values: Any) -> Callable[[], None]:
    def change() -> None:
        user = mia()
        for name, value in values.items():
            setattr(user, name, value)
        user.save()

    return change


def with_password() -> None:
    user = mia()
    user.set_password("another-Passw0rd")
    user.save()


CHANGES: dict[str, Callable[[], Any]] = {
    "staff": saved(is_staff=False),
    "active": saved(is_active=False),
    "superuser": saved(is_superuser=True),
    "password": with_password,
    "groups added": lambda: mia().groups.add(Group.objects.get(name=roles.OPERATORS)),
    "groups set": lambda: mia().groups.set([]),
    "groups cleared": lambda: mia().groups.clear(),
    "group emptied": lambda: marketers().user_set.clear(),
    "member removed": lambda: marketers().user_set.remove(mia()),
    "group deleted": lambda: marketers().delete(),
    "own permission": lambda: mia().user_permissions.add(a_permission()),
    "own permission, from its side": lambda: a_permission().user_set.add(mia()),
    "permission of the group": lambda: marketers().permissions.add(a_permission()),
    "permissions of the group cleared": lambda: marketers().permissions.clear(),
    "permission of the group, from its side": lambda: a_permission().group_set.add(marketers()),
    "user deleted": lambda: mia().delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_what_someone_may_do_ends_their_sessions(
    marketer: Client, change: Callable[[], Any]
) -> None:
    elsewhere, other = Client(), signed_in(roles.OPERATORS)
    elsewhere.force_login(mia())
    assert is_signed_in(marketer) and is_signed_in(elsewhere) and is_signed_in(other)
    change()
    # Restored permissions must not reopen the session.
    assert not UserSession.objects.filter(user__username=MARKETER).exists()
    assert not is_signed_in(marketer) and not is_signed_in(elsewhere)
    assert is_signed_in(other)


@pytest.mark.parametrize(
    "change", [saved(first_name="Mia", email="m@example.com"), saved(is_staff=True)]
)
def test_another_change_of_a_user_ends_nothing(
    marketer: Client, change: Callable[[], None]
) -> None:
    change()
    roles.set_up()
    marketers().permissions.add(*marketers().permissions.all())
    assert is_signed_in(marketer)


def test_an_operator_who_deactivates_a_colleague_ends_their_sessions_and_stays_signed_in(
    marketer: Client,
) -> None:
    operator = signed_in(roles.OPERATORS)
    posted = {"username": MARKETER, "role": roles.MARKETERS}
    page = f"/admin/auth/user/{mia().pk}/change/"
    assert operator.post(page, posted).status_code == 302
    assert not mia().is_active
    assert not is_signed_in(marketer) and is_signed_in(operator)
    # A change of one's own role, too: the current session stays, others end.
    me = User.objects.get(username=f"user-of-{roles.OPERATORS}")
    elsewhere = Client()
    elsewhere.force_login(me)
    mine = {"username": me.username, "is_active": "on", "role": roles.MARKETERS}
    assert operator.post(f"/admin/auth/user/{me.pk}/change/", mine).status_code == 302
    assert me.groups.get() == marketers()
    assert is_signed_in(operator) and not is_signed_in(elsewhere)


def test_an_operator_who_sets_a_password_ends_the_others_sessions(marketer: Client) -> None:
    operator = signed_in(roles.OPERATORS)
    posted = {"password1": "another-Passw0rd", "password2": "another-Passw0rd"}
    page = f"/admin/auth/user/{mia().pk}/password/"
    assert operator.post(page, posted | {"usable_password": "true"}).status_code == 302
    assert mia().check_password("another-Passw0rd")
    assert not is_signed_in(marketer) and is_signed_in(operator)


def test_who_changes_the_own_password_keeps_the_session_in_use_and_no_other(
    world: World,
) -> None:
    user = User.objects.create_user("olga", password="a-Passw0rd", is_staff=True)
    here, elsewhere = Client(), Client()
    here.force_login(user)
    elsewhere.force_login(user)
    assert here.post("/admin/password_change/", PASSWORDS).status_code == 302
    assert is_signed_in(here) and not is_signed_in(elsewhere)
    assert UserSession.objects.filter(user=user).count() == 1


def test_expired_sessions_are_removed_and_no_others(marketer: Client) -> None:
    past = timezone.now() - dt.timedelta(seconds=1)
    gone = Client()
    gone.force_login(mia())
    key = gone.cookies[settings.SESSION_COOKIE_NAME].value
    UserSession.objects.filter(pk=key).update(expire_date=past)
    clean_up()
    assert not UserSession.objects.filter(pk=key).exists()
    assert is_signed_in(marketer)


def test_an_anonymous_session_belongs_to_no_user(world: World) -> None:
    store = UserSession.get_session_store_class()()
    store["x"] = 1
    store.save()
    row = UserSession.objects.get(pk=store.session_key)
    assert row.user_id is None and row.get_decoded() == {"x": 1}
