"""Who counts as attended, or not, and their timelines (rules 7 and 8)."""

import datetime as dt

import pytest
from django.utils import timezone

from contacts.models import Activity, Contact
from contacts.timeline import describe
from sync.models import Reason
from tests.fake_goto import HOUR, FakeGoTo, Row, iso, make_webinar
from webinars.audiences import LABELS, Audience, members
from webinars.models import Session, Webinar

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


def who(webinar: Webinar, audience: Audience) -> set[str]:
    rows = members(webinar, audience).values_list("contact__email", flat=True)
    return {email.split("@")[0] for email in rows}


def lines_of(name: str) -> list[str]:
    contact = Contact.objects.get(email=f"{name}@example.com")
    return [describe(line).text for line in contact.activities.all()]


def session_yesterday(goto: FakeGoTo, attendees: list[Row]) -> Row:
    """A session that ended long enough ago for its report to be complete."""
    now = timezone.now()
    Webinar.objects.update(
        starts_at=now - 4 * HOUR,
        ends_at=now - 3 * HOUR,
        times=[[(now - 4 * HOUR).isoformat(), (now - 3 * HOUR).isoformat()]],
    )
    return goto.hold_session(now - 4 * HOUR, now - 3 * HOUR, attendees)


@pytest.mark.rule(8)
def test_anyone_who_registered_and_attended_none_is_a_no_show(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    session_yesterday(goto, goto.registrants[:1])
    goto.sync(webinar)
    assert who(webinar, Audience.ATTENDED) == {"ada"}
    assert who(webinar, Audience.NO_SHOW) == {"bob"}


@pytest.mark.rule(4, 8)
def test_anyone_who_cancelled_and_did_not_attend_is_a_no_show(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    goto.sync(webinar)
    del goto.registrants[1]
    session_yesterday(goto, goto.registrants)
    goto.sync(webinar)
    assert who(webinar, Audience.CANCELLED) == {"bob"}
    assert who(webinar, Audience.REGISTERED) == {"ada", "bob"}
    assert who(webinar, Audience.NO_SHOW) == {"bob"}


@pytest.mark.rule(8)
@pytest.mark.parametrize("listed", [0, 1])
def test_until_the_report_is_complete_no_one_is_a_no_show(
    webinar: Webinar, goto: FakeGoTo, listed: int
) -> None:
    now = timezone.now()
    goto.hold_session(
        now - 2 * HOUR, now - 40 * MINUTE, goto.registrants[:listed], registrantsAttended=2
    )
    goto.sync(webinar)
    assert who(webinar, Audience.NO_SHOW) == set()


@pytest.mark.rule(8)
def test_for_half_an_hour_after_a_session_no_one_is_a_no_show(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    now = timezone.now()
    goto.hold_session(now - 2 * HOUR, now - 10 * MINUTE, goto.registrants[:1])
    goto.sync(webinar)
    assert who(webinar, Audience.NO_SHOW) == set()


@pytest.mark.rule(8)
def test_a_rehearsal_makes_no_one_a_no_show(webinar: Webinar, goto: FakeGoTo) -> None:
    now = timezone.now()
    Webinar.objects.update(
        starts_at=now + 24 * HOUR,
        ends_at=now + 25 * HOUR,
        times=[[(now + 24 * HOUR).isoformat(), (now + 25 * HOUR).isoformat()]],
    )
    webinar.refresh_from_db()
    goto.hold_session(now - 3 * HOUR, now - 2 * HOUR, [])
    goto.sync(webinar)
    assert who(webinar, Audience.NO_SHOW) == set()


@pytest.mark.rule(8)
def test_anyone_who_registers_after_the_session_is_not_a_no_show(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    session_yesterday(goto, goto.registrants[:2])
    goto.register("late@example.com", timezone.now() - HOUR)
    goto.sync(webinar)
    assert who(webinar, Audience.NO_SHOW) == set()


@pytest.mark.rule(8)
def test_whether_a_session_counts_is_stored() -> None:
    assert "counts" in {field.name for field in Session._meta.get_fields()}


@pytest.mark.rule(8)
@pytest.mark.parametrize("label", ["No-shows without cancelled", "Registered late"])
def test_the_other_audiences_of_the_rule_are_offered(label: str) -> None:
    assert label in {str(text) for text in LABELS.values()}


@pytest.mark.rule(8, 9)
def test_attending_without_registration_is_a_reason_of_the_reconciliation() -> None:
    assert "walk-in" in Reason.values


@pytest.mark.rule(8)
@pytest.mark.parametrize(
    ("audience", "label"),
    [
        (Audience.OVERFLOW, "Waiting list"),
        (Audience.PENDING, "Sending"),
        (Audience.DENIED, "Declined"),
    ],
)
def test_pages_show_audiences_in_the_words_of_the_glossary(audience: Audience, label: str) -> None:
    assert str(LABELS[audience]) == label


# -- the timeline ----------------------------------------------------------------------------------


@pytest.mark.rule(7)
def test_the_timeline_shows_who_attended_and_for_how_long(webinar: Webinar, goto: FakeGoTo) -> None:
    session_yesterday(goto, goto.registrants[:1])
    goto.sync(webinar)
    goto.sync(webinar)
    assert lines_of("ada") == ["Attended 1 h 00 min of 1 h 00 min (100%)", "Registered"]


@pytest.mark.rule(7)
def test_the_timeline_shows_who_did_not_attend(webinar: Webinar, goto: FakeGoTo) -> None:
    session_yesterday(goto, goto.registrants[:1])
    goto.sync(webinar)
    assert len(lines_of("bob")) == 2


@pytest.mark.rule(7)
def test_the_timeline_of_someone_declined_does_not_show_registered(webinar: Webinar) -> None:
    goto = FakeGoTo()
    goto.register("ada@example.com", timezone.now() - 24 * HOUR, status="DENIED")
    goto.sync(webinar)
    assert "Registered" not in lines_of("ada")


@pytest.mark.rule(7)
def test_a_survey_is_read_where_there_was_no_poll(webinar: Webinar, goto: FakeGoTo) -> None:
    session = session_yesterday(goto, goto.registrants[:1])
    key = goto.registrants[0]["registrantKey"]
    goto.surveys[session["sessionKey"], key] = [{"question": "Good?", "answer": "Yes"}]
    goto.sync(webinar)
    assert Activity.objects.filter(kind="survey").count() == 1


@pytest.mark.rule(7)
def test_polls_of_a_second_registrant_key_are_read(webinar: Webinar, goto: FakeGoTo) -> None:
    now = timezone.now()
    second = goto.register("ADA@example.com", now - 20 * HOUR, registrantKey="555")
    session = session_yesterday(goto, [second])
    session["totalPollCount"] = 1
    goto.polls[session["sessionKey"], "555"] = [{"question": "Size?", "answers": ["Small"]}]
    goto.sync(webinar)
    assert who(webinar, Audience.ATTENDED) == {"ada"}
    assert Activity.objects.filter(kind="poll").count() == 1


@pytest.mark.rule(7)
def test_a_question_and_its_answer_are_in_the_timeline(webinar: Webinar, goto: FakeGoTo) -> None:
    session_yesterday(goto, goto.registrants[:1])
    goto.questions = [
        {
            "question": "Why?",
            "askerKey": goto.registrants[0]["registrantKey"],
            "dateAsked": iso(timezone.now() - 3 * HOUR),
            "answers": [{"answer": "Because", "answeredBy": "Host"}],
        }
    ]
    goto.sync(webinar)
    assert Activity.objects.get(kind="question").data["answers"][0]["answer"] == "Because"
