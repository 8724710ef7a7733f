"""Placeholders such as {first_name} in a mail's subject and text.

Only the names below are replaced, by plain text: a mail's words are never a program.
"""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.html import escape, format_html, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.typed_text import BREAK, JOINS

NAMES = {
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "webinar_title": gettext_lazy("title of the webinar"),
    "webinar_time": gettext_lazy("date and time in the webinar's time zone"),
    "join_link": gettext_lazy("the person's join link"),
    "waiting_list_promise": gettext_lazy(
        "what happens when a seat is free, by the webinar's setting"
    ),
    "own_link": gettext_lazy("the page with the status of their registration"),
    "form_link": gettext_lazy("the registration form"),
    "recording_link": gettext_lazy("the recording, whose address you enter below"),
    "next_webinar_title": gettext_lazy("title of the next webinar"),
    "next_webinar_link": gettext_lazy("form of the next webinar"),
}
# What others than our people typed. A value of these is made by core.typed_text.unlinked.
TYPED = frozenset({"first_name", "last_name", "webinar_title", "next_webinar_title"})
LINKS = frozenset({"join_link", "own_link", "form_link", "recording_link", "next_webinar_link"})
_PLACE = re.compile(r"\{([^{}\n]*)\}")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_JOIN = re.compile(f"[{JOINS}]")
_BEGINS_ADDRESS = re.compile(rf"[{JOINS}]\S")
_BROKEN = re.compile(f"{BREAK}.{BREAK}")


def used_in(*texts: str) -> set[str]:
    """Return the names of all placeholders in `texts`, known or not."""
    return {name.strip() for text in texts for name in _PLACE.findall(text)}


def validate_placeholders(text: str) -> None:
    """Raise ValidationError, with a list of those that exist, for a placeholder that does not."""
    unknown = sorted(used_in(text) - NAMES.keys())
    if unknown:
        raise ValidationError(
            _("There is no placeholder %(unknown)s. There are: %(known)s.")
            % {
                "unknown": ", ".join(f"{{{name}}}" for name in unknown),
                "known": ", ".join(f"{{{name}}}" for name in NAMES),
            }
        )


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each placeholder replaced by its value; one without a value vanishes."""
    return "".join(part for part, _name in parts(text, values))


def as_html(text: str, values: Mapping[str, str]) -> SafeString:
    """Return `text`, filled in, as HTML. Links are the addresses in `text` itself and the values
    that are links: no other value is one, whatever it looks like."""
    found = []
    for part, name in parts(text, values):
        if not name:
            found.append(urlize(part, nofollow=True, autoescape=True))
        elif name in LINKS and _WEB.match(part):
            found.append(format_html('<a href="{}" rel="nofollow">{}</a>', part, part))
        else:
            found.append(escape(part))
    return mark_safe(linebreaks("".join(found)))  # noqa: S308 (each part is escaped above)


def parts(text: str, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what `text` consists of once it is filled in: its own words, with "", and each value
    with the name of its placeholder.

    Between a value that somebody typed and an address beside it there is a blank: a mail program
    would take both for one address.
    """
    pieces = _PLACE.split(text)
    found = [(pieces[0], "")]
    for name, after in zip(map(str.strip, pieces[1::2]), pieces[2::2], strict=True):
        value = values.get(name, "")
        after_typed = found[-1][1] in TYPED
        if value and ((name in TYPED and _ends_address(found)) or (name in LINKS and after_typed)):
            found.append((" ", ""))
        if value:
            found.append((value, name))
        if name in TYPED and _BEGINS_ADDRESS.match(after):
            found.append((" ", ""))
        if after:
            found.append((after, ""))
    return found


def _ends_address(before: list[tuple[str, str]]) -> bool:
    """Tell whether the words so far end with what could be an address, or the beginning of one."""
    so_far = "".join(part for part, _name in before[-4:])
    last = re.split(r"\s", so_far)[-1]
    return bool(_JOIN.search(_BROKEN.sub("", last)))
