"""Templates of packages that ours replace: each differs from the installed version by a few lines.

An update of the package that changes one of them fails here, so that the change is merged.
"""

import difflib
from pathlib import Path

import pytest
import unfold

pytestmark = pytest.mark.pure

OURS = Path(__file__).parent.parent.parent / "templates"
THEIRS = Path(unfold.__file__).parent / "templates"
# Words of the removed lines, and of the added ones.
CHANGES = {
    "unfold/layouts/skeleton.html": (
        [
            "fonts/inter", "fonts/material-symbols", "simplebar.css", "alpine.sort.js",
            "chart.js", "simplebar.js",
        ],
        ["Inter-Regular", "Inter-Medium", "Inter-SemiBold", "Material-Symbols"],
    ),
    "unfold/layouts/unauthenticated.html": (
        ["block content", "unauthenticated_header"], ["<main>", "<header>"],
    ),
    "unfold/helpers/userlinks.html": (["load i18n"], ["load help i18n", "ws-search", "ws-help"]),
    "unfold/helpers/welcomemsg.html": (
        ["load unfold i18n admin_urls unfold", "header_title", "Show all"],
        ["load unfold i18n admin_urls breadcrumb", "breadcrumb", "counter }} result"],
    ),
    # The button that adds something is above the list.
    "unfold/helpers/empty_results.html": (
        [
            "add_url", "asvar title", "No results found", "yielded into", "has_add_permission or",
            "has_add_permission", "add_preserved_filters", "title", "</a>", "endif",
            "cl.has_filters or", "endif",
        ],
        ["No results", "Nothing matches", "cl.has_active_filters or"],
    ),
    "admin/change_list_results.html": (
        ["load admin_urls i18n unfold", "for item in result %"],
        ["load admin_urls i18n phone_cards unfold", "for item in result|phone_cells:cl %"],
    ),
    "admin/actions.html": (
        [], ["action_form.fields.action.choices", "ws-action", "endfor"],
    ),
    "admin/base.html": (["unfold/helpers/header.html"], ["<header>", "<main", "</main>"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_it_is_the_installed_template_except_listed_changes(name: str) -> None:
    lines = difflib.ndiff(
        [line.strip() for line in (THEIRS / name).read_text().splitlines() if line.strip()],
        [line.strip() for line in (OURS / name).read_text().splitlines() if line.strip()],
    )
    changed = [line for line in lines if line.startswith(("+ ", "- "))]
    out, new = CHANGES[name]
    for sign, words in (("- ", out), ("+ ", new)):
        found = [line for line in changed if line.startswith(sign)]
        assert len(found) == len(words), found
        assert all(word in line for word, line in zip(words, found, strict=True)), found


def test_no_other_template_replaces_one_of_the_theme() -> None:
    replaced = {
        str(path.relative_to(OURS))
        for path in OURS.rglob("*.html")
        if (THEIRS / path.relative_to(OURS)).is_file()
    }
    # The dashboard and labels, which are our badges, are completely ours.
    assert replaced == {*CHANGES, "admin/index.html", "unfold/helpers/label.html"}
