"""Which sessions count, and when their attendance is known: the one definition (rule 8).

The sync keeps it after it has read sessions and attendees; a person's decision about a session
keeps it too. What is kept stands on `Webinar`, for audiences are counted by it.
"""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts.models import Activity
from webinars.audiences import Audience, members
from webinars.models import Session, Webinar
from webinars.models.webinar import SETTLING

# GoToWebinar's report is not looked for before (docs/gotowebinar.md).
REPORT_DELAY = dt.timedelta(minutes=30)


def counts(ended_at: dt.datetime, times: Sequence[Sequence[str]]) -> bool:
    """Tell whether a session counts: it ended after the start of one of the webinar's dates.

    Without dates each does; what ended before all of them was a rehearsal. `times` are the
    webinar's (`Webinar.times`).
    """
    starts = [dt.datetime.fromisoformat(start) for start, _end in times]
    return not starts or any(ended_at > start for start in starts)


def pending_until(session: Session) -> dt.datetime:
    """Return until when the attendance of `session` is still coming.

    Complete is a report that lists as many attendees as the platform says attended, none of them
    unreadable, half an hour after the end at the earliest; after 48 hours each is.
    """
    complete = session.listed >= session.attended_there and not session.unreadable
    return session.ended_at + (REPORT_DELAY if complete else SETTLING)


def refresh(webinar: Webinar) -> bool:
    """Bring what `webinar` tells of its sessions in line with them; tell whether that changed."""
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


def write_no_shows(webinar: Webinar, *, changed: bool = False) -> int:
    """Bring the timelines in line with who did not attend, and return how many lines are new.

    Nothing is done before attendance is known, nor again while nothing has `changed` since.
    """
    now, written_at = timezone.now(), webinar.no_shows_written_at
    ended_at, until = webinar.last_session_ended_at, webinar.attendance_pending_until
    known = ended_at is not None and not webinar.attendance_is_pending
    up_to_date = written_at is not None and (until is None or written_at >= until) and not changed
    if (known and up_to_date) or (not known and written_at is None):
        return 0
    key = f"missed:{webinar.key}"
    missed = members(webinar, Audience.NO_SHOW)
    others = webinar.registrations.exclude(pk__in=missed.values("pk")).values("contact")
    Activity.objects.filter(key=key, contact__in=others).delete()
    told = Activity.objects.filter(contact=OuterRef("contact"), key=key)
    lines = [
        Activity(
            contact_id=contact_id,
            key=key,
            kind=Activity.Kind.MISSED,
            happened_at=ended_at or now,
            webinar_key=webinar.key,
            webinar_subject=webinar.subject,
        )
        for contact_id in missed.exclude(Exists(told)).values_list("contact", flat=True)
    ]
    Activity.objects.bulk_create(lines, batch_size=500, ignore_conflicts=True)
    webinar.no_shows_written_at = now if known else None
    Webinar.objects.filter(pk=webinar.pk).update(no_shows_written_at=webinar.no_shows_written_at)
    return len(lines)


def decide(session: Session, *, counts: bool) -> None:
    """Let `session` count or not, as a person decided."""
    session.counts = counts
    session.save(update_fields=["counts"])
    refresh(session.webinar)
    write_no_shows(session.webinar, changed=True)
