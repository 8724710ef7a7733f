"""Rows of the admin's lists as cards: which cells a phone shows, and where."""

import html
from collections.abc import Iterator, Sequence
from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# A card is its title and this many facts, where a list does not name its columns.
FACTS = 2
# What fits beside other facts.
SHORT = 12
TICK = "action_checkbox"
# What lists show where there is nothing.
_NOTHING = {"", "-", "–", "…"}


@register.filter
def phone_cells(cells: Sequence[str], changes: ChangeList) -> Iterator[str]:
    """Yield the `cells` of a row, as the theme made them, with classes for static/…/phone.css.

    They are strings here, each with one `class` in its first tag. A phone hides a cell without any
    of these classes: what is in it is on the row's own page.
    """
    names = [_name(column) for column in changes.list_display]
    title, *facts = shown_columns(changes, names)
    # What is before or after the columns of the list is left as it is.
    for name, cell in zip(names, cells, strict=False):
        if name == TICK:
            yield _with_label(cell)
        elif name == title:
            yield _marked(cell, "ws-card-title")
        elif name in facts and (text := _text(cell)) not in _NOTHING:
            if "@" in text:
                yield _marked(cell, "ws-card-line")
            elif text.isdecimal() or "material-symbols" in cell:
                # Neither a number nor a sign says of what it is.
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


def _marked(cell: str, classes: str) -> SafeString:
    """Return `cell` with `classes`, and with its text as its title if a phone may cut it short."""
    text = _text(cell)
    title = format_html(' title="{}"', text) if len(text) > SHORT else ""
    return mark_safe(  # noqa: S308 (what is put in is escaped)
        cell.replace(' class="', f'{title} class="{classes} ', 1)
    )


def _labelled(cell: str) -> str:
    """Return `cell` with the name of its column as a phone shows it, with a capital letter."""
    before, mark, after = cell.partition(' data-label="')
    return before + mark + after[:1].upper() + after[1:]


def _with_label(cell: str) -> SafeString:
    """Return the cell of a tick box with a label around it, which a finger hits."""
    labelled = cell.replace("<input", '<label class="ws-tick"><input', 1)
    return mark_safe(  # noqa: S308 (nothing of a row is put in)
        labelled.replace("</td>", "</label></td>", 1)
    )
