"""Who attended, who did not, who found it full: the one definition of each audience (rule 8).

Admin filters, filter pages, counts, exports and commands all ask here. Every condition is on
`Registration`, so that an audience is `registrations.filter(condition(name))`.
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
    # The platform took them, cancelled or not.
    Audience.REGISTERED: Q(state=State.REGISTERED),
    # In at least one session, whatever became of the registration.
    Audience.ATTENDED: Q(sessions_attended__gt=0),
    Audience.WALK_IN: Q(state=State.WALK_IN),
    # Once on the platform's list, then gone from it.
    Audience.CANCELLED: Q(cancelled_at__isnull=False) & ~Q(state=State.WALK_IN),
    Audience.OVERFLOW: IS_WAITING,
    Audience.PENDING: IS_PENDING,
    Audience.REJECTED: Q(state=State.REJECTED),
    Audience.AWAITING_APPROVAL: Q(state=State.AWAITING, cancelled_at__isnull=True),
    Audience.DENIED: Q(state=State.DENIED, cancelled_at__isnull=True),
}


def _no_show() -> Q:
    """Registered before the last session that counts had ended, and attended none. No one is while
    the report of a session is outstanding."""
    return Q(
        Q(webinar__attendance_pending_until__isnull=True)
        | Q(webinar__attendance_pending_until__lte=timezone.now()),
        state=State.REGISTERED,
        sessions_attended=0,
        registered_at__lt=F("webinar__last_session_ended_at"),
    )


def _registered_late() -> Q:
    """For the recording: all is over, and the last session that counts had ended."""
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

# Who leaves while the host says goodbye has stayed.
_GOODBYE = dt.timedelta(minutes=5)


def parse(name: str) -> Audience:
    """Return the audience called `name`, however its words are joined. Raises ValueError."""
    return Audience(name.strip().lower().replace("_", "-").replace(" ", "-"))


def condition(audience: Audience) -> Q:
    """Return the condition on `Registration` that says who is in `audience`.

    Internal people (`webinars.internal`) are in the audience of that name alone.
    """
    if audience == Audience.INTERNAL:
        return Q(is_internal=True)
    return anybody_in(audience) & everybody()


def anybody_in(audience: Audience) -> Q:
    """Return the condition on `Registration` that says who would be in `audience` if no one were
    internal."""
    now = _CONDITIONS_NOW.get(audience)
    return now() if now else _CONDITIONS[audience]


def everybody() -> Q:
    """Return the condition on `Registration` that says who counts at all: who is not internal."""
    return Q(is_internal=False)


def left_out(webinar: Webinar, audience: Audience) -> QuerySet[Registration]:
    """Return those who would be in `audience` of `webinar` if they were not internal."""
    if audience == Audience.INTERNAL:
        return webinar.registrations.none()
    return webinar.registrations.filter(anybody_in(audience), is_internal=True)


def stayed_to_the_end() -> Q:
    """Return the condition on `Registration`: when they left permanently, their session was over.

    Over is within 5 minutes of its end. False for who attended none.
    """
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
    """Return how many of `registrations` are in each audience, in one query."""
    return {
        Audience(name): count
        for name, count in registrations.aggregate(
            **{audience.value: Count("state", filter=condition(audience)) for audience in Audience}
        ).items()
    }


def counts_by_webinar(webinars: list[Webinar]) -> dict[int, dict[Audience, int]]:
    """Return, by webinar id, how many people are in each audience: one query for the lot."""
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
