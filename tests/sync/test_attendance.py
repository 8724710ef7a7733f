"""Attendance is what GoTo lists now, and no-shows are recorded when they are known."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from contacts import merge
from contacts.models import Activity, Contact
from sync.models import Reason, SyncRun
from sync.reconciliation.differences import compare
from tests.fake_goto import HOUR, FakeGoTo, Row, iso, make_webinar
from webinars.analytics.questions import polls
from webinars.audiences import Audience, members
from webinars.models import Attendance, Registration, Session, Webinar

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def webinar(db: None) -> Webinar:
    return make_webinar()


@pytest.fixture
def goto() -> FakeGoTo:
    """Ada and Bob registered a day ago."""
    fake, now = FakeGoTo(), timezone.now()
    fake.register("ada@example.com", now - 24 * HOUR)
    fake.register("bob@example.com", now - 24 * HOUR)
    return fake


def hold(goto: FakeGoTo, attendees: list[Row], hours_ago: int = 3, **more: Any) -> Row:
    """Hold a session of an hour, as scheduled."""
    now = timezone.now()
    start = now - (hours_ago + 1) * HOUR
    Webinar.objects.update(times=[[start.isoformat(), (start + HOUR).isoformat()]])
    return goto.hold_session(start, start + HOUR, attendees, **more)


def minutes() -> dict[str, int]:
    rows = Registration.objects.exclude(sessions_attended=0)
    found = rows.values_list("contact__email", "seconds_attended")
    return {email.split("@")[0]: seconds // 60 for email, seconds in found}


def who(webinar: Webinar, audience: Audience) -> set[str]:
    rows = members(webinar, audience).values_list("contact__email", flat=True)
    return {email.split("@")[0] for email in rows}


def lines(kind: str) -> list[str]:
    rows = Activity.objects.filter(kind=kind).values_list("contact__email", flat=True)
    return sorted(email.split("@")[0] for email in rows)


# -- corrections -----------------------------------------------------------------------------------


@pytest.mark.rule(8)
def test_fewer_minutes_are_applied(webinar: Webinar, goto: FakeGoTo) -> None:
    session = hold(goto, goto.registrants)
    goto.sync(webinar)
    assert minutes() == {"ada": 60, "bob": 60}
    start = dt.datetime.fromisoformat(session["startTime"])
    goto.attendees[0]["attendance"] = [
        {"joinTime": session["startTime"], "leaveTime": iso(start + 20 * MINUTE)}
    ]
    goto.sync(webinar)
    assert minutes() == {"ada": 20, "bob": 60}
    line = Activity.objects.get(kind="attended", contact__email="ada@example.com")
    assert line.data["seconds"] == 20 * 60


@pytest.mark.rule(7, 8)
def test_a_person_no_longer_listed_did_not_attend(webinar: Webinar, goto: FakeGoTo) -> None:
    session = hold(goto, goto.registrants)
    goto.sync(webinar)
    del goto.attendees[1]
    session["registrantsAttended"] = 1
    goto.sync(webinar)
    assert minutes() == {"ada": 60}
    assert who(webinar, Audience.NO_SHOW) == {"bob"}
    assert (lines("attended"), lines("missed")) == (["ada"], ["bob"])


@pytest.mark.rule(8)
def test_a_session_unknown_to_goto_is_removed(webinar: Webinar, goto: FakeGoTo) -> None:
    hold(goto, goto.registrants, hours_ago=8)
    hold(goto, goto.registrants[:1])
    goto.sync(webinar)
    assert minutes() == {"ada": 120, "bob": 60}
    gone = goto.sessions.pop(0)
    goto.attendees = [row for row in goto.attendees if row["sessionKey"] != gone["sessionKey"]]
    goto.sync(webinar)
    assert minutes() == {"ada": 60}
    assert Session.objects.count() == 1
    assert lines("attended") == ["ada"]


@pytest.mark.rule(10)
@pytest.mark.parametrize("where", ["attendees", "sessions"])
def test_a_read_with_a_skipped_row_withdraws_nothing(
    webinar: Webinar, goto: FakeGoTo, where: str
) -> None:
    hold(goto, goto.registrants)
    goto.sync(webinar)
    getattr(goto, where)[0] = {"registrantKey": None, "sessionKey": None}
    run = goto.sync(webinar)
    assert run.state == SyncRun.State.DONE and run.skipped == {where: 1}
    assert minutes() == {"ada": 60, "bob": 60}
    assert who(webinar, Audience.NO_SHOW) == set()


@pytest.mark.rule(8)
def test_a_missing_report_withdraws_nothing(webinar: Webinar, goto: FakeGoTo) -> None:
    hold(goto, goto.registrants)
    goto.sync(webinar)
    goto.attendees.clear()
    goto.sync(webinar)
    assert minutes() == {"ada": 60, "bob": 60}


@pytest.mark.rule(10)
def test_a_list_of_sessions_that_cannot_be_read_keeps_what_is_known(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    hold(goto, goto.registrants)
    goto.sync(webinar)
    goto.sessions = {"none": "here"}  # type: ignore[assignment]
    run = goto.sync(webinar)
    assert run.state == SyncRun.State.FAILED and "sessions" in run.error
    assert minutes() == {"ada": 60, "bob": 60}
    assert any("attendees" in path for path in goto.calls[-4:])


@pytest.mark.rule(8)
def test_seconds_without_intervals_count_from_the_start(webinar: Webinar, goto: FakeGoTo) -> None:
    hold(goto, goto.registrants)
    goto.attendees[0] |= {"attendance": [], "attendanceTimeInSeconds": 900}
    goto.sync(webinar)
    assert minutes() == {"ada": 15, "bob": 60}
    assert Attendance.objects.get(estimated=True).seconds == 900
    line = Activity.objects.get(kind="attended", contact__email="ada@example.com")
    assert line.data["estimated"]


# -- several registrants of one person -------------------------------------------------------------


@pytest.mark.rule(8)
def test_after_an_undone_merge_each_person_has_their_own_minutes(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    goto.sync(webinar)
    ada, bob = (Contact.objects.get(email=f"{name}@example.com") for name in ("ada", "bob"))
    done = merge.merge(ada.pk, bob.pk, [], None)
    session = hold(goto, goto.registrants)
    start = dt.datetime.fromisoformat(session["startTime"])
    goto.attendees[1]["attendance"] = [
        {"joinTime": session["startTime"], "leaveTime": iso(start + 10 * MINUTE)}
    ]
    goto.sync(webinar)
    assert minutes() == {"ada": 60}
    merge.undo(done.pk)
    goto.sync(webinar)
    assert minutes() == {"ada": 60, "bob": 10}


@pytest.mark.rule(7)
def test_answers_of_every_registrant_of_a_person_are_read(webinar: Webinar, goto: FakeGoTo) -> None:
    second = goto.register("ADA@example.com", timezone.now() - 20 * HOUR, registrantKey="555")
    session = hold(goto, [goto.registrants[0], second], totalPollCount=1)
    for key, answer in ((goto.registrants[0]["registrantKey"], "Small"), ("555", "Large")):
        goto.polls[session["sessionKey"], key] = [{"question": "Size?", "answers": [answer]}]
    goto.sync(webinar)
    assert Activity.objects.get(kind="poll").data["answers"] == ["Small", "Large"]


@pytest.mark.rule(7)
def test_only_what_was_answered_is_asked_for(webinar: Webinar, goto: FakeGoTo) -> None:
    session = hold(goto, goto.registrants)
    goto.surveys[session["sessionKey"], goto.registrants[0]["registrantKey"]] = [
        {"question": "Good?", "answer": "Yes"}
    ]
    goto.sync(webinar)
    asked = [path for path in goto.calls if path.startswith("sessions/") and "/attendees/" in path]
    assert len(asked) == 2 and all(path.endswith("/surveys") for path in asked)


def test_who_answered_anonymously_stays_a_number(webinar: Webinar, goto: FakeGoTo) -> None:
    session = hold(goto, goto.registrants)
    for key in (goto.registrants[0]["registrantKey"], "nobody", "somebody else"):
        goto.surveys[session["sessionKey"], key] = [{"question": "Good?", "answer": "Yes"}]
    goto.sync(webinar)
    [survey] = polls(webinar)
    assert (survey.people, survey.responses, survey.anonymous) == (1, 3, 2)


# -- who did not attend ----------------------------------------------------------------------------


@pytest.mark.rule(7, 8)
def test_a_later_report_withdraws_did_not_attend(webinar: Webinar, goto: FakeGoTo) -> None:
    session = hold(goto, goto.registrants[:1])
    goto.sync(webinar)
    assert lines("missed") == ["bob"]
    late = {name: goto.registrants[1][name] for name in ("registrantKey", "email")}
    goto.attendees.append(goto.attendees[0] | late)
    session["registrantsAttended"] = 2
    goto.sync(webinar)
    assert (lines("missed"), minutes()) == ([], {"ada": 60, "bob": 60})


@pytest.mark.rule(8)
def test_after_two_days_a_report_is_taken_as_it_is(webinar: Webinar, goto: FakeGoTo) -> None:
    hold(goto, goto.registrants[:1], hours_ago=49, registrantsAttended=2)
    for row in goto.registrants:
        row["registrationDate"] = iso(timezone.now() - 100 * HOUR)
    goto.sync(webinar)
    assert who(webinar, Audience.NO_SHOW) == {"bob"}


@pytest.mark.rule(8)
def test_while_one_report_is_outstanding_no_one_is_a_no_show(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    hold(goto, goto.registrants[:1], hours_ago=8)
    hold(goto, [], registrantsAttended=1)
    goto.sync(webinar)
    webinar.refresh_from_db()
    assert webinar.attendance_is_pending
    assert who(webinar, Audience.NO_SHOW) == set()
    assert lines("missed") == []


@pytest.mark.rule(8)
def test_a_person_who_registers_after_the_end_registered_late(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    hold(goto, goto.registrants[:1])
    goto.register("cia@example.com", timezone.now() - HOUR)
    goto.sync(webinar)
    assert who(webinar, Audience.REGISTERED_LATE) == {"cia"}
    assert who(webinar, Audience.NO_SHOW) == {"bob"}


@pytest.mark.rule(8)
def test_lists_offer_no_shows_without_those_who_cancelled(webinar: Webinar, goto: FakeGoTo) -> None:
    goto.register("cia@example.com", timezone.now() - 24 * HOUR)
    goto.sync(webinar)
    hold(goto, goto.registrants[:1])
    del goto.registrants[2]
    goto.sync(webinar)
    assert who(webinar, Audience.NO_SHOW) == {"bob", "cia"}
    assert who(webinar, Audience.NO_SHOW_NOT_CANCELLED) == {"bob"}


# -- walk-ins --------------------------------------------------------------------------------------


@pytest.mark.rule(8, 9)
def test_who_attends_without_registration_is_distinguished(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    guest = {"registrantKey": "999", "email": "eve@example.com", "firstName": "E", "lastName": "V"}
    hold(goto, [goto.registrants[0], guest])
    goto.sync(webinar)
    assert who(webinar, Audience.WALK_IN) == {"eve"}
    assert who(webinar, Audience.ATTENDED) == {"ada", "eve"}
    assert who(webinar, Audience.REGISTERED) == {"ada", "bob"}
    assert who(webinar, Audience.CANCELLED) == set()
    compared = compare(webinar, goto.client())
    assert [(item.email, item.reason) for item in compared.differences] == [
        ("eve@example.com", Reason.WALK_IN)
    ]
    assert compared.adds_up
    goto.sync(webinar)
    assert who(webinar, Audience.WALK_IN) == {"eve"}
