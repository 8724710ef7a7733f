"""Systems that contacts and participation are handed over to (rule 12)."""

from importlib.util import find_spec

import pytest
from django.apps import apps


@pytest.mark.rule(12)
def test_destinations_are_an_app_of_their_own() -> None:
    assert apps.is_installed("destinations")


@pytest.mark.rule(12)
def test_what_happened_is_stored_for_destinations_in_an_outbox() -> None:
    assert find_spec("core") and find_spec("core.outbox")
