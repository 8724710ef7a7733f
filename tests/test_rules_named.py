"""Each rule of docs/architecture.md is shown by a test that names it: `@pytest.mark.rule(N)`."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

HERE = Path(__file__).parent
ARCHITECTURE = HERE.parent / "docs" / "architecture.md"


def test_every_rule_is_named_by_a_test() -> None:
    section = ARCHITECTURE.read_text().split("## The rules of syncing", 1)[1].split("\n## ", 1)[0]
    rules = set(re.findall(r"^(\d+)\. ", section, flags=re.MULTILINE))
    assert rules == set("123456789")
    named = {
        number
        for file in HERE.rglob("test_*.py")
        for numbers in re.findall(r"pytest\.mark\.rule\(([\d, ]+)\)", file.read_text())
        for number in re.findall(r"\d+", numbers)
    }
    assert sorted(rules - named) == [], "rules that no test names"
    assert sorted(named - rules) == [], "tests that name a rule that is none"
