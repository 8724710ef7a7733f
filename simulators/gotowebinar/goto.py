"""All operations of a simulated GoToWebinar: finding, registering, cancelling, running.

`GoTo` owns an account, its clock and the indexes that make it fast. It is independent of HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from . import errors
from .events import joined_event, registrant_event, survey_event, webinar_event
from .forms import Answers, read_form
from .records import (
    APPROVED,
    WAITING,
    Account,
    Attendance,
    Registrant,
    Reply,
    Session,
    User,
    Webinar,
)
from .shapes import Shape, attendee_row, encode, registrant_row

LEAST_WATCHED = 60


class Room:
    """A webinar with its indexes and the cached JSON of its list rows."""

    def __init__(self, webinar: Webinar) -> None:
        self.webinar = webinar
        self.by_key = {person.key: person for person in webinar.registrants}
        self.by_email: dict[str, int] = {}
        for person in webinar.registrants:
            self.by_email.setdefault(person.email.casefold(), person.key)
        self.sessions = {session.key: session for session in webinar.sessions}
        self._rows: dict[int, bytes] = {}
        self._attendees: list[bytes] | None = None

    def rows(self, start: int, stop: int) -> list[bytes]:
        """Return the JSON of the registrants from ``start`` up to ``stop`` in GoTo's order."""
        known = self._rows
        found = []
        for person in self.webinar.registrants[start:stop]:
            row = known.get(person.key)
            if row is None:
                row = known[person.key] = encode(registrant_row(self.webinar, person))
            found.append(row)
        return found

    def attendees(self, now: int) -> list[bytes]:
        """Return the JSON of every attendee of every ended session that is reported at ``now``, by
        session."""
        if self.webinar.hold is not None:
            return self._listed_attendees(now)
        if self._attendees is None:
            self._attendees = self._listed_attendees(now)
        return self._attendees

    def _listed_attendees(self, now: int) -> list[bytes]:
        return [
            encode(row)
            for session in self.webinar.ended_sessions()
            for row in self.attendee_rows(session, now)
        ]

    def attendee_rows(self, session: Session, now: int) -> list[Shape]:
        """Return the attendees of one ended session who are reported at ``now``."""
        return [
            attendee_row(session, attendance, person)
            for attendance in self.webinar.reported(session, now)
            if (person := self.person(attendance.registrant_key)) is not None
        ]

    def person(self, key: int) -> Registrant | None:
        """Return a registrant, or an attendee who is not on the list."""
        known = self.by_key.get(key)
        if known is not None:
            return known
        webinar = self.webinar
        others = (*webinar.cancelled, *webinar.unlisted, *webinar.walk_ins)
        return next((person for person in others if person.key == key), None)

    def unlisted(self, key: int) -> Registrant | None:
        """Return a person who can be requested individually and is not on the list."""
        return next((person for person in self.webinar.unlisted if person.key == key), None)

    def last_session(self) -> Session:
        """Return the last session that ended. Raises Refusal (404) if none has."""
        ended = self.webinar.ended_sessions()
        if not ended:
            raise errors.not_found("No session has ended")
        return ended[-1]

    def changed(self) -> None:
        """Clear the cached JSON after a session changed."""
        self._attendees = None

    def forget_row(self, key: int) -> None:
        """Clear the cached JSON of one registrant."""
        self._rows.pop(key, None)


