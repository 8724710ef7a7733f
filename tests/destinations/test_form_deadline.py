"""Forms that ask HubSpot themselves wait for ten seconds, and keep what was typed (rule 9)."""

import html
import threading
import time
from collections.abc import Iterator

import pytest
from django.test import Client

from contact_imports.models import ContactImport
from destinations.hubspot import deadline
from destinations.hubspot.deadline import Deadline
from destinations.hubspot.errors import NoAnswerInTime, RateLimited, TokenRefused
from destinations.models import Portal
from simulators.hubspot.process import HubSpotProcess
from tests.fixtures.world import signed_in
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(9)]
NO_ANSWER = "HubSpot did not answer within 1 second. Try again."


@pytest.fixture
def hanging(hubspot: HubSpotProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotProcess]:
    """A HubSpot that answers after four seconds, and people who wait for one."""
    roles.set_up()
    monkeypatch.setattr(deadline, "PERSON_WAITS_SECONDS", 1.0)
    hubspot.control("POST", "latency", {"ms": 4_000})
    yield hubspot
    hubspot.control("POST", "latency", {"ms": 0})


def post(client: Client, address: str, **posted: str) -> str:
    began = time.monotonic()
    answer = client.post(address, posted, follow=True)
    assert time.monotonic() - began < 10
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_connecting_gives_up_and_shows_no_token(hanging: HubSpotProcess) -> None:
    page = post(signed_in(roles.OPERATORS), "/hubspot/connect/", access_token="pat-eu1-typed")
    assert NO_ANSWER in page
    assert "Connect HubSpot" in page
    assert "pat-eu1-typed" not in page
    assert not Portal.objects.exists()


def test_replacing_a_token_gives_up_and_keeps_the_former_one(
    portal: Portal, hanging: HubSpotProcess
) -> None:
    page = post(signed_in(roles.OPERATORS), "/hubspot/connect/", access_token="pat-eu1-typed")
    assert NO_ANSWER in page
    assert "pat-eu1-typed" not in page
    assert Portal.objects.get().access_token == portal.access_token


def test_choosing_a_list_gives_up_and_keeps_what_was_typed(
    portal: Portal, hanging: HubSpotProcess
) -> None:
    typed = {"hubspot-named": "Spring fair"}
    page = post(signed_in(roles.MARKETERS), "/contacts/import/from/hubspot/", **typed)
    assert NO_ANSWER in page
    assert 'value="Spring fair"' in page
    assert not ContactImport.objects.exists()


@pytest.mark.pure
def test_a_call_that_hangs_is_left_alone() -> None:
    hangs = threading.Event()
    limit = Deadline(0.05)
    with pytest.raises(NoAnswerInTime):
        limit.run(lambda: hangs.wait(30))
    # The next call of the same form has no time left.
    with pytest.raises(NoAnswerInTime):
        limit.run(lambda: hangs.wait(30))
    hangs.set()


@pytest.mark.pure
def test_an_error_of_a_call_is_raised_as_it_is() -> None:
    def refuse() -> None:
        raise TokenRefused("UNAUTHORIZED", kind=TokenRefused.EXPIRED)

    with pytest.raises(TokenRefused):
        Deadline(5).run(refuse)
    assert Deadline(5).run(lambda: 7) == 7


@pytest.mark.pure
def test_a_turn_that_is_too_late_is_not_waited_for() -> None:
    limit = Deadline(5)
    limit.sleep(0)
    began = time.monotonic()
    with pytest.raises(RateLimited):
        limit.sleep(6)
    assert time.monotonic() - began < 1
