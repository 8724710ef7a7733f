"""The file of found contacts: their details, and sums over all webinars.

The columns are documented in docs/exports.md.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Count, Max, QuerySet, Sum

from contacts import export_columns
from contacts.export_columns import ContactLinks
from contacts.models import Contact
from core.batches import batched
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
