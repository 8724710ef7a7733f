"""The contact columns of exported files.

Another app adds columns with a subclass of `ContactColumns` and the decorator `register` in its
`export_columns.py`, which is discovered like `admin.py`. Headings are the same in every language,
and documented in docs/exports.md.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.urls import reverse

from contacts import consents, tags
from contacts.models import PROPERTIES, AlternateEmail, Contact, OptOut
from contacts.resources import yes_or_no

# How many contacts are looked up at once, with one query a table.
CHUNK_SIZE = 2000
_FIELDS = ("email", "first_name", "last_name", *PROPERTIES, "source", "created_at")
_OWN = (
    *_FIELDS,
    "former_emails",
    "unsubscribed",
    "unsubscribed_at",
    "marketing_consent",
    "marketing_consent_at",
    "tags",
)


class ContactColumns:
    """The columns that an app adds."""

    headings: Sequence[str] = ()

    def cells(self, contact_ids: Sequence[int]) -> Mapping[int, Sequence[object]]:
        """Return a cell for each heading by contact id; contacts that are left out have empty
        cells."""
        raise NotImplementedError


Columns = TypeVar("Columns", bound=ContactColumns)
_registered: list[ContactColumns] = []


def register(columns: type[Columns]) -> type[Columns]:
    """Register the columns of an app in every file; a class decorator."""
    _registered.append(columns())
    return columns


def headings() -> list[str]:
    """Return the headings of `cells`."""
    return [*_OWN, *(name for columns in _registered for name in columns.headings)]


def cells(contact_ids: Sequence[int]) -> dict[int, list[object]]:
    """Return the cells of `headings` by contact id, without contacts that no longer exist."""
    former, opted_out_at = _former_emails(contact_ids), _opted_out_at(contact_ids)
    agreed_at = consents.agreed_at(contact_ids, unwilling=opted_out_at.keys())
    tagged = tags.names_of(contact_ids)
    further = [(len(item.headings), item.cells(contact_ids)) for item in _registered]
    found: dict[int, list[object]] = {}
    for pk, *own in Contact.objects.filter(pk__in=contact_ids).values_list("pk", *_FIELDS):
        row = [*own, former.get(pk, ""), yes_or_no(pk in opted_out_at), opted_out_at.get(pk)]
        row += [yes_or_no(pk in agreed_at), agreed_at.get(pk), "; ".join(tagged.get(pk, ()))]
        for count, known in further:
            row += known.get(pk, [None] * count)
        found[pk] = row
    return found


def _former_emails(contact_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = AlternateEmail.objects.filter(contact__in=contact_ids).order_by("pk")
    for pk, address in rows.values_list("contact_id", "email"):
        found[pk].append(address)
    return {pk: "; ".join(addresses) for pk, addresses in found.items()}


def _opted_out_at(contact_ids: Sequence[int]) -> dict[int, object]:
    """Return when each contact that opted out first did so."""
    rows = OptOut.objects.filter(contact__in=contact_ids).order_by("-opted_out_at", "-pk")
    return dict(rows.values_list("contact", "opted_out_at"))


class ContactLinks:
    """The URLs of contacts' pages on `site`, such as https://webinars.example."""

    def __init__(self, site: str) -> None:
        # Resolving the URL for each of a hundred thousand contacts would be slow.
        path = reverse("admin:contacts_contact_change", args=[0])
        self._start, self._end = (site.rstrip("/") + path).rsplit("0", 1)

    def to(self, contact_id: int) -> str:
        return f"{self._start}{contact_id}{self._end}"
