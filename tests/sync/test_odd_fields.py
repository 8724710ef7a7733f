"""For any value in a field of a row, the other rows are unchanged (rule 10)."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Activity
from core.emails import email_key
from sync.models import SyncRun
from tests.fake_goto import HOUR, FakeGoTo, Row, iso, make_webinar
from webinars.models import Attendance, Registration

# It is in every text of every answer, and must be in no error and in no log line.
MARK = "zyxmark"
NAMES = ("ada", "bob", "cia")
LISTS = ("registrants", "sessions", "attendees", "questions", "polls", "surveys")
MISSING = object()
ODD: tuple[Any, ...] = (
    MISSING, None, True, -1, 1.5, 10**30, "", f"soon {MARK}", f"x\0{MARK}", f"\ud800{MARK}",
    "9" * 5000, [], {}, [[None]], [{"joinTime": MARK}], {MARK: None},
)  # fmt: skip
# A fact with the person and the session that it is about ("" if it is about none).
Fact = tuple[str, str, str, str]


def world() -> FakeGoTo:
    """Three people who registered; two sessions, which Ada and Bob attended, asked and answered."""
    goto, now = FakeGoTo(), timezone.now().replace(microsecond=0)
    for name in NAMES:
        goto.register(
            f"{name}.{MARK}@example.com",
            now - 24 * HOUR,
            firstName=f"{name} {MARK}",
            lastName=MARK,
            phone=MARK,
            responses=[{"question": MARK, "answer": MARK}],
        )
    for hours in (9, 6):
        start = now - hours * HOUR
        session = goto.hold_session(start, start + HOUR, goto.registrants[:2], totalPollCount=1)
        for person in goto.registrants[:2]:
            place = session["sessionKey"], person["registrantKey"]
            goto.polls[place] = [{"question": f"Size? {MARK}", "answers": [f"Big {MARK}"]}]
            goto.surveys[place] = [{"question": f"Good? {MARK}", "answers": [f"Yes {MARK}"]}]
    goto.questions = [
        {
            "question": f"Why {person['registrantKey']}? {MARK}",
            "askerKey": person["registrantKey"],
            "askedBy": person["email"],
            "dateAsked": iso(now - 6 * HOUR),
            "answers": [{"answer": MARK, "answeredBy": MARK}],
        }
        for person in goto.registrants[:2]
    ]
    return goto


def rows_of(goto: FakeGoTo, where: str) -> list[Row]:
    if where in ("polls", "surveys"):
        return [row for rows in getattr(goto, where).values() for row in rows]
    rows: list[Row] = getattr(goto, where)
    return rows


def facts() -> set[Fact]:
    found: set[Fact] = set()
    for email in Registration.objects.values_list("contact__email_key", flat=True):
        found.add(("registered", email, "", ""))
    for email, session, seconds in Attendance.objects.values_list(
        "registration__contact__email_key", "session__key", "seconds"
    ):
        found.add(("attended", email, session, str(seconds)))
    activities = Activity.objects.filter(kind__in=("question", "poll", "survey"))
    for kind, email, data in activities.values_list("kind", "contact__email_key", "data"):
        session = data["session"] if kind != "question" else ""
        found.add((kind, email, session, json.dumps([data["question"], data["answers"]])))
    return found


def is_touched(fact: Fact, where: str, row: Row, goto: FakeGoTo) -> bool:
    """Return whether `fact` came from `row`, as it was before the change."""
    kind, email, session, what = fact
    keys = {person["registrantKey"]: email_key(person["email"]) for person in goto.registrants}
    if where == "registrants":
        return email == email_key(row["email"])
    if where == "sessions":
        # Questions are in each session of the fake.
        return bool(session == row["sessionKey"])
    if where == "attendees":
        return (email, session) == (keys[row["registrantKey"]], row["sessionKey"])
    if where == "questions":
        return (kind, email) == ("question", keys[row["askerKey"]])
    return kind == where.removesuffix("s")


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def synced(goto: FakeGoTo) -> tuple[SyncRun, set[Fact]]:
    with undone():
        run = goto.sync(make_webinar())
        return run, facts()


@pytest.mark.slow
@pytest.mark.rule(10)
def test_an_invalid_field_affects_only_its_row(db: None, caplog: pytest.LogCaptureFixture) -> None:
    goto = world()
    _, expected = synced(goto)
    assert len(expected) == 3 + 4 + 2 + 4 + 4

    @given(data=st.data())
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def one_is_odd(data: st.DataObject) -> None:
        where = data.draw(st.sampled_from(LISTS))
        place = data.draw(st.integers(0, len(rows_of(goto, where)) - 1))
        name = data.draw(st.sampled_from(sorted(rows_of(goto, where)[place])))
        value = data.draw(st.sampled_from(ODD))
        changed = copy.deepcopy(goto)
        row = rows_of(changed, where)[place]
        if value is MISSING:
            del row[name]
        else:
            row[name] = value
        caplog.clear()
        run, now = synced(changed)
        before = rows_of(goto, where)[place]
        touched = {fact for fact in expected if is_touched(fact, where, before, goto)}
        assert expected - touched <= now, (where, name, value)
        more = {fact for fact in now - expected if not is_touched(fact, where, before, goto)}
        assert not more or where == "registrants"
        assert run.state == SyncRun.State.DONE, (where, name, value, run.error)
        assert MARK not in f"{run.error} {run.platform_message} {caplog.text}"

    one_is_odd()
