"""The conditions on webinars and registrations, each written once.

The QuerySets have a verb for each; other models use them across a relation by
`core.conditions.through`. Who is in which audience is said in `webinars.audiences`.
"""

import datetime as dt

from django.db.models import Q

IS_SCHEDULED = Q(state="scheduled")
# Rule 1. Whether its connection is synced is another question (`of_synced_connections`).
IS_SWITCHED_ON = Q(IS_SCHEDULED, sync_enabled=True)

IS_PENDING = Q(state="pending")
IS_WAITING = Q(state="overflow")
# A push is planned.
HAS_NEXT_PUSH = Q(next_push_at__isnull=False)
HAS_PLACE_IN_LINE = Q(waiting_since__isnull=False)
IS_CANCELLED = Q(cancelled_at__isnull=False)
HAS_REGISTRANT_KEY = ~Q(registrant_key="")
# Their seat became free, and they are being sent.
IS_PROMOTED = Q(IS_PENDING, HAS_PLACE_IN_LINE)
# What the platform's list of registrants holds, by what was read last.
LISTED_STATES = frozenset({"registered", "awaiting", "denied"})
IS_LISTED = Q(state__in=sorted(LISTED_STATES), cancelled_at__isnull=True) & ~Q(registrant_key="")
# Of whom the platform was never asked for what they submitted, and still can be.
UNREAD = Q(details_read_at__isnull=True, cancelled_at__isnull=True) & ~Q(registrant_key="")


def is_upcoming(now: dt.datetime) -> Q:
    """Return the condition on `Webinar`, as `Webinar.is_to_come` says it: the platform still takes
    people. One that runs now is among them, and so is one without an end: nothing says that it is
    over."""
    return Q(Q(ends_at__isnull=True) | Q(ends_at__gt=now), IS_SCHEDULED)
