"""How the guestbook follows its contacts."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet

from contacts.contact_hooks import ContactHooks, Join, People, register
from contacts.merge_journal import Journal
from tests.contacts.guestbook.models import Entry, Mention


def join_entries(journal: Journal, row: Entry, twin: Entry) -> None:
    journal.change(twin, text=f"{twin.text} {row.text}")
    journal.absorb(row, twin)


@register
class GuestbookHooks(ContactHooks):
    joins: Mapping[type[Model], Join] = {Entry: join_entries}

    def scrub(self, people: People) -> Mapping[str, int]:
        rows = Mention._default_manager.filter(email__in=people.emails)
        return {Mention._meta.label: rows.update(email="")}

    def rows_about(self, people: People) -> Iterable[QuerySet[Any]]:
        yield Mention._default_manager.filter(email__in=people.emails)

    def heard_since(self, moment: dt.datetime) -> Iterable[Exists]:
        entries = Entry._default_manager.filter(contact=OuterRef("pk"), created_at__gte=moment)
        return [Exists(entries)]
