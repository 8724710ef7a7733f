"""A platform's name is only in its own package, and in texts for people."""

import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
NAME = re.compile(r"goto", re.IGNORECASE)
# Settings, a command and a page of the documentation are permanently named after the platform.
_FIXED = re.compile(r"GOTO_[A-Z_]+|connect_goto|docs/gotowebinar\.md")
# Files whose subject is GoToWebinar: its command, its settings, the simulator and the demo.
_ABOUT_IT = {
    "operations/demo.py",
    "operations/development.py",
    "operations/management/commands/prepare_demo.py",
    "operations/management/commands/simulator.py",
    "platforms/management/commands/connect_goto.py",
    "webinarsync/settings.py",
}
_NOT_PRODUCT = ("benchmarks/", "platforms/gotowebinar/", "simulators/", "tests/")


def product_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [
        name
        for name in listed.stdout.split()
        if not name.startswith(_NOT_PRODUCT) and "/migrations/" not in name
    ]


def named(source: str) -> list[str]:
    """Return the identifiers, comments and docstrings of `source` that name the platform."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
        is_name = token.type in (tokenize.NAME, tokenize.COMMENT)
        if (is_name or is_docstring) and NAME.search(_FIXED.sub("", token.string)):
            found.append(f"{token.start[0]}: {token.string}")
    return found


def test_what_names_the_platform_is_found() -> None:
    assert named('"""GoTo lists."""\nfor_goto = 1  # as GoTo says\nx = "GoToWebinar"\n') == [
        '1: """GoTo lists."""',
        "2: for_goto",
        "2: # as GoTo says",
    ]
    assert named("settings.GOTO_API_URL  # docs/gotowebinar.md\n") == []


def test_no_identifier_comment_or_docstring_elsewhere_names_the_platform() -> None:
    found = {
        name: lines
        for name in product_files()
        if name not in _ABOUT_IT and (lines := named((ROOT / name).read_text()))
    }
    assert found == {}


def test_no_module_elsewhere_is_named_after_the_platform() -> None:
    assert [name for name in product_files() if NAME.search(name)] == [
        "platforms/management/commands/connect_goto.py"
    ]
