"""Hooks by which each app handles its rows when contacts are merged, deleted or exported.

Rows that point to a contact, directly or through other rows, need no hook: a merge moves them, a
deletion deletes them, and the personal-data file includes them. For other data about people, an app
defines a subclass of `ContactHooks` with the decorator `register` in its `contact_hooks.py`, which
is discovered like `admin.py`.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Exists, Model, Q, QuerySet

from core.emails import spellings

if TYPE_CHECKING:
    from contacts.merge_journal import Journal

# Merges a row of the contact that goes into its twin, the conflicting row of the contact that
# stays, and deletes it. What it does through the journal is undone with the merge.
Join = Callable[["Journal", Any, Any], None]


@dataclass(frozen=True, slots=True)
class People:
    """Contacts with everything that identifies them.

    `emails` are keys (`core.emails.email_key`), including former and submitted addresses; `names`
    are as written; `registrant_keys` are the platform's.
    """

    ids: frozenset[int] = frozenset()
    emails: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    registrant_keys: frozenset[str] = frozenset()

    def are_named_in(self, text: str) -> bool:
        """Return whether `text` contains one of their addresses or full names."""
        folded = text.casefold()
        full = (name for name in self.names if " " in name)
        return any(known.casefold() in folded for known in (*self._addresses(), *full))

    def are_searched_by(self, words: str) -> bool:
        """Return whether each of `words` is part of one of their names or addresses."""
        known = [text.casefold() for text in (*self._addresses(), *self.names)]
        return bool(words.strip()) and all(
            any(word in text for text in known) for word in words.casefold().split()
        )

    def _addresses(self) -> Iterator[str]:
        """Yield their addresses in every spelling."""
        return (spelled for key in self.emails for spelled in spellings(key))

    def __or__(self, other: "People") -> "People":
        return People(
            self.ids | other.ids,
            self.emails | other.emails,
            self.names | other.names,
            self.registrant_keys | other.registrant_keys,
        )


class ContactHooks:
    """What an app does with its rows about people. Each method is optional."""

    # By model: how to merge two conflicting rows. Without an entry, what points to the deleted
    # row is moved to its twin.
    joins: Mapping[type[Model], Join] = {}

    def known_as(self, contact_ids: Collection[int]) -> People:
        """Return the addresses, names and registrant keys that the app's rows have of these
        contacts."""
        return People()

    def scrub(self, people: People) -> Mapping[str, int]:
        """Remove `people` from rows that are not deleted with them; return how many rows were
        changed, by the model's label."""
        return {}

    def rows_about(self, people: People) -> Iterable[QuerySet[Any]]:
        """Return the rows about `people` that do not point to their contacts."""
        return ()

    def addresses_changed(self, contact_ids: Collection[int]) -> None:
        """Update the app's rows after the addresses of these contacts changed."""

    def heard_since(self, moment: dt.datetime) -> Iterable[Exists | Q]:
        """Return conditions on Contact (its key is `OuterRef("pk")`), any of which says that the
        person was active since `moment` or is expected to be."""
        return ()


Hooks = TypeVar("Hooks", bound=ContactHooks)
_registered: list[ContactHooks] = []


def register(hooks: type[Hooks]) -> type[Hooks]:
    """Register the hooks of an app; a class decorator."""
    _registered.append(hooks())
    return hooks


def join_of(model: type[Model]) -> Join | None:
    """Return the function that merges two rows of `model`; None if no app defines one."""
    return next((item.joins[model] for item in _registered if model in item.joins), None)


def people_of(contact_ids: Collection[int]) -> People:
    """Return the contacts with everything that identifies them in any app."""
    people = People(frozenset(contact_ids))
    for hooks in _registered:
        people |= hooks.known_as(contact_ids)
    return people


def scrub(people: People) -> Counter[str]:
    """Remove `people` from all rows that are not deleted with them; return how many rows were
    changed, by the model's label."""
    rows: Counter[str] = Counter()
    for hooks in _registered:
        rows.update({label: count for label, count in hooks.scrub(people).items() if count})
    return rows


def rows_about(people: People) -> Iterator[QuerySet[Any]]:
    """Yield the rows about `people` that do not point to their contacts."""
    for hooks in _registered:
        yield from hooks.rows_about(people)


def addresses_changed(contact_ids: Collection[int]) -> None:
    """Notify the apps that the addresses of these contacts changed."""
    for hooks in _registered:
        hooks.addresses_changed(contact_ids)


def heard_since(moment: dt.datetime) -> list[Exists | Q]:
    """Return the conditions on Contact, any of which says that they were active since `moment`."""
    return [condition for hooks in _registered for condition in hooks.heard_since(moment)]
