"""Match the dates of a webinar to marketing events, and sessions to dates."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from destinations.hubspot.plan import EventDate, Stay
from destinations.models import MarketingEvent, WebinarHandover
from webinars.calendar_dates import CalendarDate, follow
from webinars.models import Attendance, Session, Webinar
from webinars.sessions import pending_until

# Attendance is sent when the report has been complete for this long.
ATTENDANCE_DELAY = dt.timedelta(hours=24)


def refresh_events(handover: WebinarHandover, now: dt.datetime) -> list[MarketingEvent]:
    """Update the events of a webinar to match its dates, and return them by start.

    Called with the row of `handover` locked. The event of a removed date stays, as cancelled.
    """
    webinar = handover.webinar
    known = {event.uid: event for event in handover.events.all()}
    dates = _dates(webinar, now)
    if "" in known and dates:
        # The webinar had no date so far: its first one gets the existing event.
        event = known.pop("")
        first = next((date for date in dates if date["uid"] not in known), dates[0])
        event.uid = first["uid"]
        event.save(update_fields=["uid"])
        known[event.uid] = event
    if not dates and not known:
        dates = [_no_date(webinar)]
    gone = webinar.state == Webinar.State.GONE
    for date in dates:
        found = known.get(date["uid"])
        cancelled = date["cancelled"] or gone
        if found is None and not cancelled:
            known[date["uid"]] = _new_event(handover, date, len(dates), known.values())
        elif found is not None:
            _move(found, date, cancelled=cancelled)
    listed = {date["uid"] for date in dates}
    for event in known.values():
        if event.uid not in listed and (gone or event.uid) and not event.cancelled:
            event.cancelled = True
            event.save(update_fields=["cancelled"])
    return sorted(known.values(), key=lambda event: (_start(event), event.number))


def _dates(webinar: Webinar, now: dt.datetime) -> list[CalendarDate]:
    if webinar.calendar_dates:
        return list(webinar.calendar_dates)
    times = webinar.times
    if not times and webinar.starts_at and webinar.ends_at:
        times = [[webinar.starts_at.isoformat(), webinar.ends_at.isoformat()]]
    return follow([], times, now)


def _no_date(webinar: Webinar) -> CalendarDate:
    return CalendarDate(
        uid="", start="", end="", sequence=0, changed_at=None,
        cancelled=webinar.state == Webinar.State.GONE,
    )  # fmt: skip


def _new_event(
    handover: WebinarHandover,
    date: CalendarDate,
    date_count: int,
    known: Iterable[MarketingEvent],
) -> MarketingEvent:
    number = max((event.number for event in known), default=0) + 1
    key = handover.webinar.key
    alone = number == 1 and date_count == 1
    return MarketingEvent.objects.create(
        handover=handover,
        number=number,
        uid=date["uid"],
        external_event_id=key if alone else f"{key}:{number}",
        external_account_id=handover.webinar.connection.organizer_key,
        starts_at=_time(date["start"]),
        ends_at=_time(date["end"]),
    )


def _move(event: MarketingEvent, date: CalendarDate, *, cancelled: bool) -> None:
    values = {
        "starts_at": _time(date["start"]),
        "ends_at": _time(date["end"]),
        "cancelled": cancelled,
    }
    changed = [name for name, value in values.items() if getattr(event, name) != value]
    if changed:
        for name in changed:
            setattr(event, name, values[name])
        event.save(update_fields=changed)


def _time(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _start(event: MarketingEvent) -> dt.datetime:
    return event.starts_at or dt.datetime.min.replace(tzinfo=dt.UTC)


def number_of(session: Session, events: Sequence[MarketingEvent]) -> int | None:
    """Return the number of the date of a session: the one it overlaps most, else the nearest; None
    without any."""
    held = [event for event in events if not event.cancelled] or list(events)
    if not held:
        return None
    return min(held, key=lambda event: _distance(session, event)).number


def _distance(session: Session, event: MarketingEvent) -> tuple[float, float]:
    if event.starts_at is None or event.ends_at is None:
        return 0.0, 0.0
    overlap = min(session.ended_at, event.ends_at) - max(session.started_at, event.starts_at)
    apart = abs(session.started_at - event.starts_at).total_seconds()
    return -max(overlap.total_seconds(), 0.0), apart


def held_on(webinar: Webinar, events: Sequence[MarketingEvent]) -> dict[int, list[Session]]:
    """Return the sessions that count, by the number of their date."""
    found: dict[int, list[Session]] = {}
    for session in webinar.sessions.filter(counts=True).order_by("started_at"):
        number = number_of(session, events)
        if number is not None:
            found.setdefault(number, []).append(session)
    return found


def final_at(sessions: Sequence[Session]) -> dt.datetime | None:
    """Return when the attendance of a date is sent; None if it has not taken place."""
    ends = [pending_until(session) for session in sessions]
    return max(ends) + ATTENDANCE_DELAY if ends else None


def event_dates(
    events: Sequence[MarketingEvent], held: Mapping[int, Sequence[Session]], now: dt.datetime
) -> list[EventDate]:
    """Return the dates in the form that the plan needs."""
    found = []
    for event in events:
        final = final_at(held.get(event.number, ()))
        found.append(
            EventDate(
                number=event.number,
                starts_at=event.starts_at,
                ends_at=event.ends_at,
                is_final=final is not None and final <= now,
                cancelled=event.cancelled,
            )
        )
    return found


def runs_at_any_time(webinar: Webinar) -> bool:
    """Return whether people watch at any time: the event does not end, and no one is a no-show."""
    return webinar.on_demand and webinar.ends_at is None


def stays_by_registration(
    webinar: Webinar,
    held: Mapping[int, Sequence[Session]],
    registration_ids: Iterable[int] | None,
    now: dt.datetime,
) -> dict[int, tuple[Stay, ...]]:
    """Return when people attended on each date, by registration.

    For a webinar that runs at any time it is the first session that each has watched, which is
    final while others go on watching.
    """
    numbers = {session.pk: number for number, sessions in held.items() for session in sessions}
    by_key = {session.pk: session for sessions in held.values() for session in sessions}
    rows = Attendance.objects.filter(session__in=numbers).order_by("session__started_at", "pk")
    if registration_ids is not None:
        rows = rows.filter(registration__in=list(registration_ids))
    at_any_time = runs_at_any_time(webinar)
    found: dict[tuple[int, int], Stay] = {}
    for registration, key, intervals, seconds in rows.values_list(
        "registration_id", "session_id", "intervals", "seconds"
    ):
        session = by_key[key]
        joined_at = min(
            (dt.datetime.fromtimestamp(stay[0], dt.UTC) for stay in intervals),
            default=session.started_at,
        )
        place = (registration, numbers[key])
        before = found.get(place)
        if before is None:
            is_final = at_any_time and pending_until(session) + ATTENDANCE_DELAY <= now
            found[place] = Stay(numbers[key], joined_at, seconds, is_final)
        elif not at_any_time:
            first = min(before.joined_at, joined_at)
            found[place] = Stay(numbers[key], first, before.seconds + seconds)
    by_registration: dict[int, list[Stay]] = {}
    for (registration, _number), stay in sorted(found.items(), key=lambda item: item[0]):
        by_registration.setdefault(registration, []).append(stay)
    return {registration: tuple(stays) for registration, stays in by_registration.items()}
