"""The mapping of a HubSpot form's fields to those of a webinar's registration form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from destinations.hubspot.forms_client import HubSpotForm
from destinations.models.portal import STANDARD_MAPPING
from registration_forms.fields import fields_of, questions_of
from webinars.models import Webinar

# The prefix of a question's key in a mapping.
QUESTION = "question_"


@dataclass(frozen=True, slots=True)
class Target:
    """A field or question of a webinar's registration form; `key` identifies it in a mapping."""

    key: str
    label: str
    required: bool


def targets_of(webinar: Webinar) -> list[Target]:
    """Return the fields that can be mapped, required ones first."""
    fields = [Target(item.name, str(item.label), item.required) for item in fields_of(webinar)]
    questions = [
        Target(f"{QUESTION}{item.key}", item.question, item.required)
        for item in questions_of(webinar)
    ]
    return sorted([*fields, *questions], key=lambda target: not target.required)


def unmapped(webinar: Webinar, mapping: Mapping[str, str]) -> list[Target]:
    """Return the required fields without a mapped field."""
    return [each for each in targets_of(webinar) if each.required and not mapping.get(each.key)]


def guessed(webinar: Webinar, form: HubSpotForm) -> dict[str, str]:
    """Return a mapping by names: HubSpot's own properties, else a field with the same label."""
    names = {item.name for item in form.fields}
    by_label: dict[str, str] = {}
    for item in form.fields:
        by_label.setdefault(_plain(item.label), item.name)
        by_label.setdefault(_plain(item.name), item.name)
    found: dict[str, str] = {}
    for target in targets_of(webinar):
        standard = STANDARD_MAPPING.get(target.key, "")
        same = by_label.get(_plain(target.key)) or by_label.get(_plain(target.label))
        if name := standard if standard in names else same:
            found[target.key] = name
    return found


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
