"""Registration forms: the fields that GoTo knows, and the reasons to refuse a registration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import errors
from .records import FormField, FormQuestion, Webinar

REFUSED_DOMAIN = "blocked.example"
OPTIONAL_FIELDS = (
    "source", "address", "city", "state", "zipCode", "country", "phone", "organization",
    "jobTitle", "questionsAndComments", "industry", "numberOfEmployees", "purchasingTimeFrame",
    "purchasingRole",
)  # fmt: skip
# What a registrant's details may contain: more than a registration can have.
DETAIL_FIELDS = (*OPTIONAL_FIELDS, "implementationTimeFrame", "employeeCount")
CHOICES = {
    "industry": ["Software", "Education", "Healthcare", "Manufacturing", "Banking", "Retail",
                 "Media", "Other"],
    "numberOfEmployees": ["1-10", "11-50", "51-250", "251-1000", "1001+"],
    "purchasingTimeFrame": ["Within 3 months", "Within a year", "No plans"],
    "purchasingRole": ["Decision maker", "Recommends", "No role"],
}  # fmt: skip
NAME_SIZE = 128
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@.,;<>\"]+")


@dataclass
class Answers:
    """A completed registration form: the input of `GoTo.admit`."""

    email: str
    first_name: str
    last_name: str
    fields: dict[str, str] = field(default_factory=dict)
    responses: list[tuple[str, str]] = field(default_factory=list)


def form_field(name: str, required: bool = False) -> FormField:
    """A standard field with GoTo's choices."""
    return FormField(name, required, answers=list(CHOICES.get(name, ())))


def names_and_email() -> list[FormField]:
    """The three fields that every form has."""
    return [FormField(name, required=True) for name in ("firstName", "lastName", "email")]


def read_form(webinar: Webinar, body: Mapping[str, Any], *, basic_only: bool) -> Answers:
    """Return the form's content. Raises Refusal (400, RegistrationInvalid) naming the wrong fields.

    Required fields count as missing if ``basic_only`` dropped them, as at GoTo.
    """
    values = {name: body.get(name) for name in ("firstName", "lastName", "email")}
    if not basic_only:
        values.update({name: body[name] for name in OPTIONAL_FIELDS if body.get(name) is not None})
    wrong = [name for name, value in values.items() if value is not None and not _is_text(value)]
    text = {name: value.strip() for name, value in values.items() if isinstance(value, str)}
    for spec in [*names_and_email(), *webinar.fields]:
        value = text.get(spec.name, "")
        no_choice = bool(value and spec.answers) and value not in spec.answers
        if (spec.required and not value) or len(value) > spec.max_size or no_choice:
            wrong.append(spec.name)
    email = text.get("email", "")
    if not _is_address(email):
        wrong.append("email")
    given = None if basic_only else body.get("responses")
    responses = _responses(webinar.questions, given, wrong)
    if wrong:
        names = list(dict.fromkeys(wrong))
        listed = ", ".join(names)
        raise errors.registration_invalid(f"Fields missing or invalid: {listed}", names)
    optional = {name: text[name] for name in OPTIONAL_FIELDS if text.get(name)}
    return Answers(email, text["firstName"], text["lastName"], optional, responses)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_address(email: str) -> bool:
    if not _EMAIL.fullmatch(email) or len(email) > NAME_SIZE:
        return False
    return not email.casefold().endswith("@" + REFUSED_DOMAIN)


def _responses(
    questions: list[FormQuestion], given: object, wrong: list[str]
) -> list[tuple[str, str]]:
    """Return (question, answer) of those answered; add wrong or missing ones to ``wrong``."""
    entries = given if isinstance(given, list) else []
    by_key = {str(entry.get("questionKey")): entry for entry in entries if isinstance(entry, dict)}
    known = {str(question.key) for question in questions}
    wrong.extend(f"responses.{key}" for key in by_key if key not in known)
    found = []
    for question in questions:
        entry = by_key.get(str(question.key), {})
        text = _response_text(question, entry)
        if text is None or len(text) > question.max_size or (question.required and not text):
            wrong.append(question.text)
        elif text:
            found.append((question.text, text))
    return found


def _response_text(question: FormQuestion, entry: Mapping[str, Any]) -> str | None:
    """Return the answer as text, empty if there is none, None for an unknown choice."""
    if question.answers and entry.get("answerKey") is not None:
        wanted = str(entry["answerKey"])
        return next((text for key, text in question.answers if str(key) == wanted), None)
    text = entry.get("responseText", "")
    if question.answers and text and text not in [choice for _, choice in question.answers]:
        return None
    return text.strip() if isinstance(text, str) else None
