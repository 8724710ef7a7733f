"""Tasks and the budget in Redis, which hands a task out without a receipt and may forget all of
them: nobody is lost, because what must happen stands in the tables.
"""

import pytest
import redis
from django.utils import timezone

from tests.chaos.conftest import HERE, key_of, registrations, until
from tests.chaos.people import Crowd
from tests.chaos.test_chaos import each_line_stands_once, emails_there, nobody_is_there_twice
from tests.installation import Installation
from webinars.models import CallCount, Registration, Webinar
from webinars.simulator.process import SimulatorProcess

PEOPLE = [f"person{number}@example.com" for number in range(60)]


@pytest.fixture
def environment(redis_url: str) -> dict[str, str]:
    return {
        "BROKER_URL": redis_url,
        "CALL_BUDGET_URL": redis_url,
        "CACHE_URL": redis_url.replace("redis:", "rediscache:"),
    }


def test_nobody_is_lost_with_redis(
    simulator: SimulatorProcess, installation: Installation, redis_url: str
) -> None:
    installation.manage("install_schedules")
    key = key_of(simulator)
    before = emails_there(simulator, key)
    webinar = Webinar.objects.using(HERE).get(key=key)
    crowd = Crowd(f"{installation.url}{webinar.get_form_url()}", PEOPLE, threads=4, per_second=15)
    here = registrations(webinar).filter(contact__email__in=PEOPLE)
    registered = here.filter(state=Registration.State.REGISTERED)
    for already in (5, 20):
        until(lambda already=already: registered.count() > already, 60)  # type: ignore[misc]
        redis.Redis.from_url(redis_url).flushall()
        installation.kill("pusher")
        installation.start("pusher")
    crowd.wait()
    assert crowd.unexpected == []
    # A killed pusher's claims pass with time; here it has passed. What lost its task is the
    # sweep's, which comes each minute.
    here.filter(state=Registration.State.PENDING).update(next_push_at=timezone.now())
    until(lambda: registered.count() == len(PEOPLE), 90)
    nobody_is_there_twice(simulator, webinar, before)
    each_line_stands_once(webinar)
    # Turns for calls were handed out in Redis alone, but for those of the commands before.
    assert simulator.calls()["max_in_one_second"] <= 50
    assert not CallCount.objects.using(HERE).filter(lane="person").exists()