class GoTo:
    """A simulated GoToWebinar account in operation.

    ``offset`` is added to the real clock, so that a run can begin at any time.
    """

    def __init__(self, account: Account, offset: float = 0) -> None:
        self.revision = 0
        # Receives each event with its user, name and payload.
        self.listeners: list[Callable[[int, str, dict[str, Any]], None]] = []
        self.reset(account, offset)

    def reset(self, account: Account, offset: float) -> None:
        """Replace the account; listeners stay."""
        self.account = account
        self.offset = offset
        self.revision += 1
        self.duplicates_carry_key = True
        self._webinars = {webinar.key: webinar for webinar in account.webinars}
        self._rooms: dict[int, Room] = {}

    def emit(self, webinar: Webinar, event: str, carries: dict[str, Any]) -> None:
        """Notify listeners of an event of an organizer's webinar."""
        for listener in self.listeners:
            listener(webinar.organizer_key, event, carries)

    def now(self) -> int:
        """Return the simulated time, in seconds since 1970."""
        return int(time.time() + self.offset)

    def room(
        self, webinar_key: int, *, deleted_too: bool = False, organizer_key: int | None = None
    ) -> Room:
        """Return the webinar with its indexes. Raises Refusal (404) if there is none, or it is
        another organizer's."""
        webinar = self._webinars.get(webinar_key)
        if (
            webinar is None
            or (webinar.deleted and not deleted_too)
            or organizer_key not in (None, webinar.organizer_key)
        ):
            raise errors.not_found(f"Webinar with specified key {webinar_key} does not exist")
        room = self._rooms.get(webinar_key)
        if room is None:
            room = self._rooms[webinar_key] = Room(webinar)
        return room

    def registrant(self, webinar_key: int, registrant_key: int) -> tuple[Room, Registrant]:
        """Return a registrant, on the list or not. Raises Refusal (404): a cancelled one is not
        found."""
        room = self.room(webinar_key)
        person = room.by_key.get(registrant_key) or room.unlisted(registrant_key)
        if person is None:
            raise errors.not_found(f"Registrant {registrant_key} does not exist")
        return room, person

    def session(self, webinar_key: int, session_key: int) -> tuple[Room, Session]:
        """Return an ended session. Raises Refusal (404), also while it is live: nothing is
        reported."""
        room = self.room(webinar_key)
        session = room.sessions.get(session_key)
        if session is None or session.ended_at is None:
            raise errors.not_found(f"Session {session_key} does not exist")
        return room, session

    def attendance(
        self, webinar_key: int, session_key: int, registrant_key: int
    ) -> tuple[Room, Session, Attendance]:
        """Return a person's attendance of a session. Raises Refusal (404) if they did not attend,
        or are not reported yet."""
        room, session = self.session(webinar_key, session_key)
        for attendance in room.webinar.reported(session, self.now()):
            if attendance.registrant_key == registrant_key:
                return room, session, attendance
        raise errors.not_found(f"Attendee {registrant_key} does not exist")

    def listed(self, user: User | None = None) -> list[Webinar]:
        """Return webinars that were not cancelled, by their first start; of one organizer or of
        all."""
        listed_webinars = [
            webinar
            for webinar in self.account.webinars
            if not webinar.deleted and (user is None or webinar.organizer_key == user.key)
        ]
        return sorted(listed_webinars, key=lambda webinar: webinar.times[0])

    def add_webinar(self, webinar: Webinar) -> None:
        """Add a new webinar to the account."""
        self.account.webinars.append(webinar)
        self._webinars[webinar.key] = webinar
        self.revision += 1
        self.emit(webinar, "webinar.created", webinar_event(webinar))

    def delete_webinar(self, webinar_key: int) -> None:
        """Cancel a webinar: every later call for it answers 404."""
        webinar = self.room(webinar_key, deleted_too=True).webinar
        webinar.deleted = True
        self.revision += 1
        self.emit(webinar, "webinar.changed", webinar_event(webinar, "DELETED"))

    def changed_webinar(self, webinar_key: int) -> None:
        """Clear the caches of a webinar's old settings."""
        self._rooms.pop(webinar_key, None)
        self.revision += 1
        webinar = self._webinars[webinar_key]
        self.emit(webinar, "webinar.changed", webinar_event(webinar, "UPDATED"))

    def register(self, webinar_key: int, body: Mapping[str, Any], basic_only: bool) -> Registrant:
        """Accept a registration, or raise the Refusal that GoTo would answer with.

        ``basic_only`` silently drops all but names and email (the v1.1 Accept header). An address
        that cancelled earlier gets a new key; GoTo's behaviour there is not published.
        """
        room = self.room(webinar_key)
        webinar = room.webinar
        answers = read_form(webinar, body, basic_only=basic_only)
        known = room.by_email.get(answers.email.casefold())
        if known is not None:
            key = known if self.duplicates_carry_key else None
            raise errors.duplicate(answers.email, key)
        if webinar.is_full():
            raise errors.full()
        return self.admit(room, answers)

    def admit(
        self, room: Room, answers: Answers, status: str | None = None, *, at: int | None = None
    ) -> Registrant:
        """Add a registrant without validating the form; they registered ``at`` that time, or
        now."""
        webinar, now = room.webinar, self.now() if at is None else at
        if status is None:
            status = WAITING if webinar.manual_approval else APPROVED
        person = Registrant(
            key=self.account.next_key(),
            email=answers.email,
            first_name=answers.first_name,
            last_name=answers.last_name,
            registered_at=now,
            status=status,
            fields=answers.fields,
            responses=answers.responses,
            late=webinar.is_over(now),
        )
        webinar.registrants.append(person)
        room.by_key[person.key] = person
        room.by_email.setdefault(person.email.casefold(), person.key)
        self.revision += 1
        self.emit(webinar, "registrant.added", registrant_event(webinar, person))
        return person

    def join(self, room: Room, person: Registrant) -> Session:
        """Let a registrant join the live session; start one if there is none."""
        session = self.start_session(room.webinar.key)
        carries = joined_event(room.webinar, session, person, self.now())
        self.emit(room.webinar, "registrant.joined", carries)
        return session

    def submit_survey(self, room: Room, person: Registrant, question: str, answer: str) -> Session:
        """Add a survey answer to a person's attendance of the last session.

        Raises Refusal (404) for people who did not attend.
        """
        for session in reversed(room.webinar.ended_sessions()):
            for attendance in session.attendances:
                if attendance.registrant_key == person.key:
                    attendance.surveys.append(Reply(question, [answer]))
                    self.revision += 1
                    carries = survey_event(room.webinar, session, person)
                    self.emit(room.webinar, "survey.submitted", carries)
                    return session
        raise errors.not_found(f"{person.email} attended no session")

    def cancel(self, webinar_key: int, registrant_key: int, *, past_too: bool = False) -> None:
        """Remove a registrant. Raises Refusal for a past webinar [contract]."""
        room, person = self.registrant(webinar_key, registrant_key)
        webinar = room.webinar
        if webinar.is_over(self.now()) and not past_too:
            raise errors.bad_request("Registrants of a past webinar cannot be removed")
        webinar.registrants.remove(person)
        person.cancelled_at = self.now()
        webinar.cancelled.append(person)
        del room.by_key[registrant_key]
        folded = person.email.casefold()
        if room.by_email.get(folded) == registrant_key:
            del room.by_email[folded]
            for other in webinar.registrants:
                if other.email.casefold() == folded:
                    room.by_email[folded] = other.key
                    break
        self.revision += 1

    def set_status(self, webinar_key: int, registrant_key: int, status: str) -> None:
        """Approve or deny a registrant, as the organizer does manually."""
        room, person = self.registrant(webinar_key, registrant_key)
        person.status = status
        room.forget_row(registrant_key)
        self.revision += 1

    def start_session(self, webinar_key: int) -> Session:
        """Start a session; return the running one if there is one."""
        room = self.room(webinar_key)
        for session in room.webinar.sessions:
            if session.ended_at is None:
                return session
        session = Session(key=self.account.next_key(), started_at=self.now())
        room.webinar.sessions.append(session)
        room.sessions[session.key] = session
        self.revision += 1
        return session

    def end_session(
        self, webinar_key: int, fill: Callable[[Room, Session], None] | None = None
    ) -> Session:
        """End the running session after ``fill`` has added people and questions.

        Raises Refusal (404) if none runs.
        """
        room = self.room(webinar_key)
        for session in room.webinar.sessions:
            if session.ended_at is None:
                break
        else:
            raise errors.not_found("No session is running")
        session.ended_at = max(self.now(), session.started_at + LEAST_WATCHED)
        if fill is not None:
            fill(room, session)
        room.changed()
        self.revision += 1
        return session
