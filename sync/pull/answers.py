"""Poll and survey answers: one call an attendee and kind, so they are read only for what was
answered, and once.

The summaries of a session, one call each, have the questions and the numbers of answers. Late
surveys arrive for some time: attendees who were asked before the session had settled are asked
again afterwards (48 hours, docs/gotowebinar.md), and whenever a summary has more answers later.
Anonymous answers are only counted (`Session.summaries`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.models import Activity
from platforms.errors import NotFound
from platforms.records import PollAnswer, PollSummary
from sync import lease
from sync.models import SyncRun
from sync.pull import apply, snapshot
from sync.pull.apply import ApplyStats
from sync.pull.attendance_plan import LocalSession, plan_answers
from sync.pull.changes import NewActivity
from webinars.models import Attendance, Session, Webinar
from webinars.models.webinar import SETTLING

if TYPE_CHECKING:
    from sync.pull.webinar_sync import WebinarSync

Kind = Activity.Kind
_CHUNK = 50
# How often the answers of settled sessions are read.
_READ_EVERY = dt.timedelta(days=1)


def read_answers(webinar_sync: WebinarSync) -> None:
    """Read the answers of attendees who were not asked yet; each portion is written at once."""
    now = timezone.now()
    sessions = list(webinar_sync.webinar.sessions.filter(ended_at__lt=now))
    if not sessions or not _is_due(webinar_sync.webinar, sessions, now):
        return
    done = 0
    for session in sessions:
        summaries, unknown = _summaries(webinar_sync, session)
        answered = {Kind(item["kind"]) for item in summaries if item["responses"]} | unknown
        changed = summaries != session.summaries
        again = changed and session.ended_at + SETTLING < now
        done = _read_session(webinar_sync, session, answered, again=again, done=done)
        if changed:
            # Last, so that a killed run repeats it.
            with transaction.atomic():
                lease.hold(webinar_sync.run)
                session.summaries = summaries
                session.save(update_fields=["summaries"])
    webinar_sync.answers_read = True


def _is_due(webinar: Webinar, sessions: Sequence[Session], now: dt.datetime) -> bool:
    """Return whether no run has read the answers since all sessions had settled, nor for a day."""
    runs = webinar.sync_runs.done().filter(answers_read=True)
    read_at = runs.order_by("-started_at").values_list("started_at", flat=True).first()
    settled_at = max(session.ended_at for session in sessions) + SETTLING
    return read_at is None or read_at < max(settled_at, now - _READ_EVERY)


def _summaries(
    webinar_sync: WebinarSync, session: Session
) -> tuple[list[dict[str, Any]], set[Activity.Kind]]:
    """Return the questions of `session` (`Session.summaries`), and the kinds that could not be
    read."""
    found: list[dict[str, Any]] = []
    unknown: set[Activity.Kind] = set()
    client = webinar_sync.client
    for kind, can, ask in (
        (Kind.POLL, client.capabilities.polls, client.poll_summaries),
        (Kind.SURVEY, client.capabilities.surveys, client.survey_summaries),
    ):
        if not can:
            continue
        try:
            summaries: Sequence[PollSummary] = ask(webinar_sync.webinar.key, session.key)
        except NotFound:
            unknown.add(kind)
            continue
        found += [
            {"kind": kind.value, "question": item.question, "responses": item.responses}
            for item in summaries
        ]
    return found, unknown


def _read_session(
    webinar_sync: WebinarSync,
    session: Session,
    kinds: set[Activity.Kind],
    *,
    again: bool,
    done: int,
) -> int:
    """Ask for the answers of the attendees of `session`, of `kinds`; return how many in total."""
    local = LocalSession(session.pk, session.key, session.started_at, session.ended_at)
    last = 0
    while kinds and (places := _due(webinar_sync.run, session, after=last, again=again)):
        last = places[-1].pk
        with ThreadPoolExecutor(max(1, webinar_sync.client.limits.parallel_calls)) as pool:
            lines = list(
                pool.map(lambda place: _fetch_answers(webinar_sync, local, place, kinds), places)
            )
        with transaction.atomic():
            lease.hold(webinar_sync.run)
            _write(webinar_sync, [line for some in lines for line in some])
            Attendance.objects.filter(pk__in=[place.pk for place in places]).update(
                answers_read_at=timezone.now()
            )
        done += len(places)
        webinar_sync.report_progress("answers", done)
    return done


def _due(run: SyncRun, session: Session, *, after: int, again: bool) -> list[Attendance]:
    """Return the next attendees of `session` to ask for, oldest first."""
    due = Q(answers_read_at__isnull=True)
    if session.ended_at + SETTLING < timezone.now():
        due |= Q(answers_read_at__lt=session.ended_at + SETTLING)
    if again:
        due |= Q(answers_read_at__lt=run.started_at)
    rows = session.attendances.filter(due, pk__gt=after).select_related("registration")
    return list(rows.order_by("pk")[:_CHUNK])


def _fetch_answers(
    webinar_sync: WebinarSync, session: LocalSession, place: Attendance, kinds: set[Activity.Kind]
) -> list[NewActivity]:
    """Return the entries for the answers of one person, under whichever registrant they
    attended."""
    webinar, client = webinar_sync.webinar.key, webinar_sync.client
    keys = sorted(place.by_registrant) or [place.registration.registrant_key]
    lines: list[NewActivity] = []
    for kind, ask in ((Kind.POLL, client.poll_answers), (Kind.SURVEY, client.survey_answers)):
        if kind not in kinds:
            continue
        collected: dict[str, dict[str, None]] = {}
        for key in keys:
            try:
                answers = ask(webinar, session.key, key)
            except NotFound:
                continue
            for item in answers:
                collected.setdefault(item.question, {}).update(dict.fromkeys(item.answers))
        both = [PollAnswer(question, tuple(answers)) for question, answers in collected.items()]
        lines += plan_answers(kind, both, place.registration.contact_id, session)
    return lines


def _write(webinar_sync: WebinarSync, lines: list[NewActivity]) -> None:
    known: set[tuple[int, str]] = set()
    for kind in (Kind.POLL, Kind.SURVEY):
        contacts = [line.contact for line in lines if isinstance(line.contact, int)]
        known |= set(snapshot.read_lines(contacts, f"{kind}:"))
    fresh = sum((line.contact, line.key) not in known for line in lines)
    apply.upsert_activities(webinar_sync.webinar, lines)
    webinar_sync.stats.add(ApplyStats(activities=fresh))
