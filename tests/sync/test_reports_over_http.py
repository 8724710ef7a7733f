"""What GoTo reports late, corrects or sends with errors, over real HTTP with the simulator."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from contacts.models import Activity
from core.emails import email_key
from simulators.gotowebinar.process import SimulatorProcess
from sync.models import SyncRun
from sync.pull.details_backfill import read_unread
from tests.fixtures.goto import run_sync
from webinars.audiences import Audience, counts, members
from webinars.models import Registration, Webinar

ByLabel = Callable[[str], Webinar]


def emails(webinar: Webinar, audience: Audience) -> set[str]:
    return set(members(webinar, audience).values_list("contact__email_key", flat=True))


def attended(simulator: SimulatorProcess, webinar: Webinar) -> dict[str, int]:
    people = simulator.truth(webinar.key)["attended"]
    return {email_key(item["email"]): item["seconds"] for item in people}


def here(webinar: Webinar) -> dict[str, int]:
    rows = webinar.registrations.exclude(sessions_attended=0)
    return dict(rows.values_list("contact__email_key", "seconds_attended"))


@pytest.fixture
def past(webinar: ByLabel) -> Webinar:
    return webinar("past")


def control(simulator: SimulatorProcess, path: str, webinar: Webinar, **body: Any) -> Any:
    return simulator.control("POST", path, {"webinar": webinar.key, **body})


@pytest.mark.rule(7, 8)
@pytest.mark.parametrize("listed", [0, 5])
def test_while_a_report_is_held_back_no_one_is_a_no_show(
    simulator: SimulatorProcess, webinar: ByLabel, listed: int
) -> None:
    live = webinar("live")
    control(simulator, "end-session", live)
    control(simulator, "hold-attendance", live, minutes=600, listed=listed)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        run_sync(live)
        session = live.sessions.get()
        assert session.attended_there > session.listed == listed
        assert counts(live.registrations.all())[Audience.NO_SHOW] == 0
        assert not Activity.objects.filter(kind="missed").exists()
        control(simulator, "hold-attendance", live, minutes=0)
        run_sync(live)
        assert here(live) == attended(simulator, live)
        missed = members(live, Audience.NO_SHOW).count()
        assert Activity.objects.filter(kind="missed").count() == missed > 0


@pytest.mark.rule(8)
def test_a_corrected_report_is_applied(simulator: SimulatorProcess, past: Webinar) -> None:
    run_sync(past)
    first, second, *_ = sorted(attended(simulator, past))
    control(simulator, "correct-attendance", past, email=first, minutes=3)
    control(simulator, "correct-attendance", past, email=second, absent=True)
    run_sync(past)
    assert here(past) == attended(simulator, past)
    assert here(past)[first] == 180 and second not in here(past)
    assert second in emails(past, Audience.NO_SHOW)


@pytest.mark.rule(8, 9)
def test_who_walks_in_and_who_speaks_adds_up(simulator: SimulatorProcess, past: Webinar) -> None:
    control(simulator, "walk-in", past, email="walk@in.example", minutes=20)
    control(simulator, "panelist", past, email="speaks@panel.example", registers=True, attends=30)
    run_sync(past)
    assert emails(past, Audience.WALK_IN) == {"walk@in.example"}
    assert "speaks@panel.example" in emails(past, Audience.INTERNAL)
    for audience in (Audience.REGISTERED, Audience.ATTENDED, Audience.NO_SHOW):
        assert "speaks@panel.example" not in emails(past, audience)


@pytest.mark.rule(3, 8)
def test_who_registers_for_the_recording_arrives_with_all_they_gave(
    simulator: SimulatorProcess, past: Webinar
) -> None:
    run_sync(past)
    known = past.registrations.exclude(registrant_key="").first()
    assert known is not None
    control(
        simulator, "late-registrant", past, email="late@x.example", firstName="Late", lastName="X"
    )
    control(
        simulator,
        "details",
        past,
        email="late@x.example",
        fields={"jobTitle": "Director", "numberOfEmployees": "50"},
        responses=[{"question": "Why?", "answer": "Because"}],
        source="Newsletter",
    )
    run_sync(past)
    read_unread()
    registration = Registration.objects.get(contact__email_key="late@x.example")
    assert registration.submitted["job_title"] == "Director"
    assert registration.submitted["employees"] == "50"
    assert registration.submitted["answers"] == [["Why?", "Because"]]
    assert registration.submitted["registration_type"] == "LATE"
    assert registration.referral_source == "Newsletter"
    assert emails(past, Audience.REGISTERED_LATE) == {"late@x.example"}
    assert "late@x.example" not in emails(past, Audience.NO_SHOW)


@pytest.mark.rule(10)
def test_an_attendee_who_never_left_costs_no_one_else(
    simulator: SimulatorProcess, past: Webinar, capsys: pytest.CaptureFixture[str]
) -> None:
    there = attended(simulator, past)
    control(
        simulator,
        "odd-row",
        past,
        list="attendees",
        change={"attendance": [{"joinTime": "2026-01-01T10:00:00Z", "leaveTime": None}]},
    )
    Webinar.objects.filter(pk=past.pk).update(sync_enabled=True)
    call_command("sync_webinars", webinar=[past.key], json=True)
    assert '"skipped": {"attendees": 1}' in capsys.readouterr().out
    assert SyncRun.objects.filter(webinar=past).latest("pk").state == SyncRun.State.DONE
    assert here(past).keys() == there.keys()
    assert len([email for email in there if here(past)[email] == there[email]]) >= len(there) - 1


@pytest.mark.rule(7)
def test_a_session_with_a_survey_and_no_poll_has_its_answers(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    series = webinar("series")
    run_sync(series)
    activities = Activity.objects.filter(webinar_key=series.key)
    assert activities.filter(kind="survey").exists() and not activities.filter(kind="poll").exists()
