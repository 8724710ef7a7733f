"""Other systems whose lists of people are imported as files are: packages above register theirs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.utils.translation import gettext as _

from contacts.models import OptOut
from core.panels import Registry


class Column(NamedTuple):
    """A column of a list: its heading, and what it means: one of `mapping.MEANINGS`, or
    `mapping.RECORD`, which each list has."""

    heading: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list that a source has: its key there, its name, and how many people are said to be on it;
    None where that is not told."""

    key: str
    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ListPortion:
    """Some people of a list, a row of cells each, and how many members have no record any more.

    `position` is where the next portion begins; None after the last one.
    """

    rows: Sequence[Sequence[str]] = field(default=(), repr=False)
    position: Mapping[str, Any] | None = None
    missing: int = 0


class SourceError(Exception):
    """The source does not give the list, and would answer the same if it was asked again.

    `code` and `params` are a sentence of `core.messages`; `source_message` is the source's own
    text, for pages only: it is in no log.
    """

    def __init__(
        self, code: str, params: Mapping[str, Any] | None = None, source_message: str = ""
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})
        self.source_message = source_message


class SourceDelayed(SourceError):
    """The source is to be asked again in `retry_after` seconds: that many as often as needed. None
    is for a failure, which is tried again a limited number of times."""

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
    """A system with lists of people, by its `key`."""

    @property
    def key(self) -> str: ...

    @property
    def order(self) -> int: ...

    @property
    def name(self) -> str:
        """What the system is called."""

    @property
    def label(self) -> Any:
        """What is imported from it, as a heading: “List in HubSpot”."""

    @property
    def field_label(self) -> Any:
        """What is to be entered to choose a list."""

    @property
    def help_text(self) -> Any:
        """What becomes of the list, and how one is found."""

    @property
    def permissions(self) -> Iterable[str]:
        """What whoever imports from it needs beside the right to import."""

    @property
    def opt_out_source(self) -> OptOut.Source:
        """Where those opted out of emails who did so in this system."""

    def is_available(self) -> bool:
        """Return whether lists can be chosen now."""

    def find(self, text: str) -> FoundList:
        """Return the list that someone named. Raises SourceError."""

    def columns(self) -> Sequence[Column]:
        """Return the columns that a list has now."""

    def read(self, key: str, columns: Sequence[Column], position: Mapping[str, Any]) -> ListPortion:
        """Return the people at `position`, which is empty at the start, in the columns that the
        list had then. Raises SourceError."""

    def record_url(self, record: str) -> str:
        """Return where someone is seen in the system, by what is in the column of records; ""
        where that is not known."""

    def title(self, name: str, count: int | None) -> str:
        """Return how an import of the list `name` is called, with its number of people."""


sources: Registry[ContactSource] = Registry()


def available_to(user: Any) -> list[ContactSource]:
    """Return the sources from which `user` may import now."""
    return [each for each in sources if user.has_perms([*each.permissions]) and each.is_available()]


def source_of(key: str) -> ContactSource | None:
    """Return the source with a key; None where no package has registered it."""
    return next((each for each in sources if each.key == key), None)


def record_url(key: str, record: str) -> str:
    """Return where someone is seen in the system of the source `key`; "" where not known."""
    source = source_of(key)
    return source.record_url(record) if source else ""


def in_words(key: str, source_message: str) -> str:
    """Return what the system of the source `key` said itself, as a sentence; "" where nothing."""
    source = source_of(key)
    if not source_message or source is None:
        return source_message
    return _("%(system)s says: “%(words)s”") % {"system": source.name, "words": source_message}


def opt_out_source(key: str) -> OptOut.Source:
    """Return where an opt-out was made that an import from the source `key` brings; a file is a
    colleague's."""
    source = source_of(key)
    return source.opt_out_source if source else OptOut.Source.COLLEAGUE
