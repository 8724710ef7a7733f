"""Segments: the conditions that an address or a saved name holds, and whom they find now."""

from collections.abc import Sequence

from django.db.models import Count, IntegerField, QuerySet, Value
from django.http import QueryDict

from contacts.models import Contact
from segments.filters import ContactFilter
from segments.models import Segment


def conditions(query: QueryDict) -> str:
    """Return the conditions of `query` alone, in one order, so that equal ones are equal text."""
    kept = QueryDict(mutable=True)
    for name in sorted(ContactFilter.base_filters):
        values = sorted(value for value in query.getlist(name) if value.strip())
        if values:
            kept.setlist(name, values)
    return kept.urlencode()


def people_of(segment: Segment) -> QuerySet[Contact]:
    """Return who is in `segment` now; nobody where its conditions cannot be read any more."""
    people: QuerySet[Contact] = found_by(QueryDict(segment.query)).qs
    return people


def found_by(query: QueryDict) -> ContactFilter:
    """Return the filter that `query` asks for; it finds nobody, and says why, where a condition
    cannot be read."""
    return ContactFilter(query, queryset=Contact.objects.all())


def counted(segments: Sequence[Segment]) -> dict[int, int]:
    """Return, by segment id, how many people are in each of `segments` now: one query."""
    counts = [
        people_of(segment)
        .order_by()
        .annotate(segment=Value(segment.pk, output_field=IntegerField()))
        .values("segment")
        .annotate(people=Count("pk"))
        .values_list("segment", "people")
        for segment in segments
    ]
    if not counts:
        return {}
    first, *others = counts
    rows = first.union(*others, all=True) if others else first
    return {segment.pk: 0 for segment in segments} | dict(rows)
