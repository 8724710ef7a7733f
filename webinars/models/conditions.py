"""The conditions on webinars and registrations, each written once.

QuerySets have a method for each; other models use them across a relation with
`core.conditions.through`. `webinars.audiences` defines who is in which audience.
"""

import datetime as dt

from django.db.models import Q

IS_SCHEDULED = Q(state="scheduled")
# Rule 1. Whether its connection is synced is a separate condition (`of_synced_connections`).
IS_SWITCHED_ON = Q(IS_SCHEDULED, sync_enabled=True)

IS_PENDING = Q(state="pending")
IS_WAITING = Q(state="overflow")
# A push is planned.
HAS_NEXT_PUSH = Q(next_push_at__isnull=False)
HAS_PLACE_IN_LINE = Q(waiting_since__isnull=False)
IS_CANCELLED = Q(cancelled_at__isnull=False)
HAS_REGISTRANT_KEY = ~Q(registrant_key="")
# Promoted from the waiting list and being pushed.
IS_PROMOTED = Q(IS_PENDING, HAS_PLACE_IN_LINE)
# On the platform's list of registrants, as last read.
LISTED_STATES = frozenset({"registered", "awaiting", "denied"})
IS_LISTED = Q(state__in=sorted(LISTED_STATES), cancelled_at__isnull=True) & ~Q(registrant_key="")
# Registrants whose details were never read, and still can be.
UNREAD = Q(details_read_at__isnull=True, cancelled_at__isnull=True) & ~Q(registrant_key="")


def is_upcoming(now: dt.datetime) -> Q:
    """Return the condition on `Webinar` for `Webinar.is_to_come`: open on the platform. That
    includes webinars running now, and those without an end."""
    return Q(Q(ends_at__isnull=True) | Q(ends_at__gt=now), IS_SCHEDULED)
