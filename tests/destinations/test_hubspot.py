"""Handing over to HubSpot: nothing overwritten, no one lost (rules 11 and 12).

There is no such destination yet: these tests specify what must exist, and are replaced by tests of
each sentence.
"""

from importlib.util import find_spec

import pytest
from django.core.management import get_commands


@pytest.mark.rule(12)
def test_hubspot_is_a_destination() -> None:
    assert find_spec("destinations") and find_spec("destinations.hubspot")


@pytest.mark.rule(12)
@pytest.mark.parametrize("command", ["connect_hubspot", "send_to_hubspot", "hubspot_status"])
def test_it_is_connected_previewed_and_compared_by_commands(command: str) -> None:
    """`hubspot_status` lists every person not handed over, with the reason."""
    assert command in get_commands()


@pytest.mark.rule(11, 12)
def test_there_is_a_local_server_that_speaks_hubspots_contract() -> None:
    """Without one no test can show that an opt-out in HubSpot counts here."""
    assert "hubspot_simulator" in get_commands()
