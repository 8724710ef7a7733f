"""Speakers are read with their webinar, and count in no figure (rule 8)."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from contacts.deletion import delete_contacts
from contacts.models import Contact
from contacts.tombstones import bury
from platforms.models import Connection
from platforms.records import Speaker as RemoteSpeaker
from simulators.gotowebinar.process import SimulatorProcess
from sync.models import SyncRun
from sync.pull.speakers import is_due, save_speakers
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from tests.fixtures.goto import run_sync
from webinars.audiences import Audience, members
from webinars.models import Registration, Speaker, Webinar

Role = Speaker.Role
DAY = dt.timedelta(hours=24)


@pytest.fixture
def webinar(db: None) -> Webinar:
    """Upcoming, tomorrow."""
    now = timezone.now()
    return make_webinar(
        starts_at=now + DAY,
        ends_at=now + DAY + HOUR,
        times=[[(now + DAY).isoformat(), (now + DAY + HOUR).isoformat()]],
    )


@pytest.fixture
def goto() -> FakeGoTo:
    """Alan is a panelist, Grace a co-organizer from outside; both and Ada are registered."""
    fake, now = FakeGoTo(), timezone.now()
    for name in ("ada", "alan", "grace"):
        fake.register(f"{name}@example.com", now - HOUR)
    fake.panelists = [{"email": " Alan@Example.com", "name": "Alan T", "panelistId": 1}]
    fake.coorganizers = [{"email": "grace@example.com", "givenName": "Grace", "external": True}]
    return fake


def speakers(webinar: Webinar) -> set[tuple[str, str, str]]:
    return set(webinar.speakers.values_list("role", "email_key", "name"))


def who(webinar: Webinar, audience: Audience) -> set[str]:
    rows = members(webinar, audience).values_list("contact__email", flat=True)
    return {email.split("@")[0] for email in rows}


ALL_SPEAKERS = {
    ("organizer", "o@example.com", ""),
    ("panelist", "alan@example.com", "Alan T"),
    ("coorganizer", "grace@example.com", "Grace"),
}


@pytest.mark.rule(8)
def test_speakers_are_read_and_their_registrations_are_internal(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    goto.register("o@example.com", timezone.now())
    run = goto.sync(webinar)
    assert run.state == SyncRun.State.DONE
    assert speakers(webinar) == ALL_SPEAKERS
    assert who(webinar, Audience.REGISTERED) == {"ada"}
    assert who(webinar, Audience.INTERNAL) == {"alan", "grace", "o"}


@pytest.mark.rule(8)
def test_who_registers_as_a_speaker_already_known_is_internal_at_once(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    del goto.registrants[:]
    goto.sync(webinar)
    goto.register("alan@example.com", timezone.now())
    asked = len(goto.calls)
    goto.sync(webinar)
    assert not {"panelists", "coorganizers"} & set(goto.calls[asked:])
    assert who(webinar, Audience.INTERNAL) == {"alan"}


def test_speakers_are_asked_for_once_a_day_and_once_after_the_end(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    now = timezone.now()
    ends = webinar.ends_at
    assert ends is not None
    for read_at, at, due in [
        (None, now, True),
        (now, now + 23 * HOUR, False),
        (now, now + 24 * HOUR + dt.timedelta(minutes=1), True),
        (None, ends + 30 * DAY, True),
        (now, ends + dt.timedelta(minutes=1), True),
        (ends + dt.timedelta(minutes=1), ends + 30 * DAY, False),
    ]:
        webinar.speakers_read_at = read_at
        assert is_due(webinar, at) is due, (read_at, at)
    webinar.speakers_read_at, webinar.ends_at = now, None
    assert not is_due(webinar, now + HOUR)


@pytest.mark.rule(8)
def test_who_speaks_no_more_counts_again(webinar: Webinar, goto: FakeGoTo) -> None:
    goto.sync(webinar)
    goto.panelists = []
    Webinar.objects.update(speakers_read_at=timezone.now() - 2 * DAY)
    webinar.refresh_from_db()
    goto.sync(webinar)
    assert who(webinar, Audience.REGISTERED) == {"ada", "alan"}
    assert who(webinar, Audience.INTERNAL) == {"grace"}


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.rule(10)
def test_a_list_that_is_not_given_costs_nothing_and_what_was_known_stays(
    webinar: Webinar, goto: FakeGoTo, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    goto.sync(webinar)
    Webinar.objects.update(speakers_read_at=None)
    webinar.refresh_from_db()
    answer = goto._answer

    def refuse(request: Any, path: str) -> tuple[int, Any]:
        return (status, {}) if path == "panelists" else answer(request, path)

    monkeypatch.setattr(goto, "_answer", refuse)
    goto.coorganizers = []
    assert goto.sync(webinar).state == SyncRun.State.DONE
    assert speakers(webinar) == {row for row in ALL_SPEAKERS if row[0] != "coorganizer"}
    asked = len(goto.calls)
    webinar.refresh_from_db()
    goto.sync(webinar)
    assert "panelists" not in goto.calls[asked:], "no immediate retry"


@pytest.mark.rule(10)
def test_no_one_is_removed_where_a_row_could_not_be_read(webinar: Webinar) -> None:
    save_speakers(webinar, Role.PANELIST, [RemoteSpeaker("a@example.com", "A")])
    fresh = [RemoteSpeaker("b@example.com", "B"), RemoteSpeaker("", "nobody")]
    save_speakers(webinar, Role.PANELIST, fresh, whole=False)
    assert {key for _role, key, _name in speakers(webinar)} == {"a@example.com", "b@example.com"}
    save_speakers(webinar, Role.PANELIST, [RemoteSpeaker("b@example.com", "Bea")])
    assert speakers(webinar) == {("panelist", "b@example.com", "Bea")}


@pytest.mark.rule(5)
def test_an_erased_speaker_is_not_stored_again(webinar: Webinar, goto: FakeGoTo) -> None:
    goto.sync(webinar)
    delete_contacts(Contact.objects.filter(email_key="alan@example.com"), permanent=True)
    bury("grace@example.com", permanent=True)
    Speaker.objects.filter(email_key="grace@example.com").delete()
    Webinar.objects.update(speakers_read_at=None)
    webinar.refresh_from_db()
    goto.sync(webinar)
    # Grace is a contact nevertheless: someone restored her.
    assert speakers(webinar) == {row for row in ALL_SPEAKERS if row[0] != "panelist"}


def test_speakers_of_the_contract_are_read_over_http(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    keys = {item["label"]: item["webinarKey"] for item in simulator.webinars()}
    full = Webinar.objects.select_related("connection").get(key=keys["full"])
    run_sync(full)
    found = {(role, key) for role, key, _name in speakers(full)}
    assert found == {
        ("organizer", full.connection.email.casefold()),
        ("coorganizer", "grace.co@webinarsync.example"),
        ("coorganizer", "helper@agency.example"),
        ("panelist", "alan@panel.example"),
    }
    assert not Registration.objects.filter(webinar=full, is_internal=True).exists()
