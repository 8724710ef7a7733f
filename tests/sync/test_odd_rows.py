"""One invalid record never affects others (rule 10)."""

from typing import Any

import pytest
from django.utils import timezone

from sync.management.commands.sync_webinars import _result
from sync.models import SyncRun
from sync.status import health
from tests.fake_goto import HOUR, FakeGoTo, iso, make_webinar
from tests.fixtures.world import signed_in
from webinars.models import Registration, Webinar
from webinarsync import roles

ODD_ROWS = ["registrants", "attendees", "questions", "sessions"]


@pytest.fixture
def webinar(db: None) -> Webinar:
    return make_webinar()


@pytest.fixture
def goto() -> FakeGoTo:
    """Ada and Bob registered and attended, and Ada asked something."""
    fake, now = FakeGoTo(), timezone.now()
    for name in ("ada", "bob"):
        fake.register(f"{name}@example.com", now - 24 * HOUR)
    fake.hold_session(now - 2 * HOUR, now - HOUR, fake.registrants)
    fake.questions = [
        {
            "question": "Why?",
            "askerKey": fake.registrants[0]["registrantKey"],
            "dateAsked": iso(now - 2 * HOUR),
        }
    ]
    return fake


def add_odd_row(goto: FakeGoTo, where: str) -> None:
    """Insert an unreadable row before the others of a list."""
    odd: dict[str, Any] = {
        "registrants": goto.registrants[0] | {"registrantKey": None, "email": "odd@example.com"},
        "attendees": goto.attendees[0]
        | {"email": "odd@example.com", "attendance": [{"joinTime": "soon", "leaveTime": None}]},
        "questions": {"question": None, "askerKey": "1", "dateAsked": "", "askedBy": "Odd Person"},
        "sessions": goto.sessions[0] | {"sessionKey": "1", "startTime": None},
    }
    getattr(goto, where).insert(0, odd[where])


@pytest.mark.rule(10)
def test_without_an_invalid_row_everything_is_here(webinar: Webinar, goto: FakeGoTo) -> None:
    assert goto.sync(webinar).state == SyncRun.State.DONE
    assert Registration.objects.filter(sessions_attended=1).count() == 2


@pytest.mark.rule(10)
@pytest.mark.parametrize("where", ODD_ROWS)
def test_an_invalid_row_is_skipped_and_the_run_is_done(
    webinar: Webinar, goto: FakeGoTo, where: str
) -> None:
    add_odd_row(goto, where)
    run = goto.sync(webinar)
    assert run.state == SyncRun.State.DONE
    assert Registration.objects.filter(sessions_attended=1).count() == 2
    assert getattr(run, "skipped", {}) == {where: 1}


@pytest.mark.rule(10)
def test_one_attendee_without_an_end_does_not_affect_the_others(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    goto.attendees[0]["attendance"][0]["leaveTime"] = None
    goto.sync(webinar)
    row = Registration.objects.filter(contact__email="bob@example.com").first()
    assert row is not None and row.sessions_attended == 1


@pytest.mark.rule(10)
def test_no_one_is_cancelled_by_a_read_in_which_something_was_skipped(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    goto.sync(webinar)
    assert Registration.objects.filter(cancelled_at=None).count() == 2
    goto.registrants[1]["registrantKey"] = None
    run = goto.sync(webinar)
    assert Registration.objects.filter(cancelled_at=None).count() == 2
    assert run.state == SyncRun.State.DONE


@pytest.mark.rule(10)
@pytest.mark.parametrize("where", ["attendees", "questions"])
def test_no_answer_of_the_platform_is_in_an_error_or_in_the_log(
    webinar: Webinar, goto: FakeGoTo, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    add_odd_row(goto, where)
    run = goto.sync(webinar)
    texts = f"{run.error} {run.platform_message} {caplog.text}".casefold()
    assert "odd" not in texts


@pytest.mark.rule(10)
def test_what_could_not_be_read_is_reported(webinar: Webinar, goto: FakeGoTo) -> None:
    add_odd_row(goto, "attendees")
    run = goto.sync(webinar)
    assert _result(webinar, run)["skipped"] == {"attendees": 1}
    found_health = health(webinar, run)
    assert found_health.tone == "warning" and "attendees: 1" in found_health.text
    page = signed_in(roles.MARKETERS).get(f"/admin/webinars/webinar/{webinar.pk}/change/")
    assert b"attendees: 1" in page.content
