"""Other systems whose lists can be imported; packages above register them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.utils.translation import gettext as _

from contacts.models import OptOut
from core.panels import Registry


class Column(NamedTuple):
    """A column of a list: its heading and meaning, one of `mapping.MEANINGS`, or `mapping.RECORD`,
    which each list has."""

    heading: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list of a source: its key there, its name, and the number of people (None if unknown)."""

    key: str
    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ListPortion:
    """Some people of a list, each a row of cells, and how many members no longer have a record.

    `position` is where the next portion begins; None after the last one.
    """

    rows: Sequence[Sequence[str]] = field(default=(), repr=False)
    position: Mapping[str, Any] | None = None
    missing: int = 0


class SourceError(Exception):
    """The list cannot be read, and retrying would not help.

    `code` and `params` are a sentence of `core.messages`; `source_message` is the source's own
    text, which is shown on pages only and never logged.
    """

    def __init__(
        self, code: str, params: Mapping[str, Any] | None = None, source_message: str = ""
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})
        self.source_message = source_message


class SourceDelayed(SourceError):
    """The source should be asked again in `retry_after` seconds, as often as needed. None means a
    failure, which is retried a limited number of times."""

    def __init__(
        self,
        code: str,
        params: Mapping[str, Any] | None = None,
        source_message: str = "",
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, params, source_message)
        self.retry_after = retry_after


class ContactSource(Protocol):
    """A system with lists of people, identified by its `key`."""

    @property
    def key(self) -> str: ...

    @property
    def order(self) -> int: ...

    @property
    def name(self) -> str:
        """The name of the system."""

    @property
    def label(self) -> Any:
        """The title of what is imported: “List in HubSpot”."""

    @property
    def field_label(self) -> Any:
        """The label of the field to choose a list."""

    @property
    def help_text(self) -> Any:
        """The help text: how to find a list, and what happens to it."""

    @property
    def permissions(self) -> Iterable[str]:
        """The permissions required in addition to those of imports."""

    @property
    def opt_out_source(self) -> OptOut.Source:
        """The source of opt-outs made in this system."""

    def is_available(self) -> bool:
        """Return whether lists can be chosen now."""

    def find(self, text: str) -> FoundList:
        """Return the list that someone named. Raises SourceError."""

    def columns(self) -> Sequence[Column]:
        """Return the present columns of a list."""

    def read(self, key: str, columns: Sequence[Column], position: Mapping[str, Any]) -> ListPortion:
        """Return the people at `position`, which is empty at the start, in the columns that the
        list had then. Raises SourceError."""

    def record_url(self, record: str) -> str:
        """Return the URL of a person in the system, by the value of the record column; "" if
        unknown."""

    def title(self, name: str, count: int | None) -> str:
        """Return the title of an import of the list `name`, with its number of people."""


sources: Registry[ContactSource] = Registry()


def available_to(user: Any) -> list[ContactSource]:
    """Return the sources from which `user` may import now."""
    return [each for each in sources if user.has_perms([*each.permissions]) and each.is_available()]


def source_of(key: str) -> ContactSource | None:
    """Return the source with a key; None if no package has registered it."""
    return next((each for each in sources if each.key == key), None)


def record_url(key: str, record: str) -> str:
    """Return the URL of a person in the system of the source `key`; "" if unknown."""
    source = source_of(key)
    return source.record_url(record) if source else ""


def in_words(key: str, source_message: str) -> str:
    """Return the message of the source `key` as a sentence; "" if there is none."""
    source = source_of(key)
    if not source_message or source is None:
        return source_message
    return _("%(system)s says: “%(words)s”") % {"system": source.name, "words": source_message}


def opt_out_source(key: str) -> OptOut.Source:
    """Return the source of opt-outs that an import from `key` brings; for a file it is a
    colleague."""
    source = source_of(key)
    return source.opt_out_source if source else OptOut.Source.COLLEAGUE
