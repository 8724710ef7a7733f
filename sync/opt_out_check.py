"""Ask the platform whether people opted out, before a marketing email is sent (rule 11).

The platform reports opt-outs only in the details of a registrant, and they apply to "other emails
from this webinar's organizer": one registrant a person and connection is enough, the newest that
the platform still has.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from contacts import opt_outs
from contacts.models import OptOut
from core.rate_limit.database import Priority
from platforms.client_factory import client_for
from platforms.errors import PlatformError
from platforms.records import RegistrantDetails
from sync.pull.registrant_details import read_details
from sync.pull.submitted_values import save_submitted_values
from webinars.models import Registration, Webinar

State = Registration.State

# Details read within this time are current enough.
FRESH = dt.timedelta(days=1)


def to_check(contacts: Collection[int] | QuerySet[Any]) -> list[Registration]:
    """Return the registrations to ask for, at most one a contact and connection, of those of
    `contacts` (their keys) that were not checked recently."""
    rows = (
        Registration.objects.listed()
        .filter(contact__in=contacts)
        .select_related("webinar__connection")
        .order_by("contact", "webinar__connection", "-registered_at", "-pk")
    )
    since = timezone.now() - FRESH
    newest: dict[tuple[int, int], Registration] = {}
    asked: set[tuple[int, int]] = set()
    for row in rows:
        place = row.contact_id, row.webinar.connection_id
        newest.setdefault(place, row)
        if row.details_read_at is not None and row.details_read_at > since:
            asked.add(place)
    return [row for place, row in newest.items() if place not in asked]


def refresh(registrations: Sequence[Registration]) -> None:
    """Read the details of `registrations` and save opt-outs. If details cannot be read, `to_check`
    returns the registration again."""
    by_webinar: dict[Webinar, list[Registration]] = defaultdict(list)
    for registration in registrations:
        by_webinar[registration.webinar].append(registration)
    for webinar, some in by_webinar.items():
        if webinar.connection.is_synced:
            _refresh(webinar, some)


def save_opt_outs(read: Iterable[RegistrantDetails]) -> None:
    """Save the opt-outs of those whose details were read."""
    opted_out = [item.registrant.email for item in read if item.unsubscribed]
    if opted_out:
        opt_outs.opt_out_many(opted_out, OptOut.Source.PLATFORM)


def _refresh(webinar: Webinar, registrations: Sequence[Registration]) -> None:
    client = client_for(webinar.connection, Priority.MANUAL)
    try:
        details = read_details(client, webinar.key, [row.registrant_key for row in registrations])
    except PlatformError:
        return
    # For registrants that the platform no longer has, it has no opt-out either.
    save_opt_outs(details.found.values())
    save_submitted_values(webinar, details)
