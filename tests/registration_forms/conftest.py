"""Who fills in the form."""

import pytest
from django.test import Client

from tests.fixtures.world import World


@pytest.fixture
def visitor(world: World) -> Client:
    """Someone with a browser and no account."""
    return Client()
