"""An installation right after `migrate` and `install_schedules`."""

import pytest

from operations import schedules
from tests.fixtures.world import World


@pytest.fixture
def installed(world: World) -> World:
    """A webinar that is in sync, jobs that are not due yet."""
    schedules.install()
    return world
