"""Placeholders such as {first_name} in a mail's subject and text.

Only the names below are replaced, by plain text: a mail's words are never a program.
"""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAMES = {
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "webinar_title": gettext_lazy("title of the webinar"),
    "webinar_time": gettext_lazy("when it is, on its own clock"),
    "join_link": gettext_lazy("the person's own link to take part"),
    "own_link": gettext_lazy("the page where they see how their registration stands"),
    "form_link": gettext_lazy("the registration form"),
    "recording_link": gettext_lazy("the recording, whose address you enter below"),
    "next_webinar_title": gettext_lazy("title of the next webinar"),
    "next_webinar_link": gettext_lazy("form of the next webinar"),
}
_PLACE = re.compile(r"\{([^{}\n]*)\}")


def used_in(*texts: str) -> set[str]:
    """Return the names of all placeholders in `texts`, known or not."""
    return {name.strip() for text in texts for name in _PLACE.findall(text)}


def check(text: str) -> None:
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
    return _PLACE.sub(lambda found: values.get(found[1].strip(), ""), text)
