"""Which sessions count, and when their attendance is known: the one definition (rule 8).

The results are stored on `Webinar`, for counting audiences: by the sync after it has read sessions
and attendees, and after a user's decision about a session.
"""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts.activities import record_activities, withdraw_activities
from contacts.models import Activity
from webinars.attendance import missed_key
from webinars.audiences import Audience, members
from webinars.models import Session, Webinar
from webinars.models.webinar import SETTLING

# The platform's report does not exist earlier (docs/gotowebinar.md).
REPORT_DELAY = dt.timedelta(minutes=30)


def counts(ended_at: dt.datetime, times: Sequence[Sequence[str]]) -> bool:
    """Return whether a session counts: it ended after the start of one of the webinar's dates.

    Without dates all count; one that ended before all dates was a rehearsal. `times` are
    `Webinar.times`.
    """
    starts = [dt.datetime.fromisoformat(start) for start, _end in times]
    return not starts or any(ended_at > start for start in starts)


def pending_until(session: Session) -> dt.datetime:
    """Return until when the attendance of `session` is incomplete.

    A report is complete half an hour after the end, if it lists as many attendees as the platform
    counted, and all could be read; after 48 hours each report is.
    """
    complete = session.listed >= session.attended_there and not session.unreadable
    return session.ended_at + (REPORT_DELAY if complete else SETTLING)


def refresh(webinar: Webinar) -> bool:
    """Update the stored results of `webinar`; return whether they changed."""
    counted = list(webinar.sessions.filter(counts=True))
    values = {
        "last_session_ended_at": max((item.ended_at for item in counted), default=None),
        "attendance_pending_until": max((pending_until(item) for item in counted), default=None),
    }
    changed = {name: value for name, value in values.items() if getattr(webinar, name) != value}
    for name, value in changed.items():
        setattr(webinar, name, value)
    if changed:
        Webinar.objects.filter(pk=webinar.pk).update(**changed)
    return bool(changed)


def no_shows_are_due(webinar: Webinar, *, changed: bool) -> bool:
    """Return whether the no-shows in the timelines may be outdated: attendance has become known or
    unknown since, or something has `changed`."""
    recorded_at, until = webinar.no_shows_recorded_at, webinar.attendance_pending_until
    if not _is_known(webinar):
        return recorded_at is not None
    return changed or recorded_at is None or (until is not None and recorded_at < until)


def _is_known(webinar: Webinar) -> bool:
    return webinar.last_session_ended_at is not None and not webinar.attendance_is_pending


def write_no_shows(webinar: Webinar) -> int:
    """Update the no-shows in the timelines, and return how many entries are new."""
    now = timezone.now()
    key = missed_key(webinar.key)
    missed = members(webinar, Audience.NO_SHOW)
    others = webinar.registrations.exclude(pk__in=missed.values("pk")).values("contact")
    withdraw_activities(Activity.objects.filter(key=key, contact__in=others))
    activities = Activity.objects.filter(contact=OuterRef("contact"), key=key)
    lines = [
        Activity(
            contact_id=contact_id,
            key=key,
            kind=Activity.Kind.MISSED,
            happened_at=webinar.last_session_ended_at or now,
            webinar_key=webinar.key,
            webinar_subject=webinar.subject,
        )
        for contact_id in missed.exclude(Exists(activities)).values_list("contact", flat=True)
    ]
    record_activities(lines)
    webinar.no_shows_recorded_at = now if _is_known(webinar) else None
    Webinar.objects.filter(pk=webinar.pk).update(no_shows_recorded_at=webinar.no_shows_recorded_at)
    return len(lines)


def decide(session: Session, *, counts: bool) -> None:
    """Let `session` count or not, by a user's decision."""
    session.counts = counts
    session.save(update_fields=["counts"])
    refresh(session.webinar)
    write_no_shows(session.webinar)
