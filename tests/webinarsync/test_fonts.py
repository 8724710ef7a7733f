"""The fonts that pages load hold every icon and letter that pages show."""

import re
from pathlib import Path

import polib
import pytest
from fontTools.ttLib import TTFont

from tests import fonts

pytestmark = pytest.mark.pure
ROOT = fonts.ROOT
# Characters that a font of the reader's system shows as well.
_SIGNS = set("✓✗⌘…\u2066\u2069\u200b")


def test_every_icon_is_in_the_font_of_icons() -> None:
    missing = fonts.icons_used() - set(fonts.ligatures(fonts.PARTS / fonts.ICONS))
    assert missing == set(), "run `make fonts`"


def test_icons_that_styles_write_are_among_them() -> None:
    # The mark of a ticked box.
    assert "check_small" in fonts.icons_used()


def test_every_letter_of_a_translation_is_in_each_weight() -> None:
    written = {
        letter
        for catalogue in ROOT.glob("locale/*/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(catalogue))
        for text in (entry.msgid, entry.msgstr, *entry.msgstr_plural.values())
        for letter in text
        if letter.isprintable()
    }
    for font in (fonts.PARTS / "inter").glob("*.woff2"):
        letters = {chr(code) for code in TTFont(font).getBestCmap()}
        assert written - letters - _SIGNS == set(), font.name


def test_each_font_of_the_styles_is_there_with_its_license() -> None:
    styles = ROOT / "static" / "webinarsync" / "admin.css"
    named = re.findall(r'url\("(fonts/[^"]+)"\)', styles.read_text())
    assert len(named) == 5
    for name in named:
        font = Path(styles.parent / name)
        assert font.is_file() and (font.parent / "LICENSE").is_file(), name
