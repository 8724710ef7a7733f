"""Users and schedules: operators manage both, without gaining further permissions."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_q.models import Schedule

from operations import schedules
from tests.fixtures.world import World, signed_in
from webinarsync import roles


@pytest.fixture
def operator(world: World) -> Client:
    return signed_in(roles.OPERATORS)


def test_an_operator_makes_no_one_a_superuser(operator: Client) -> None:
    me = User.objects.get(username=f"user-of-{roles.OPERATORS}")
    posted = {
        "username": me.username,
        "is_active": "on",
        "is_superuser": "on",
        "user_permissions": "1",
        "role": roles.OPERATORS,
    }
    page = f"/admin/auth/user/{me.pk}/change/"
    assert b"is_superuser" not in operator.get(page).content
    assert operator.post(page, posted).status_code == 302
    me.refresh_from_db()
    assert not me.is_superuser and not me.user_permissions.exists()


@pytest.mark.parametrize("end", ["change/", "password/", "delete/"])
def test_an_operator_does_not_reach_a_superuser(operator: Client, end: str) -> None:
    root = User.objects.create_superuser("zeus-almighty", password="x")
    before = root.password
    posted = {"password1": "a-long-Passw0rd", "password2": "a-long-Passw0rd", "post": "yes"}
    assert operator.post(f"/admin/auth/user/{root.pk}/{end}", posted).status_code in (302, 404)
    root.refresh_from_db()
    assert root.password == before
    assert b"zeus-almighty" not in operator.get("/admin/auth/user/").content


def test_a_superuser_reaches_everyone(world: World) -> None:
    root = User.objects.create_superuser("zeus-almighty", password="x")
    client = Client()
    client.force_login(root)
    page = client.get(f"/admin/auth/user/{root.pk}/change/")
    assert page.status_code == 200 and b"is_superuser" in page.content
    assert client.get("/admin/auth/group/add/").status_code == 200


def test_an_operator_sets_how_often_a_job_runs_but_not_what_it_runs(operator: Client) -> None:
    schedules.install()
    job = Schedule.objects.get(func="sync.tasks.sync_round")
    posted = {
        "schedule_type": Schedule.MINUTES,
        "minutes": "5",
        "next_run_0": "2031-01-10",
        "next_run_1": "12:00:00",
        "name": "other",
        "func": "os.system",
        "args": "'true'",
    }
    page = f"/admin/django_q/schedule/{job.pk}/change/"
    assert operator.post(page, posted).status_code == 302
    job.refresh_from_db()
    assert job.minutes == 5
    assert (job.func, job.args) == ("sync.tasks.sync_round", None)
    assert b"Every 5 min" in operator.get("/admin/django_q/schedule/").content
    assert operator.get("/admin/django_q/schedule/add/").status_code == 403
