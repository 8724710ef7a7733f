"""Visitors of the form."""

import pytest
from django.test import Client

from tests.fixtures.world import World


@pytest.fixture
def visitor(world: World) -> Client:
    """A browser without an account."""
    return Client()
