"""Texts of django-unfold are in French, too."""

import re
from pathlib import Path

import pytest
import unfold
from django.utils import translation

from webinarsync.theme_messages import MESSAGES

pytestmark = pytest.mark.pure

TEMPLATES = Path(unfold.__file__).parent
_TEXT = re.compile(
    r"""\{%\s*trans(?:late)?\s+(?:"([^"]+)"|'([^']+)')|_\("([^"]+)"\)|_\('([^']+)'\)"""
)
# Parts that we do not use: an editor of formatted text, and pages of other packages.
_NOT_OURS = (
    "array", "guardian", "simple_history", "constance", "location", "wysiwyg", "import_export",
    "contrib/forms",
)  # fmt: skip
# Identical in both languages.
_ALIKE = {"Action", "Code"}


def shown() -> set[str]:
    files = [
        path
        for path in TEMPLATES.rglob("*.html")
        if not any(part in str(path.relative_to(TEMPLATES)) for part in _NOT_OURS)
    ]
    assert len(files) > 100
    return {
        next(text for text in found if text)
        for path in files
        for found in _TEXT.findall(path.read_text())
    }


def test_each_text_has_its_french() -> None:
    with translation.override("fr"):
        english = {text for text in {*shown(), *MESSAGES} if translation.gettext(text) == text}
    assert english - _ALIKE == set()


def test_a_list_in_french_has_no_english_of_the_theme(admin_client: object, db: None) -> None:
    page = admin_client.get(  # type: ignore[attr-defined]
        "/admin/contacts/contact/", headers={"accept-language": "fr"}
    ).content.decode()
    assert 'lang="fr"' in page
    for text in ("Apply Filters", "Search apps and models", "Type to search", "No results found"):
        assert text not in page
