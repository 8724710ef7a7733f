"""Placeholders such as {first_name} in an email's subject and text.

Only the names below are replaced, by plain text: an email's text is never executed.
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
# Values typed by strangers, to be passed through core.typed_text.unlinked.
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
    """Raise ValidationError for an unknown placeholder, with a list of those that exist."""
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
    """Return `text` with each placeholder replaced by its value; one without a value is removed."""
    return "".join(part for part, _name in parts(text, values))


def as_html(text: str, values: Mapping[str, str]) -> SafeString:
    """Return the filled-in `text` as HTML. Only URLs in `text` itself and values that are links
    become links, whatever other values look like."""
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
    """Return the parts of the filled-in `text`: its own text, with "", and each value with the name
    of its placeholder.

    A blank separates a typed value from an address beside it, which a mail program would take for
    one address.
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
    """Return whether the text so far ends with what could be an address, or the beginning of
    one."""
    so_far = "".join(part for part, _name in before[-4:])
    last = re.split(r"\s", so_far)[-1]
    return bool(_JOIN.search(_BROKEN.sub("", last)))
