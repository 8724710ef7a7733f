"""The file of found contacts: their details, and sums over all webinars.

The columns are documented in docs/exports.md.
"""

from collections.abc import Iterator, Sequence

from django.db.models import Count, Max, QuerySet, Sum

from contacts import export_columns
from contacts.export_columns import ContactLinks
from contacts.models import Contact
from core.batches import batched
from webinars.audiences import Audience, condition
from webinars.models import Registration
from webinars.models.registration import minutes

_SUMS = ("registered_count", "attended_count", "minutes_attended", "last_registered_at")


def headings() -> list[str]:
    """Return the headings of `rows`."""
    return [*export_columns.headings(), *_SUMS, "contact_url"]


def rows(people: QuerySet[Contact], links: ContactLinks) -> Iterator[list[object]]:
    """Yield a row for each of `people`, in their order; each table is read once for 2,000."""
    ids = people.values_list("pk", flat=True).iterator(chunk_size=export_columns.CHUNK_SIZE)
    for chunk in batched(ids, export_columns.CHUNK_SIZE):
        contacts, sums = export_columns.cells(chunk), _sums(chunk)
        for pk in chunk:
            if pk in contacts:  # else deleted while the file is written
                yield [*contacts[pk], *sums.get(pk, (0, 0, 0, None)), links.to(pk)]


def _sums(contact_ids: Sequence[int]) -> dict[int, tuple[object, ...]]:
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
    return {
        pk: (registered, attended, minutes(seconds), last)
        for pk, registered, attended, seconds, last in summed.values_list(
            "contact", "registered", "attended", "seconds", "last"
        )
    }
