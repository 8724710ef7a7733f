"""The file of contacts, found or listed: their details, and sums over all webinars.

The columns are documented in docs/exports.md.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib import admin
from django.db.models import Count, Max, QuerySet, Sum
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from contacts import export_columns
from contacts.export_columns import ContactLinks
from contacts.models import Contact
from core.audit import FilterValue, log_export
from core.batches import batched
from core.table_export import FileKind, table_file
from webinars.audiences import Audience, condition
from webinars.models import Registration
from webinars.models.registration import minutes

_SUMS = ("registered_count", "attended_count", "minutes_attended", "last_registered_at")


class Sums(NamedTuple):
    """What someone did in all webinars."""

    registered: int = 0
    attended: int = 0
    minutes: int = 0
    last_registered_at: dt.datetime | None = None


def contacts_file(
    kind: FileKind,
    request: HttpRequest,
    people: QuerySet[Contact],
    code: str,
    filters: Mapping[str, FilterValue],
) -> HttpResponseBase:
    """Return `people` as a file, and log the export as the sentence of `code`, with their
    number and the `filters` in use."""
    log_export(request, Contact, code, count=people.count(), filters=filters)
    links = ContactLinks(request.build_absolute_uri("/"))
    return table_file(kind, "contacts", headings(), rows(people, links))


def list_file(kind: FileKind, request: HttpRequest, people: QuerySet[Contact]) -> HttpResponseBase:
    """Return `people` of the list of contacts as a file."""
    model_admin: Any = admin.site.get_model_admin(Contact)
    filters = model_admin.logged_filters()
    return contacts_file(kind, request, people, "audit.contacts-exported", filters)


def headings() -> list[str]:
    """Return the headings of `rows`."""
    return [*export_columns.headings(), *_SUMS, "contact_url"]


def rows(people: QuerySet[Contact], links: ContactLinks) -> Iterator[list[object]]:
    """Yield a row for each of `people`, in their order; each table is read once for 2,000."""
    ids = people.values_list("pk", flat=True).iterator(chunk_size=export_columns.CHUNK_SIZE)
    for chunk in batched(ids, export_columns.CHUNK_SIZE):
        contacts, summed = export_columns.cells(chunk), sums(chunk)
        for pk in chunk:
            if pk in contacts:  # else deleted while the file is written
                yield [*contacts[pk], *summed[pk], links.to(pk)]


def sums(contact_ids: Sequence[int]) -> Mapping[int, Sums]:
    """Return, by contact id, what each did in all webinars; of who did nothing, that."""
    registered, attended = condition(Audience.REGISTERED), condition(Audience.ATTENDED)
    summed = (
        Registration.objects.filter(contact__in=contact_ids)
        .order_by()
        .values("contact")
        .annotate(
            registered=Count("pk", filter=registered),
            attended=Count("pk", filter=attended),
            seconds=Sum("seconds_attended", filter=attended, default=0),
            last=Max("registered_at", filter=registered),
        )
    )
    found: dict[int, Sums] = defaultdict(Sums)
    for pk, registered_count, attended_count, seconds, last in summed.values_list(
        "contact", "registered", "attended", "seconds", "last"
    ):
        found[pk] = Sums(registered_count, attended_count, minutes(seconds), last)
    return found
