"""Values that were changed or left out for the platform (rule 2), shown in the reader's language.

Stored in `Registration.sent_differently` as codes and parameters, never as sentences (rule 13).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypedDict

from django.utils.translation import gettext_lazy as _

from webinars.profile_differences import TAKEN
from webinars.profile_differences import label as label_of_property
from webinars.submitted_values import LABELS


class Change(StrEnum):
    """Why a value is sent differently. The codes are in the database."""

    MATCHED = "matched"
    SHORTENED = "shortened"
    NO_CHOICE = "no-choice"
    NO_COUNTRY = "no-country"
    NO_US_STATE = "no-us-state"
    TOO_LONG = "too-long"


class SentValue(TypedDict):
    """A changed value: `name` is our name of the field, or the text of the organizer's question.

    `value` is the value here, `sent` what the platform gets instead (empty: nothing), and `longest`
    the maximum length.
    """

    code: str
    name: str
    value: str
    sent: str
    longest: int


_SENTENCES = {
    Change.MATCHED: _("%(field)s: “%(sent)s” instead of “%(value)s”"),
    Change.SHORTENED: _("%(field)s: shortened to %(longest)d characters, “%(sent)s”"),
    Change.NO_CHOICE: _(
        "%(field)s: left out, “%(value)s” is not one of the choices on GoToWebinar"
    ),
    Change.NO_COUNTRY: _("%(field)s: left out, “%(value)s” is not a known country"),
    Change.NO_US_STATE: _("%(field)s: left out, GoToWebinar has states of the United States only"),
    Change.TOO_LONG: _("%(field)s: left out, GoToWebinar takes %(longest)d characters at most"),
}


def in_words(changes: Iterable[SentValue]) -> list[str]:
    """Return a sentence for each of `changes`."""
    known = (item for item in changes if item["code"] in set(Change))
    return [
        str(_SENTENCES[Change(item["code"])]) % {**item, "field": label(item["name"])}
        for item in known
    ]


def label(name: str) -> str:
    """Return the label of a field; a question is its own."""
    return label_of_property(name) if name in TAKEN else str(LABELS.get(name, name))
