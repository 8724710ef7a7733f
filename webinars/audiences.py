"""The one definition of each audience: who attended, who did not, who waits (rule 8).

Filters, pages, counts, exports and commands all use it. Each condition is on `Registration`, so an
audience is `registrations.filter(condition(name))`.
"""

import datetime as dt
from collections.abc import Callable
from enum import StrEnum
from typing import cast

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webinars.models import Registration, Session, Webinar
from webinars.models.conditions import IS_PENDING, IS_WAITING

State = Registration.State


class Audience(StrEnum):
    """The audiences, by the names that commands and links use."""

    REGISTERED = "registered"
    ATTENDED = "attended"
    NO_SHOW = "no-show"
    NO_SHOW_NOT_CANCELLED = "no-show-not-cancelled"
    REGISTERED_LATE = "registered-late"
    WALK_IN = "walk-in"
    CANCELLED = "cancelled"
    OVERFLOW = "overflow"
    PENDING = "pending"
    REJECTED = "rejected"
    AWAITING_APPROVAL = "awaiting-approval"
    DENIED = "denied"
    INTERNAL = "internal"


LABELS = {
    Audience.REGISTERED: _("Registered"),
    Audience.ATTENDED: _("Attended"),
    Audience.NO_SHOW: _("No-show"),
    Audience.NO_SHOW_NOT_CANCELLED: _("No-shows without cancelled"),
    Audience.REGISTERED_LATE: _("Registered late"),
    Audience.WALK_IN: _("Attended without registration"),
    Audience.CANCELLED: _("Cancelled"),
    Audience.OVERFLOW: _("Waiting list"),
    Audience.PENDING: _("Sending"),
    Audience.REJECTED: _("Rejected"),
    Audience.AWAITING_APPROVAL: _("Awaiting approval"),
    Audience.DENIED: _("Declined"),
    Audience.INTERNAL: _("Internal"),
}

_CONDITIONS = {
    # Accepted by the platform, cancelled or not.
    Audience.REGISTERED: Q(state=State.REGISTERED),
    # In at least one session, whatever the state of the registration.
    Audience.ATTENDED: Q(sessions_attended__gt=0),
    Audience.WALK_IN: Q(state=State.WALK_IN),
    # Formerly on the platform's list, now gone.
    Audience.CANCELLED: Q(cancelled_at__isnull=False) & ~Q(state=State.WALK_IN),
    Audience.OVERFLOW: IS_WAITING,
    Audience.PENDING: IS_PENDING,
    Audience.REJECTED: Q(state=State.REJECTED),
    Audience.AWAITING_APPROVAL: Q(state=State.AWAITING, cancelled_at__isnull=True),
    Audience.DENIED: Q(state=State.DENIED, cancelled_at__isnull=True),
}


def _no_show() -> Q:
    """Registered before the last session that counts had ended, and attended none. Empty while the
    report of a session is outstanding."""
    return Q(
        Q(webinar__attendance_pending_until__isnull=True)
        | Q(webinar__attendance_pending_until__lte=timezone.now()),
        state=State.REGISTERED,
        sessions_attended=0,
        registered_at__lt=F("webinar__last_session_ended_at"),
    )


def _registered_late() -> Q:
    """Registered for the recording: after the last session that counts had ended, and all is
    over."""
    return Q(
        Q(webinar__ends_at__isnull=True) | Q(webinar__ends_at__lte=timezone.now()),
        state=State.REGISTERED,
        registered_at__gte=F("webinar__last_session_ended_at"),
    )


# Those that change with time.
_CONDITIONS_NOW: dict[Audience, Callable[[], Q]] = {
    Audience.NO_SHOW: _no_show,
    Audience.NO_SHOW_NOT_CANCELLED: lambda: _no_show() & Q(cancelled_at__isnull=True),
    Audience.REGISTERED_LATE: _registered_late,
}

# Leaving while the host says goodbye counts as staying to the end.
_GOODBYE = dt.timedelta(minutes=5)


def parse(name: str) -> Audience:
    """Return the audience called `name`, with any separator between words. Raises ValueError."""
    return Audience(name.strip().lower().replace("_", "-").replace(" ", "-"))


def condition(audience: Audience) -> Q:
    """Return the condition on `Registration` for `audience`.

    Internal people (`webinars.internal`) are only in the audience of that name.
    """
    if audience == Audience.INTERNAL:
        return Q(is_internal=True)
    return anybody_in(audience) & not_internal()


def anybody_in(audience: Audience) -> Q:
    """Return the condition on `Registration` for `audience`, ignoring who is internal."""
    now = _CONDITIONS_NOW.get(audience)
    return now() if now else _CONDITIONS[audience]


def not_internal() -> Q:
    """Return the condition on `Registration` for people who count: those who are not internal."""
    return Q(is_internal=False)


def left_out(webinar: Webinar, audience: Audience) -> QuerySet[Registration]:
    """Return those in `audience` of `webinar`, ignoring who is internal."""
    if audience == Audience.INTERNAL:
        return webinar.registrations.none()
    return webinar.registrations.filter(anybody_in(audience), is_internal=True)


def stayed_to_the_end() -> Q:
    """Return the condition on `Registration` for staying to the end: until 5 minutes before the end
    of the session or later. False for people who attended none."""
    left = OuterRef("last_left_at")
    went_on = Session.objects.filter(
        webinar=OuterRef("webinar"),
        started_at__lte=left,
        ended_at__gt=ExpressionWrapper(left + _GOODBYE, DateTimeField()),
    )
    return condition(Audience.ATTENDED) & Q(~Exists(went_on))


def members(webinar: Webinar, audience: Audience) -> QuerySet[Registration]:
    """Return the registrations of `webinar` in `audience`."""
    return webinar.registrations.filter(condition(audience))


def counts(registrations: QuerySet[Registration]) -> dict[Audience, int]:
    """Return how many of `registrations` are in each audience, with one query."""
    return {
        Audience(name): count
        for name, count in registrations.aggregate(
            **{audience.value: Count("state", filter=condition(audience)) for audience in Audience}
        ).items()
    }


def counts_by_webinar(webinars: list[Webinar]) -> dict[int, dict[Audience, int]]:
    """Return how many people are in each audience by webinar id, with one query in total."""
    rows = (
        Registration.objects.filter(webinar__in=webinars)
        .order_by()
        .values("webinar_id")
        .annotate(
            **{audience.value: Count("state", filter=condition(audience)) for audience in Audience}
        )
    )
    empty = dict.fromkeys(Audience, 0)
    found: dict[int, dict[Audience, int]] = {}
    for row in rows:
        counted = cast("dict[str, int]", row)
        found[row["webinar_id"]] = {name: counted[name.value] for name in Audience}
    return {webinar.pk: found.get(webinar.pk, empty) for webinar in webinars}
