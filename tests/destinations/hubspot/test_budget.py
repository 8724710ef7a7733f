"""The rate limit of a portal, shared and learnt from its answers."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from destinations.hubspot.budget import Budget, is_day_used_up
from destinations.hubspot.client import Client
from destinations.hubspot.errors import Locked, RateLimited
from destinations.models import Portal
from simulators.hubspot.process import HubSpotProcess

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def portal() -> Portal:
    return Portal.objects.create(portal_id="77", time_zone="America/New_York")


def headers(most: int = 190, daily: int = 1000, left: int = 900) -> dict[str, str]:
    return {
        "x-hubspot-ratelimit-max": str(most),
        "x-hubspot-ratelimit-interval-milliseconds": "10000",
        "x-hubspot-ratelimit-daily": str(daily),
        "x-hubspot-ratelimit-daily-remaining": str(left),
    }


def test_limits_are_learnt_from_answers(portal: Portal) -> None:
    assert portal.calls_per_10_s == 100
    Budget(portal.pk).read_limits(headers())
    portal.refresh_from_db()
    assert (portal.calls_per_10_s, portal.daily_limit, portal.daily_remaining) == (190, 1000, 900)
    Budget(portal.pk).read_limits({})
    portal.refresh_from_db()
    assert portal.calls_per_10_s == 190


def test_invalid_headers_are_ignored(portal: Portal) -> None:
    Budget(portal.pk).read_limits(
        {"x-hubspot-ratelimit-max": "many", "x-hubspot-ratelimit-daily": "-1"}
    )
    portal.refresh_from_db()
    assert (portal.calls_per_10_s, portal.daily_limit) == (100, None)


def test_not_each_call_writes_the_row(portal: Portal, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    budget = Budget(portal.pk)
    budget.read_limits(headers())
    with django_assert_num_queries(0):
        budget.read_limits(headers(left=899))
    with django_assert_num_queries(1):
        budget.read_limits(headers(left=101))


def test_a_tenth_of_the_daily_limit_is_left_to_others(portal: Portal) -> None:
    with time_machine.travel(NOON, tick=False):
        Budget(portal.pk).read_limits(headers(left=101))
        Budget(portal.pk).acquire()
        Budget(portal.pk).read_limits(headers(left=100))
        with pytest.raises(RateLimited) as error:
            Budget(portal.pk).acquire()
    assert error.value.policy == "DAILY"
    # Noon in UTC is seven in the morning in New York.
    assert error.value.retry_after == 17 * 3600
    with time_machine.travel(NOON + dt.timedelta(hours=17, seconds=1), tick=False):
        Budget(portal.pk).acquire()


def test_a_short_pause_is_waited_for_and_a_long_one_is_reported(portal: Portal) -> None:
    waits: list[float] = []
    budget = Budget(portal.pk, sleep=waits.append)
    with time_machine.travel(NOON, tick=False):
        budget.block(Locked("LOCKED", retry_after=2))
        budget.acquire()
        assert waits[0] == 2
        budget.block(RateLimited("TEN_SECONDLY_ROLLING", retry_after=60))
        # A shorter pause does not end a longer one.
        budget.block(Locked("LOCKED", retry_after=2))
        with pytest.raises(RateLimited) as error:
            budget.acquire()
    assert error.value.retry_after == 60


def test_the_end_of_the_day_is_the_portals(portal: Portal) -> None:
    with time_machine.travel(NOON, tick=False):
        error = RateLimited("DAILY", retry_after=1)
        Budget(portal.pk).block(error)
        portal.refresh_from_db()
        assert portal.blocked_until == NOON + dt.timedelta(hours=17)
        assert error.retry_after == 17 * 3600
        assert is_day_used_up(portal, timezone.now())


def test_clients_keep_within_the_limit(hubspot: HubSpotProcess, portal: Portal) -> None:
    hubspot.control("POST", "rate-limit", {"limit": 30})
    Portal.objects.filter(pk=portal.pk).update(calls_per_10_s=600)
    token = str(hubspot.ready["access_token"])
    waits: list[float] = []
    client = Client(hubspot.api_url, token, Budget(portal.pk, sleep=waits.append))
    client.first_contact()
    portal.refresh_from_db()
    assert portal.calls_per_10_s == 30
    # A client of another process, with its own memory: three calls a second from now on.
    other = Client(hubspot.api_url, token, Budget(portal.pk, sleep=waits.append))
    for _ in range(4):
        other.first_contact()
    assert sum(waits) > 0.9


def test_a_call_over_the_limit_pauses_all_workers(hubspot: HubSpotProcess, portal: Portal) -> None:
    hubspot.control("POST", "fail", {"status": 429, "retry_after": "30"})
    client = Client(hubspot.api_url, str(hubspot.ready["access_token"]), Budget(portal.pk))
    with pytest.raises(RateLimited):
        client.first_contact()
    calls = len(hubspot.calls())
    with pytest.raises(RateLimited):
        Client(hubspot.api_url, "pat-x", Budget(portal.pk)).first_contact()
    assert len(hubspot.calls()) == calls
