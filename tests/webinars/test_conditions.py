"""A webinar is in the same lists everywhere, for any position in time (rules 1 and 6)."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from contact_imports.views import UploadForm
from core.conditions import through
from mailings.composer import next_webinar as next_in_mailings
from mailings.models import Mailing
from platforms.models import Connection
from registration_forms.contact_actions import ChooseWebinar
from registration_forms.views.form import next_webinar as next_on_closed_page
from sync.scheduling import with_waiting_people
from tests.factories import ConnectionFactory, RegistrationFactory, WebinarFactory, connection_in
from tests.fixtures.world import World, signed_in
from webinars.models import Registration, Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db, pytest.mark.rule(1), pytest.mark.rule(6)]
HOUR = dt.timedelta(hours=1)


def _times(*starts: dt.timedelta) -> dict[str, Any]:
    now = timezone.now()
    return {
        "starts_at": now + min(starts),
        "ends_at": now + max(starts) + HOUR,
        "times": [
            [(now + start).isoformat(), (now + start + HOUR).isoformat()] for start in starts
        ],
    }


_NO_TIMES: dict[str, Any] = {"starts_at": None, "ends_at": None, "times": []}
# Each position, its conditions, and whether people can still register.
POSITIONS: dict[str, tuple[Callable[[], dict[str, Any]], bool]] = {
    "to come": (lambda: _times(24 * HOUR), True),
    "running now": (lambda: _times(-HOUR / 2), True),
    "a series, one date past": (lambda: _times(-7 * 24 * HOUR, 7 * 24 * HOUR), True),
    "no time known": (lambda: _NO_TIMES, True),
    "on demand": (lambda: _NO_TIMES | {"on_demand": True}, True),
    "ended an hour ago": (lambda: _times(-2 * HOUR), False),
    "gone": (lambda: _times(24 * HOUR) | {"state": Webinar.State.GONE}, False),
    "another organizer's": (lambda: _times(24 * HOUR) | {"state": Webinar.State.FOREIGN}, False),
}


@pytest.fixture(params=POSITIONS)
def position(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def found(position: str) -> Webinar:
    values = POSITIONS[position][0]()
    switches = {"form_enabled": True, "auto_promote": True, "sync_enabled": True}
    webinar = WebinarFactory.create(subject="The one in question", **switches, **values)
    RegistrationFactory.create(webinar=webinar, overflow=True)
    return webinar


def test_who_can_come_is_the_same_everywhere(position: str, found: Webinar) -> None:
    now, expected = timezone.now(), POSITIONS[position][1]
    other = WebinarFactory.create(connection=found.connection)
    places = {
        "property": found.is_to_come,
        "QuerySet": Webinar.objects.upcoming(now).filter(pk=found.pk).exists(),
        "form": Client().get(f"/register/{found.slug}/").status_code == 200,
        "instead of a closed form": next_on_closed_page(other) == found,
        "registering chosen contacts": found in ChooseWebinar().fields["webinar"].queryset,  # type: ignore[attr-defined]
        "registering a file's": found in UploadForm().fields["webinar"].queryset,  # type: ignore[attr-defined]
        "next webinar of an email": next_in_mailings(Mailing()) == found,
        "waiting list": found in with_waiting_people(now),
    }
    assert places == dict.fromkeys(places, expected)


def test_the_dashboard_shows_each_once(position: str, found: Webinar, world: World) -> None:
    context = signed_in(roles.MARKETERS).get("/admin/").context
    upcoming = [card.webinar for card in (*context["live"], *context["upcoming"])]
    past = [card.webinar for card in context["past"]]
    on_platform = found.state == Webinar.State.SCHEDULED
    expected = POSITIONS[position][1]
    assert (found in upcoming, found in past) == (expected, on_platform and not expected)


def test_one_that_ends_this_moment_is_over(time_machine: TimeMachineFixture) -> None:
    now = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
    time_machine.move_to(now, tick=False)
    webinar = WebinarFactory.create(starts_at=now - HOUR, ends_at=now)
    assert webinar.is_over and not webinar.is_to_come
    assert list(Webinar.objects.past(now)) == [webinar] and not Webinar.objects.upcoming(now)


def test_of_a_disconnected_account_nothing_is_sent_or_synced() -> None:
    states = Connection.State
    for state in states:
        webinar = WebinarFactory.create(
            connection=ConnectionFactory.create(**connection_in(state)), sync_enabled=True
        )
        RegistrationFactory.create(webinar=webinar, pending=True)
    synced = {states.CONNECTED, states.SIGN_IN_NEEDED}
    due = Registration.objects.due_for_push(timezone.now()).of_synced_connections()
    webinars = Webinar.objects.switched_on().of_synced_connections()
    assert {item.webinar.connection.state for item in due} == synced
    assert {item.connection.state for item in webinars} == synced
    assert {item.state for item in Connection.objects.all() if item.is_synced} == synced
    assert {item.state for item in Connection.objects.synced()} == synced
    assert {item.state for item in Connection.objects.connected()} == {states.CONNECTED}
    assert {item.state for item in Connection.objects.disconnected()} == {states.DISCONNECTED}


def test_a_condition_moves_across_a_relation() -> None:
    condition = Q(Q(a=1) | ~Q(b__gt=2), c="x")
    assert through("way", condition) == Q(Q(way__a=1) | ~Q(way__b__gt=2), way__c="x")
    assert through("way", ~Q(a=1)) == ~Q(way__a=1)
