"""What people do in a session: join, leave, rejoin, ask, and answer polls and surveys."""

from __future__ import annotations

import random

from .records import APPROVED, Answer, Asked, Attendance, Interval, Poll, Reply, Session, Webinar

QUESTIONS = (
    "Will there be a recording?", "Does it work offline?", "Wie teuer ist das pro Nutzer?",
    "¿Habrá una versión en español?", "Can you repeat the part about 'limits' & \"quotas\"?",
    "録画はありますか？", "=1+1 is what my sheet shows, why?", "How do we start?",
)  # fmt: skip
ANSWERS = ("Yes, we send it tomorrow.", "Not yet — next spring.", "See the link in the chat.")
POLLS = (
    Poll("How many webinars do you run a year?", ["None", "1 to 5", "More than 5"]),
    Poll("Which topics interest you?", ["Pricing", "Set-up", "Security"]),
)
SURVEY = (
    Poll("How was the experience?", ["Great", "Fine", "Poor"]),
    Poll("Would you recommend us?", ["Yes", "No"]),
)


def fill_session(chance: random.Random, webinar: Webinar, session: Session) -> None:
    """Let about 45 % of the approved registrants attend an ended session."""
    if session.ended_at is None:
        raise ValueError("only a session that has ended can be filled")
    present = [
        person
        for person in webinar.registrants
        if person.status == APPROVED and chance.random() < 0.45
    ]
    if present and chance.random() < 0.9:
        session.polls, session.surveys = list(POLLS), list(SURVEY)
    for at, person in enumerate(present):
        shape = at if at < 3 else chance.randrange(12)
        attendance = Attendance(person.key, _intervals(chance, session, shape))
        if session.polls and chance.random() < 0.7:
            attendance.polls = [_reply(chance, poll) for poll in session.polls]
        if session.surveys and chance.random() < 0.3:
            attendance.surveys = [_reply(chance, poll) for poll in session.surveys]
        session.attendances.append(attendance)
    _ask(chance, webinar, session)


def survey_alone(chance: random.Random, session: Session) -> None:
    """Turn an ended session into one with a survey and no poll, which every third attendee
    answered."""
    session.polls, session.surveys = [], list(SURVEY)
    for at, attendance in enumerate(session.attendances):
        attendance.polls = []
        answered = at % 3 == 0
        attendance.surveys = [_reply(chance, poll) for poll in SURVEY] if answered else []


def _intervals(chance: random.Random, session: Session, shape: int) -> list[Interval]:
    """Return when a person attended. Shape 0 left and rejoined, 1 joined from two devices at once,
    2 joined three times; any other stayed for one interval."""
    start, end = session.started_at, session.ended_at or session.started_at
    tenth = max(1, (end - start) // 10)
    if shape == 0:
        return [(start, start + 3 * tenth), (start + 5 * tenth, end)]
    if shape == 1:
        return [(start + tenth, start + 7 * tenth), (start + 4 * tenth, start + 9 * tenth)]
    if shape == 2:
        return [(start + step * tenth, start + (step + 1) * tenth) for step in (0, 3, 8)]
    joined = start + chance.randrange(2 * tenth)
    left = end if shape % 2 else end - chance.randrange(5 * tenth)
    return [(joined, max(joined + 1, left))]


def _reply(chance: random.Random, poll: Poll) -> Reply:
    count = 2 if poll.question.startswith("Which") and chance.random() < 0.4 else 1
    return Reply(poll.question, chance.sample(poll.choices, count))


def _ask(chance: random.Random, webinar: Webinar, session: Session) -> None:
    """Every tenth attendee asks, at most 200; about a third of the questions stay unanswered."""
    emails = {person.key: person.email for person in webinar.registrants}
    askers = session.attendances[::10][:200]
    for number, attendance in enumerate(askers):
        joined = attendance.intervals[0][0]
        asked_at = joined + 1 + chance.randrange(60)
        key = attendance.registrant_key
        asked = Asked(key, emails[key], QUESTIONS[number % len(QUESTIONS)], asked_at)
        if number % 3 != 2:
            asked.answers.append(Answer(chance.choice(ANSWERS), asked_at + 60))
        session.questions.append(asked)
