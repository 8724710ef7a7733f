"""An installation as it stands right after `migrate` and `install_schedules`."""

import pytest

from tests.pages.conftest import World, world
from webinarsync import schedules

__all__ = ["world"]


@pytest.fixture
def installed(world: World) -> World:
    """A webinar that is level, jobs that are not due yet."""
    schedules.install()
    return world
