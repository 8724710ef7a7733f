"""Show rows of the admin's lists as cards on phones: which cells, and where."""

import html
from collections.abc import Iterator, Sequence
from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# A card is its title and this many facts, if a list does not name its columns.
FACTS = 2
# The longest text that fits beside other facts.
SHORT = 12
TICK = "action_checkbox"
# What lists show for an empty value.
_NOTHING = {"", "-", "–", "…"}


@register.filter
def phone_cells(cells: Sequence[str], changes: ChangeList) -> Iterator[str]:
    """Yield the `cells` of a row, as the theme rendered them, with classes for static/…/phone.css.

    They are strings here, each with one `class` in its first tag. A phone hides a cell without a
    class of cards: its content is on the row's own page. An email address is marked on every
    screen.
    """
    names = [_name(column) for column in changes.list_display]
    title, *facts = shown_columns(changes, names)
    # The theme's cells before and after the columns of the list are unchanged.
    for name, raw in zip(names, cells, strict=False):
        cell = _marked(raw, "ws-address") if _has_address(raw) else raw
        if name == TICK:
            yield _with_label(cell)
        elif name == title:
            yield _marked(cell, "ws-card-title")
        elif name in facts and (text := _text(cell)) not in _NOTHING:
            if "@" in text:
                yield _marked(cell, "ws-card-line")
            elif text.isdecimal() or ("material-symbols" in cell and "ws-status" not in cell):
                # A number or a symbol alone does not say what it is.
                yield _marked(_labelled(cell), "ws-card-fact ws-labelled")
            else:
                yield _marked(cell, "ws-card-fact")
        else:
            yield cell
    yield from cells[len(names) :]


def shown_columns(changes: ChangeList, names: Sequence[str]) -> Sequence[str]:
    """Return the columns of `changes` that a phone shows, the title of a row first."""
    chosen: Sequence[str] = getattr(changes.model_admin, "phone_columns", ())
    if chosen:
        return chosen
    columns = [name for name in names if name != TICK]
    links = changes.list_display_links or columns[:1]
    title = next((name for name in columns if name in links), columns[0])
    return [title, *(name for name in columns if name != title)][: FACTS + 1]


def _name(column: Any) -> str:
    return str(column if isinstance(column, str) else column.__name__)


def _text(cell: str) -> str:
    # The theme writes initials before a name.
    return " ".join(html.unescape(strip_tags(cell[max(cell.find("<strong"), 0) :])).split())


def _has_address(cell: str) -> bool:
    """Return whether `cell` is an email address, alone or below a name."""
    *before, last = _text(cell).split() or [""]
    return "@" in last and (not before or "<strong" in cell)


def _marked(cell: str, classes: str) -> SafeString:
    """Return `cell` with `classes`, and with its text as a title if a phone may truncate it."""
    text = _text(cell)
    tag = cell.partition(">")[0]
    title = format_html(' title="{}"', text) if len(text) > SHORT and " title=" not in tag else ""
    return mark_safe(  # noqa: S308 (what is put in is escaped)
        cell.replace(' class="', f'{title} class="{classes} ', 1)
    )


def _labelled(cell: str) -> str:
    """Return `cell` with the name of its column for phones, capitalized."""
    before, mark, after = cell.partition(' data-label="')
    return before + mark + after[:1].upper() + after[1:]


def _with_label(cell: str) -> SafeString:
    """Return the cell of a checkbox inside a label, which is easier to tap."""
    labelled = cell.replace("<input", '<label class="ws-tick"><input', 1)
    return mark_safe(  # noqa: S308 (nothing of a row is put in)
        labelled.replace("</td>", "</label></td>", 1)
    )
