"""Decide which submitted values the platform accepts (rule 2), without asking it.

A value is matched to one of the field's choices, shortened to its size, or left out, and each of
these changes is recorded. An optional value never costs a registration, so a doubtful one is left
out; the value of a required field is sent as long as the form's own rules allow it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from registration_forms.countries import country_code, is_usual_name, us_state, usual_name
from webinars.sent_values import Change, SentValue

if TYPE_CHECKING:
    from registration_forms.fields import FormField

# A shortened value of these is still useful; part of a phone number is another number.
_SHORTENED = {"first_name", "last_name", "organization", "job_title", "city", "comments"}
_ELLIPSIS = "…"
# The longest part of a value that is recorded.
_LONGEST_NOTE = 255


@dataclass(slots=True)
class Accepted:
    """What is sent by our names of fields, what was changed or left out, and the required fields
    without a value."""

    values: dict[str, str] = field(default_factory=dict)
    changes: list[SentValue] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def accept(fields: Iterable[FormField], submitted: Mapping[str, str]) -> Accepted:
    """Return what of `submitted` is sent to a platform whose form has `fields`."""
    accepted = Accepted()
    country = country_code(submitted.get("country", ""))
    for item in fields:
        value = submitted.get(item.name, "").strip()
        sent, change = _accept(item, value, country) if value else ("", None)
        if sent:
            accepted.values[item.name] = sent
        elif item.required:
            accepted.missing.append(item.name)
        if change:
            accepted.changes.append(note(change, item.name, value, sent, item.longest))
    return accepted


def note(change: Change, name: str, value: str, sent: str, longest: int) -> SentValue:
    """Return the record of a changed or omitted value."""
    return SentValue(
        code=change.value, name=name, value=value[:_LONGEST_NOTE], sent=sent, longest=longest
    )


def shorten(text: str, longest: int) -> str:
    """Return `text` with at most `longest` characters, the last of which shows that it was
    shortened."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    # An accent is removed together with its letter.
    while kept and unicodedata.combining(text[len(kept)]):
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def closest(text: str, choices: Sequence[str]) -> str | None:
    """Return the choice equal to `text`, except for case, accents and blanks."""
    if text in choices:
        return text
    for alike in (_without_case, _without_accents):
        wanted = alike(text)
        found = next((choice for choice in choices if wanted and alike(choice) == wanted), None)
        if found is not None:
            return found
    return None


def _accept(item: FormField, value: str, country: str | None) -> tuple[str, Change | None]:
    """Return the value that is sent, and why it differs."""
    if item.choices:
        sent = _choose(item.name, value, item.choices, country)
        return sent or "", _change(value, sent, Change.NO_CHOICE)
    if item.name == "country":
        code = country_code(value)
        named = value if code is None or is_usual_name(value, code) else usual_name(code)
        return _known(item, value, named, known=code is not None, reason=Change.NO_COUNTRY)
    if item.name == "state":
        state = us_state(value, country)
        return _known(
            item, value, state or value, known=state is not None, reason=Change.NO_US_STATE
        )
    if len(value) <= item.longest:
        return value, None
    if item.name in _SHORTENED:
        return shorten(value, item.longest), Change.SHORTENED
    return "", Change.TOO_LONG


def _known(
    item: FormField, value: str, sent: str, *, known: bool, reason: Change
) -> tuple[str, Change | None]:
    """Return a value that the platform knows, or the reason why it is left out.

    A doubtful required value is sent: without it the registration would certainly be refused.
    """
    if not known and not item.required:
        return "", reason
    if len(sent) > item.longest:
        short = item.required and len(value) <= item.longest
        return (value, None) if short else ("", Change.TOO_LONG)
    return sent, _change(value, sent, reason)


def _change(value: str, sent: str | None, reason: Change) -> Change | None:
    if not sent:
        return reason
    return None if sent.strip() == value else Change.MATCHED


@lru_cache(maxsize=4096)
def _choose(name: str, value: str, choices: tuple[str, ...], country: str | None) -> str | None:
    """Return the choice that `value` means."""
    found = closest(value, choices)
    if found is not None:
        return found
    if name == "country":
        return _same(country_code, value, choices)
    if name == "state":
        return _same(lambda text: us_state(text, country), value, choices)
    return None


def _same(meaning: Callable[[str], str | None], value: str, choices: tuple[str, ...]) -> str | None:
    meant = meaning(value)
    if meant is None:
        return None
    return next((choice for choice in choices if meaning(choice) == meant), None)


def _without_case(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(kept.split())
