"""Mark registrations of internal people: speakers of the webinar and people of the company.

A registration is internal if an address of its contact, including former ones, or the submitted
address, is that of a speaker of its webinar, or matches an `InternalAddress` (an address or a
domain). The mark is stored, so that figures need not compute it; whatever changes one of these
calls `refresh`, which is one condition and two UPDATEs for any number of registrations.
"""

import re
import time
from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.signals import post_delete, post_save

from contacts.models import AlternateEmail
from core.audit import log_field_changes
from core.queue import enqueue
from webinars.models import InternalAddress, InternalRefresh, Registration, Speaker

# How many registrations are checked in one transaction after the list has changed: it takes about a
# second, and no one waits longer.
_PORTION = 20_000
# How long a change of the list is applied at once (seconds); a worker does the rest.
_AT_ONCE = 1.0


def refresh(registrations: QuerySet[Registration]) -> int:
    """Mark those of `registrations` that are internal, and no others; return how many changed."""
    rows = registrations.order_by()
    # Each registration and each page of a first sync asks this, mostly without any internal
    # address.
    of_webinar = Speaker.objects.filter(webinar=OuterRef("webinar"))
    possible = Q(is_internal=True) | Exists(InternalAddress.objects.all()) | Exists(of_webinar)
    if not rows.filter(possible).exists():
        return 0
    internal = _is_internal(has_list=InternalAddress.objects.exists())
    changed = rows.filter(internal, is_internal=False).update(is_internal=True)
    return changed + rows.filter(~internal, is_internal=True).update(is_internal=False)


def _is_internal(*, has_list: bool) -> Q:
    """Return the condition on `Registration`, based on the addresses; `has_list` means that there
    are internal addresses besides the speakers' ones."""
    speakers = Speaker.objects.filter(webinar=OuterRef("webinar"))
    further = AlternateEmail.objects.filter(contact=OuterRef("contact"))
    of_speaker = Speaker.objects.filter(
        webinar=OuterRef(OuterRef("webinar")), email_key=OuterRef("email_key")
    )
    condition = (
        Q(Exists(speakers.filter(email_key=OuterRef("contact__email_key"))))
        | Q(Exists(speakers.filter(email_key=OuterRef("submitted_email_key"))))
        | Q(Exists(further.filter(Exists(of_speaker))))
    )
    if not has_list:
        return condition
    return (
        condition
        | _names("contact__email_key")
        | Q(Exists(further.filter(_names("email_key"))))
        | _names("submitted_email_key")
    )


def _names(address: str) -> Q:
    """Return the condition that an internal address is `address`, a field, or its domain."""
    single = InternalAddress.objects.filter(is_domain=False).order_by().values("text")
    named = Q(**{f"{address}__in": single})
    domains = InternalAddress.objects.filter(is_domain=True).values_list("text", flat=True)
    # One expression for all: comparing each person with each domain takes fifty times as long.
    pattern = "|".join(re.escape(domain) for domain in domains)
    return named | Q(**{f"{address}__regex": f"[@.]({pattern})$"}) if pattern else named


def add_addresses(keys: Collection[str], *, user_id: int | None) -> int:
    """Add the addresses with these keys (core.emails.email_key) to the list of internal people, and
    have registrations marked again; return how many are new."""
    known = InternalAddress.objects.filter(text__in=keys).values_list("text", flat=True)
    new = set(keys) - set(known)
    if not new:
        return 0
    with transaction.atomic():
        InternalAddress.objects.bulk_create(
            (
                InternalAddress(text=key, is_domain=False, created_by_id=user_id)
                for key in sorted(new)
            ),
            ignore_conflicts=True,
        )
        added = InternalAddress.objects.filter(text__in=new)
        log_field_changes(user_id, ((row, ()) for row in added))
        request_refresh()
    return len(new)


# -- after the list of internal addresses has changed ----------------------------------------------


def request_refresh() -> None:
    """Request a check of all registrations, which begins after the transaction."""
    with transaction.atomic():
        if not InternalRefresh.objects.update(next_id=0):
            InternalRefresh.objects.create()
        transaction.on_commit(_begin, robust=True)


def _begin() -> None:
    if refresh_all(at_most=_AT_ONCE):
        return
    enqueue("webinars.tasks.mark_internal")


def refresh_all(*, at_most: float) -> bool:
    """Continue the requested check for `at_most` seconds; return whether it is complete.

    It may be killed, and run twice at once: the position is in the row that each portion locks.
    """
    deadline = time.monotonic() + at_most
    while _next_portion():
        if time.monotonic() > deadline:
            return False
    return True


def _next_portion() -> bool:
    """Check a portion of the registrations; False if none is left."""
    with transaction.atomic():
        noted = InternalRefresh.objects.select_for_update().first()
        if noted is None:
            return False
        rows = Registration.objects.filter(pk__gte=noted.next_id)
        portion = rows.order_by("pk").values_list("pk", flat=True)[:_PORTION]
        last = max(portion, default=None)
        if last is None:
            noted.delete()
            return False
        refresh(rows.filter(pk__lte=last))
        InternalRefresh.objects.filter(pk=noted.pk).update(next_id=last + 1)
    return True


def percent_marked() -> int | None:
    """Return the progress of the check in percent; None if nothing is left to do."""
    noted = InternalRefresh.objects.first()
    if noted is None:
        return None
    last = Registration.objects.aggregate(last=Max("pk"))["last"] or 1
    return min(99, 100 * noted.next_id // last)


def _list_changed(**_: object) -> None:
    request_refresh()


def connect() -> None:
    """Connect to changes of internal addresses."""
    for signal in (post_save, post_delete):
        signal.connect(
            _list_changed, sender=InternalAddress, dispatch_uid=f"webinars.internal.{id(signal)}"
        )
