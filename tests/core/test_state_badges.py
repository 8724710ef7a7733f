"""States in tables are badges with a word and a tone."""

import pytest
from django.db.models import Model

from contact_imports.models import ContactImport
from core.templatetags.state_badges import TONES, state_badge
from mailings.models import Recipient
from sync.models import SyncRun

pytestmark = pytest.mark.pure
SHOWN = (ContactImport, Recipient, SyncRun)


@pytest.mark.parametrize("model", SHOWN)
def test_each_state_has_a_tone(model: type[Model]) -> None:
    assert set(model.State.values) <= TONES.keys()  # type: ignore[attr-defined]


def test_there_is_no_tone_without_a_state() -> None:
    assert TONES.keys() == {value for model in SHOWN for value in model.State.values}


def test_a_badge_says_the_state_in_words() -> None:
    assert state_badge(SyncRun(state="lost")) == (
        '<span class="ws-status ws-warning">Interrupted</span>'
    )
