"""No text that people read has a private word: the words are those of webinars and CRM."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from tests.test_translations import FOLDER

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
PRIVATE = re.compile(
    r"\b(level|stands?|whoever|nobody|somebody|everybody|meanwhile|by itself|by themselves|"
    r"in earnest|take over|taken over|given|wish|told|looked at|goes to look|once more|newcomers?|"
    r"e-mails?|mails?|mailings?|let(?:s|ting)?(?: \w+){0,2} in)\b",
    re.IGNORECASE,
)
# A given name, a mail server and a mail program are standard terms.
_MEANT = re.compile(
    r"given names?|log level|mail (?:servers?|programs?)|%\(\w+\)s|\{\w+\}", re.IGNORECASE
)
# A quoted text of JavaScript with more than one word.
_QUOTED = re.compile(r"""(["'`])((?:(?!\1).)* (?:(?!\1).)*)\1""")


def private_words(text: str) -> list[str]:
    return PRIVATE.findall(_MEANT.sub("", text))


def for_operators() -> Iterator[tuple[str, str]]:
    """Yield the texts of commands and checks, which are not translated, with their files."""
    files = [*ROOT.glob("*/management/commands/*.py"), *(ROOT / "operations").glob("*.py")]
    for file in files:
        tree = ast.parse(file.read_text())
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and id(node) not in docstrings and " " in text.strip():
                yield file.name, text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("All webinars level, looked at just now", ["level", "looked at"]),
        ("The given name, at log level %(level)s", []),
        ("Send an e-mail to {nobody}", ["e-mail"]),
        ("The mail server did not take the mail", ["mail"]),
        ("Let waiting people in", ["Let waiting people in"]),
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


def test_no_text_for_operators_has_one() -> None:
    texts = list(for_operators())
    assert len(texts) > 100
    assert [(name, text) for name, text in texts if private_words(text)] == []


def test_no_text_of_a_script_has_one() -> None:
    """Scripts take texts from their page; their other strings are plain too."""
    texts = [
        match[2]
        for file in (ROOT / "static" / "webinarsync").glob("*.js")
        for match in _QUOTED.finditer(re.sub(r"//.*", "", file.read_text()))
    ]
    assert texts
    assert [text for text in texts if private_words(text)] == []


def test_no_default_template_of_an_email_has_one() -> None:
    files = list((ROOT / "mailings" / "texts").glob("*.en.txt"))
    assert files
    assert {file.name: words for file in files if (words := private_words(file.read_text()))} == {}
