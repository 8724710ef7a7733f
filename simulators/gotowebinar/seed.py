"""A deterministic, realistic account: the same seed and time give the same one, including keys."""

from __future__ import annotations

import random

from .forms import Answers, form_field, names_and_email
from .goto import GoTo
from .happenings import fill_session, survey_alone
from .people import someone
from .records import (
    APPROVED,
    DENIED,
    SEQUENCE,
    SERIES,
    SINGLE,
    WAITING,
    Account,
    FormQuestion,
    Interval,
    Person,
    Registrant,
    Session,
    User,
    Webinar,
)

HOUR, DAY = 3600, 86400
SUBJECTS = (
    "Warehouse robots: what works in 2 years", "GDPR for marketers — a live Q&A",
    "Teaching fractions online", "Choosing a heat pump", "Einführung in die Wärmepumpe",
    "Cómo vender más con webinars", "Patient safety rounds", "Spreadsheets you can trust",
    "Погодна станція вдома", "はじめての顧客管理", "Quarterly product news", "Ask the founders",
)  # fmt: skip
# Label, days from now of the first time, kind; repeated with a number if more are requested.
PLAN = (
    ("big", -9, SINGLE), ("full", 6, SINGLE), ("series", -7, SERIES), ("sequence", -3, SEQUENCE),
    ("live", 0, SINGLE), ("empty", 20, SINGLE), ("required", 12, SINGLE),
    ("approval", 15, SINGLE), ("cancelled", 10, SINGLE), ("upcoming", 3, SINGLE),
    ("past", -2, SINGLE), ("empty_past", -30, SINGLE),
)  # fmt: skip
DEFAULT_FIELDS = ("organization", "jobTitle", "phone", "industry", "address", "city", "state",
                  "zipCode", "country")  # fmt: skip


def seeded(seed: int, now: int, webinars: int, registrants: int) -> Account:
    """Return an account with ``webinars`` webinars around ``now``; the one labelled "big", which
    has ended, has ``registrants`` registrants. A series counts as one webinar and has three keys,
    labelled "series", "series:2" and "series:3"; labels repeat as "big-2". The session of "series"
    has a survey and no poll."""
    account = Account(seed)
    account.users = _users(account)
    now -= now % 60
    for number in range(webinars):
        chance = random.Random(f"{seed}/{number}")
        label, days, kind = PLAN[number % len(PLAN)]
        again = number // len(PLAN)
        first = now + days * DAY * (1 + again) + chance.randrange(-4, 5) * HOUR
        if label == "live":
            first = now - HOUR // 2
        name = label if not again else f"{label}-{again + 1}"
        size = registrants if name == "big" else chance.randrange(25, 90)
        subject = SUBJECTS[number % len(SUBJECTS)] + (f" ({again + 1})" if again else "")
        account.webinars += _webinars(account, chance, name, kind, subject, first, size, now)
    return account


def _users(account: Account) -> list[User]:
    """Return the organizer, a colleague without webinars, and a user with another product's
    licence."""
    key, account_key = account.next_key(), account.next_key()
    return [
        User(key, account_key, "Ada.Organizer@webinarsync.example", "Ada", "Organizer"),
        User(key + 1, account_key, "Ben.Second@webinarsync.example", "Ben", "Second"),
        User(
            key + 2, account_key + 1, "Cleo.Noproduct@webinarsync.example", "Cleo", "Noproduct",
            has_webinar=False,
        ),
    ]  # fmt: skip


def _webinars(
    account: Account, chance: random.Random, name: str, kind: str, subject: str, first: int,
    size: int, now: int,
) -> list[Webinar]:  # fmt: skip
    """One webinar, or the three of a series."""
    starts = [first + week * 7 * DAY for week in range(3 if kind != SINGLE else 1)]
    if kind == SEQUENCE:
        starts = [first + day * DAY for day in (-2, 0, 5)]
    times: list[Interval] = [(start, start + HOUR) for start in starts]
    series_key = account.next_key() if kind == SERIES else None
    groups = [times] if kind != SERIES else [[one] for one in times]
    return [
        _webinar(
            account, chance, f"{name}:{at}" if at > 1 else name, kind, subject, group, size,
            series_key, now,
        )
        for at, group in enumerate(groups, 1)
    ]  # fmt: skip


