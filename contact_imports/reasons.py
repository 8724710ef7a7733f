"""Why a file or a line cannot be used, as a code with parameters that is translated for the reader
(rule 13)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from contacts.timeline import property_label, with_title
from core.messages import text


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of `error_messages` without its prefix, or "invalid", with what it is about.

    `fields` are names of properties; for "invalid" they are pairs of such a name and "email",
    "long", "signs", "many" or "word". A code with a dot is a source's own (`core.messages`).
    """

    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.code == "invalid":
            return " ".join(
                with_title(name, _invalid(kind)) for name, kind in self.parameters["fields"]
            )
        values = dict(self.parameters)
        if "fields" in values:
            values["fields"] = [property_label(name) for name in values["fields"]]
        return text(self.code if "." in self.code else f"import.{self.code}", values)


def _invalid(kind: str) -> str:
    if kind == "email":
        return _("Enter a valid email address.")
    if kind == "long":
        return _("This value is too long.")
    if kind == "many":
        return _("These are too many tags for one person.")
    if kind == "word":
        return _("Write yes or no, or leave it empty.")
    return _("This contains characters that cannot be stored.")


class Unreadable(Exception):
    """The file cannot be read; `code` says why. `source_message` is what a list's system
    answered."""

    def __init__(
        self, code: str, params: Mapping[str, Any] | None = None, source_message: str = ""
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})
        self.source_message = source_message

    def __str__(self) -> str:
        return str(Reason(self.code, self.params))
