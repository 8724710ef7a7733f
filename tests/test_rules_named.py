"""Each rule of docs/concepts.md is named by tests in two files: `@pytest.mark.rule(N)`.

One test with the marks of many rules cannot hide that a rule has no test of its own.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

HERE = Path(__file__).parent
CONCEPTS = HERE.parent / "docs" / "concepts.md"
FILES_PER_RULE = 2


def read_rules(document: str) -> set[int]:
    """Return the numbers of the list in the section "Rules" of `document`."""
    section = document.split("\n## Rules\n", 1)[1].split("\n## ", 1)[0]
    return {int(number) for number in re.findall(r"^(\d+)\. ", section, flags=re.MULTILINE)}


def rules_named_in(source: str) -> set[int]:
    """Return the rules that tests in `source` name: by a decorator of a test or of a class, or by
    the module's or a class's `pytestmark`."""
    return set(_rules_of_body(ast.parse(source).body))


def _rules_of_body(body: Iterable[ast.stmt]) -> Iterator[int]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            if statement.name.startswith("test"):
                yield from _rules_of_marks(statement.decorator_list)
        elif isinstance(statement, ast.ClassDef):
            yield from _rules_of_marks(statement.decorator_list)
            yield from _rules_of_body(statement.body)
        elif isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark"
            for target in statement.targets
        ):
            marks = statement.value
            several = isinstance(marks, ast.List | ast.Tuple)
            yield from _rules_of_marks(ast.iter_child_nodes(marks) if several else [marks])


def _rules_of_marks(marks: Iterable[ast.AST]) -> Iterator[int]:
    for mark in marks:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
            for argument in mark.args:
                yield ast.literal_eval(argument)


def files_by_rule(sources: Mapping[str, str]) -> dict[int, set[str]]:
    """Return the names of the test files that name each rule; `sources` are by file name."""
    found: dict[int, set[str]] = defaultdict(set)
    for name, source in sources.items():
        if Path(name).name.startswith("test_"):
            for number in rules_named_in(source):
                found[number].add(name)
    return dict(found)


def complaints(rules: set[int], sources: Mapping[str, str]) -> list[str]:
    """Return the problems of the marks in `sources`, a sentence each."""
    named = files_by_rule(sources)
    wrong = [
        f"{', '.join(sorted(named[number]))}: there is no rule {number}"
        for number in sorted(named.keys() - rules)
    ]
    for number in sorted(rules):
        files = sorted(named.get(number, ()))
        if len(files) < FILES_PER_RULE:
            wrong.append(f"rule {number} is named in {len(files)} files: {files}")
    return wrong


def test_every_rule_is_named_by_tests_in_two_files() -> None:
    rules = read_rules(CONCEPTS.read_text())
    assert rules == set(range(1, 14))
    sources = {str(file.relative_to(HERE)): file.read_text() for file in sorted(HERE.rglob("*.py"))}
    assert complaints(rules, sources) == []


# -- the count itself ------------------------------------------------------------------------------

FIRST = """
import pytest
pytestmark = [pytest.mark.django_db, pytest.mark.rule(1)]

@pytest.mark.rule(2, 3)
def test_two(): ...

class TestMany:
    pytestmark = pytest.mark.rule(4)

    @pytest.mark.parametrize("x", [1])
    @pytest.mark.rule(5)
    async def test_five(self, x): ...
"""
SECOND = """
import pytest

# pytest.mark.rule(3) in a comment
TEXT = "@pytest.mark.rule(3)"

@pytest.mark.rule(3)
def helper(): ...

@pytest.mark.rule(1)
@pytest.mark.rule(2)
def test_one_and_two(): ...
"""


def test_marks_are_read_from_decorators_and_pytestmark_alone() -> None:
    assert rules_named_in(FIRST) == {1, 2, 3, 4, 5}
    assert rules_named_in(SECOND) == {1, 2}, "neither comments, nor text, nor helpers count"


def test_files_are_counted_and_not_marks() -> None:
    sources = {"test_a.py": FIRST + FIRST.replace("pytestmark =", "again ="), "b/test_b.py": SECOND}
    assert complaints({1, 2}, {name: text.replace("3", "1") for name, text in sources.items()}) == [
        "test_a.py: there is no rule 4",
        "test_a.py: there is no rule 5",
    ]
    assert complaints({1, 2, 3, 4, 5, 6}, sources) == [
        "rule 3 is named in 1 files: ['test_a.py']",
        "rule 4 is named in 1 files: ['test_a.py']",
        "rule 5 is named in 1 files: ['test_a.py']",
        "rule 6 is named in 0 files: []",
    ]


def test_marks_of_a_conftest_do_not_count() -> None:
    sources = {"test_a.py": SECOND, "conftest.py": "pytestmark = pytest.mark.rule(1, 2)"}
    assert len(complaints({1, 2}, sources)) == 2
