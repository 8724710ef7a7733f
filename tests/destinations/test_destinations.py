"""Systems that contacts and participation are handed over to (rule 12).

There is none yet: these tests ask for what must exist, and give way to tests of each sentence.
"""

from importlib.util import find_spec

import pytest
from django.apps import apps

from tests.open_issues import HUBSPOT, awaits


@pytest.mark.rule(12)
@awaits(HUBSPOT)
def test_destinations_are_an_app_of_their_own() -> None:
    assert apps.is_installed("destinations")


@pytest.mark.rule(12)
def test_what_happened_is_kept_for_destinations_in_an_outbox() -> None:
    assert find_spec("core") and find_spec("core.outbox")
