"""No text that people read has a private word: the words are those of webinars and CRM."""

import re

import polib
import pytest

from tests.test_translations import FOLDER

pytestmark = pytest.mark.pure

PRIVATE = re.compile(
    r"\b(level|stands?|whoever|nobody|somebody|meanwhile|by itself|by themselves|in earnest|"
    r"take over|taken over|given|wish|looked at|goes to look|once more|newcomers?|e-mails?)\b",
    re.IGNORECASE,
)
_MEANT = re.compile(r"given names?|log level|%\(\w+\)s|\{\w+\}", re.IGNORECASE)


def private_words(text: str) -> list[str]:
    return PRIVATE.findall(_MEANT.sub("", text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("All webinars level, looked at just now", ["level", "looked at"]),
        ("The given name, at log level %(level)s", []),
        ("Send an e-mail to {nobody}", ["e-mail"]),
        ("In sync", []),
    ],
)
def test_private_words_are_found(text: str, found: list[str]) -> None:
    assert private_words(text) == found


def test_no_text_has_one() -> None:
    entries = polib.pofile(str(FOLDER / "django.po"))
    assert len(entries) > 1000
    texts = [text for entry in entries for text in (entry.msgid, entry.msgid_plural) if text]
    assert {text: words for text in texts if (words := private_words(text))} == {}
