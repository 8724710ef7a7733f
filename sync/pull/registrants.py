"""Sync single registrants without reading a webinar's whole list."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from platforms.records import RegistrantDetails
from sync.pull import apply, snapshot
from sync.pull.apply import ApplyStats
from sync.pull.plan import plan_registrants
from webinars.models import Webinar


def sync_registrants(webinar: Webinar, people: Sequence[RegistrantDetails]) -> ApplyStats:
    """Write the platform's details of each of `people`, with the same plan as a sync (rules 2 to
    5).

    Safe beside a sync of the same webinar: both plan inside their transaction, and each row and
    entry is written once, whichever is first.
    """
    page = [item.registrant for item in people]
    details = {item.registrant.key: item for item in people}
    with transaction.atomic():
        plan = plan_registrants(
            page,
            snapshot.read_page(webinar, page),
            details,
            webinar_key=webinar.key,
            now=timezone.now(),
        )
        return apply.apply_plan(webinar, plan)