def _webinar(
    account: Account, chance: random.Random, name: str, kind: str, subject: str,
    times: list[Interval], size: int, series_key: int | None, now: int,
) -> Webinar:  # fmt: skip
    display = str(chance.randrange(100_000_000, 999_999_999))
    label = name.partition(":")[0].partition("-")[0]
    webinar = Webinar(
        key=account.next_key(),
        organizer_key=account.first.key,
        display_id="-2023145115659" if name == "upcoming" else display,
        subject=subject,
        description=f"{subject}. One hour, with time for questions.",
        times=times,
        label=name,
        kind=kind,
        recurrence_key=series_key,
        time_zone=chance.choice(("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")),
        locale=chance.choice(("en_US", "de_DE", "fr_FR")),
        manual_approval=label == "approval",
        registration_limit=max(1000, -(-size * 5 // 4000) * 1000),
        fields=[*names_and_email(), *(form_field(field) for field in DEFAULT_FIELDS)],
    )
    _ask_more(account, webinar, label)
    if not label.startswith("empty"):
        _fill(account, chance, webinar, size, now)
    _play(account, chance, webinar, now)
    if label == "full":
        webinar.registration_limit = len(webinar.registrants)
    webinar.deleted = label == "cancelled"
    webinar.coorganizers = [
        Person(account.next_key(), "Grace.Co@webinarsync.example", "Grace", "Co-Organizer"),
        Person(account.next_key(), "helper@agency.example", "Linus", "", external=True),
    ]
    webinar.panelists = [Person(account.next_key(), "alan@panel.example", "Alan", "Panelist")]
    return webinar


def _ask_more(account: Account, webinar: Webinar, label: str) -> None:
    """Add custom questions to some forms; required fields and answers to one."""
    if label not in ("big", "required", "past"):
        return
    required = label == "required"
    if required:
        for field in webinar.fields:
            field.required = field.required or field.name in ("organization", "jobTitle")
    size = account.next_key(), account.next_key(), account.next_key()
    choices = list(zip(size, ("Just me", "2 to 50", "More than 50"), strict=True))
    webinar.questions = [
        FormQuestion(account.next_key(), "What do you hope to learn?", required, 500),
        FormQuestion(account.next_key(), "How big is your team?", required, 128, choices),
    ]


def _fill(account: Account, chance: random.Random, webinar: Webinar, size: int, now: int) -> None:
    """Add ``size`` registrants and some cancelled ones. One address occurs twice with two keys if
    the label is "big" or "upcoming", as in real data."""
    world = max(300, size + size // 4 + 40)
    gone = max(2, min(size // 25, 500))
    closing = min(now, webinar.times[-1][0])
    opened = min(closing, webinar.times[0][0]) - 40 * DAY
    span = max(1, closing - opened - HOUR)
    taken: set[str] = set()
    people: list[Registrant] = []
    for number in chance.sample(range(world), world):
        if len(people) == size + gone:
            break
        who = someone(number, account.seed)
        folded = who.email.casefold()
        if folded in taken:
            continue
        taken.add(folded)
        when = opened + int(span * (len(people) + 1) / (size + gone + 1))
        person = Registrant(
            account.next_key(), who.email, who.first_name, who.last_name, when, fields=who.fields
        )
        _answer_form(chance, webinar, person)
        people.append(person)
    _settle(chance, webinar, people, gone, closing)
    if webinar.label in ("big", "upcoming") and len(webinar.registrants) > 3:
        twin, last = webinar.registrants[1], webinar.registrants[-1]
        last.email = twin.email.swapcase()


def _answer_form(chance: random.Random, webinar: Webinar, person: Registrant) -> None:
    """Return answers to the custom questions, and the person's source."""
    for question in webinar.questions:
        if not question.required and chance.random() < 0.5:
            continue
        texts = [text for _, text in question.answers] or ["Pricing", "How to start, “really”"]
        person.responses.append((question.text, chance.choice(texts)))
    if webinar.label == "required":
        person.fields = {"organization": "Acme", "jobTitle": "Engineer", **person.fields}
    if chance.random() < 0.2:
        person.fields = {**person.fields, "source": "Newsletter 123"}


def _settle(
    chance: random.Random, webinar: Webinar, people: list[Registrant], gone: int, closing: int
) -> None:
    """Remove the cancelled registrants from the list, and leave some waiting or denied."""
    leaving = set(chance.sample(range(len(people)), min(gone, len(people))))
    for at, person in enumerate(people):
        if at in leaving:
            person.cancelled_at = min(closing, person.registered_at + HOUR)
            webinar.cancelled.append(person)
        else:
            webinar.registrants.append(person)
    if webinar.manual_approval:
        for person in webinar.registrants:
            person.status = chance.choice((WAITING, WAITING, DENIED, APPROVED))


def _play(account: Account, chance: random.Random, webinar: Webinar, now: int) -> None:
    """Add the sessions that have ended by ``now``."""
    for start, end in webinar.times:
        if start > now:
            continue
        session = Session(account.next_key(), start, end if end <= now else None)
        webinar.sessions.append(session)
        if session.ended_at is not None:
            fill_session(chance, webinar, session)
            if webinar.label == "series":
                # With its own random generator, so that the rest of the account does not change.
                survey_alone(random.Random(f"{account.seed}/survey"), session)


def new_registrant(goto: GoTo, number: int) -> Answers:
    """Return a person of the same seed who could register next."""
    who = someone(number, goto.account.seed)
    return Answers(who.email, who.first_name, who.last_name, dict(who.fields))
