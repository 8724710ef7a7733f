"""Shared fixtures of HubSpot tests."""

import pytest

from destinations.models import Portal
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import connect


@pytest.fixture
def portal(hubspot: HubSpotProcess) -> Portal:
    """The simulator's portal, connected."""
    return connect(hubspot)
