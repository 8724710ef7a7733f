"""The documents hold together: links lead somewhere, and each dependency has its reason."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+\.(?:md|example))", page.read_text()):
        assert (page.parent / target).exists(), target


def test_each_dependency_has_its_reason() -> None:
    told = " ".join(page.read_text() for page in (ROOT / "docs" / "decisions").glob("*.md"))
    for file in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / file).read_text().splitlines():
            name = re.match(r"[A-Za-z][\w-]*", line)
            if name and not name[0].startswith("types-"):
                assert name[0].lower() in told.lower(), name[0]
