"""Cells of pages that show a record: values in words, and links for those who may follow them."""

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import dates

# The fieldset of what only a person who looks into the program wants to know: folded.
FOLDED = ("collapse",)


def link_to(row: object, url_name: str, key: object) -> SafeString:
    """Return the name of `row` as a link to the page `url_name` of `key`."""
    return format_html('<a class="ws-link" href="{}">{}</a>', reverse(url_name, args=[key]), row)


def moment_or_dash(value: dt.datetime | None) -> str:
    """Return `value` on the reader's clock; a dash for none."""
    return dates.moment(value) if value else "–"


def named_values(values: Iterable[tuple[object, object]]) -> SafeString | str:
    """Return (name, value) pairs as a list of them; a dash for none."""
    lines = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", values)
    return format_html('<dl class="ws-named">{}</dl>', lines) if lines else "–"
