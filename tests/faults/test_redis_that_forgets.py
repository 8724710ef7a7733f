"""Tasks and the rate limit in Redis, which delivers a task without a receipt, may lose all of them
and may be unavailable for a while: no one is lost, because required work is in the tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from core.models import CallCount
from registration_forms.links import form_path
from simulators.gotowebinar.process import SimulatorProcess
from tests.faults.conftest import HERE, key_of, registrations, until
from tests.faults.crowd import Crowd
from tests.faults.servers import Redis, redis_to_kill
from tests.faults.test_random_kills import (
    each_entry_is_stored_once,
    emails_there,
    no_one_is_there_twice,
)
from tests.installation import Installation
from webinars.models import Registration, Webinar

PEOPLE = [f"person{number}@example.com" for number in range(60)]
LATER = [f"later{number}@example.com" for number in range(20)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    with redis_to_kill(tmp_path) as started:
        yield started


@pytest.fixture
def environment(server: Redis) -> dict[str, str]:
    return {
        "BROKER_URL": server.url,
        "CALL_BUDGET_URL": server.url,
        "CACHE_URL": server.url.replace("redis:", "rediscache:"),
    }


def test_no_one_is_lost_with_redis(
    simulator: SimulatorProcess, installation: Installation, server: Redis
) -> None:
    installation.manage("install_schedules")
    key = key_of(simulator)
    before = emails_there(simulator, key)
    webinar = Webinar.objects.using(HERE).get(key=key)
    form = f"{installation.url}{form_path(webinar)}"
    crowd = Crowd(form, PEOPLE, threads=4, per_second=15)
    here = registrations(webinar).filter(contact__email__in=PEOPLE + LATER)
    registered = here.filter(state=Registration.State.REGISTERED)
    for already in (5, 20):
        until(lambda already=already: registered.count() > already)  # type: ignore[misc]
        redis.Redis.from_url(server.url).flushall()
        installation.kill("pusher")
        installation.start("pusher")
    crowd.wait()
    # Turns for calls were reserved in Redis alone, except those of the commands before.
    assert not CallCount.objects.using(HERE).filter(priority="interactive").exists()
    # While it is unavailable, the form accepts people, and the database reserves the turns.
    server.kill()
    others = Crowd(form, LATER, threads=4, per_second=15)
    others.wait()
    server.start()
    assert crowd.unexpected + others.unexpected == []
    assert crowd.answered | others.answered == set(PEOPLE + LATER)
    # A killed pusher's claims expire; here they have. Lost tasks are found by the sweep of each
    # minute.
    here.filter(state=Registration.State.PENDING).update(next_push_at=timezone.now())
    until(lambda: registered.count() == len(PEOPLE + LATER))
    no_one_is_there_twice(simulator, webinar, before)
    each_entry_is_stored_once(webinar)
    assert simulator.calls()["max_in_one_second"] <= 50
