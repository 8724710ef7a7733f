"""Segments: normalize their conditions, and look up their people."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, IntegerField, QuerySet, Value
from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.models import Contact
from core.time_limit import time_limit
from segments.filters import ContactFilter
from segments.models import Segment

# How long counting may take: for all segments of a page together, and for one alone.
SECONDS_FOR_ALL, SECONDS_FOR_ONE = 10, 2
logger = logging.getLogger(__name__)


def conditions(query: QueryDict) -> str:
    """Return the valid parameters of `query` in a fixed order, so that equal conditions are equal
    text."""
    kept = QueryDict(mutable=True)
    for name in sorted(ContactFilter.base_filters):
        values = sorted(value for value in query.getlist(name) if value.strip())
        if values:
            kept.setlist(name, values)
    return kept.urlencode()


def found_by(query: QueryDict) -> ContactFilter:
    """Return the filter for `query`; with an invalid condition it finds no one, and has the
    reason."""
    return ContactFilter(query, queryset=Contact.objects.all())


def counted(segments: Sequence[Segment]) -> dict[int, int]:
    """Return how many people are in each of `segments` now, by segment id, with one query.

    A segment that cannot be counted does not affect the others: its count is 0, and `uncounted` has
    the reason.
    """
    counts = {segment.pk: 0 for segment in segments}
    questions: dict[Segment, QuerySet[Any, Any]] = {}
    for segment in segments:
        with _failure_noted(segment):
            filtered = found_by(QueryDict(segment.query))
            segment.uncounted = filtered.unreadable_reason
            if not segment.uncounted:
                questions[segment] = _question(segment, filtered.qs)
    if not questions:
        return counts
    first, *others = questions.values()
    try:
        with time_limit(SECONDS_FOR_ALL):
            return counts | dict(first.union(*others, all=True) if others else first)
    except Exception:
        # One of them fails the query for all: count each alone.
        for segment, question in questions.items():
            with _failure_noted(segment), time_limit(SECONDS_FOR_ONE):
                counts |= dict(question)
        return counts


def _question(segment: Segment, people: QuerySet[Contact]) -> QuerySet[Any, Any]:
    return (
        people.order_by()
        .annotate(segment=Value(segment.pk, output_field=IntegerField()))
        .values("segment")
        .annotate(people=Count("pk"))
        .values_list("segment", "people")
    )


@contextmanager
def _failure_noted(segment: Segment) -> Iterator[None]:
    """Set on `segment` why it cannot be counted, for any exception inside: its conditions may be
    from another version, and the page shows the other segments."""
    try:
        yield
    except Exception as error:
        logger.warning("Segment %s could not be counted: %s.", segment.pk, type(error).__name__)
        if isinstance(error, DatabaseError):
            segment.uncounted = _(
                "Counting took longer than %(seconds)d seconds. Choose fewer conditions."
            ) % {"seconds": SECONDS_FOR_ONE}
        else:
            segment.uncounted = _("The conditions cannot be read.")
