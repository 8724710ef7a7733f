"""The requirements of every platform (docs/adding-a-platform.md): one stage for each."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

import pytest

from platforms.contract import Client
from platforms.errors import (
    AlreadyRegistered,
    Malformed,
    NotFound,
    ReauthorizationRequired,
    Unsupported,
)
from platforms.gotowebinar.field_names import GOTO_NAMES
from platforms.records import LONGEST_KEY, Approval, NewRegistrant, RegistrantStatus
from simulators.gotowebinar.process import SimulatorProcess
from tests.platforms.contract.stages import (
    Stage,
    Turns,
    memory_stage,
    recorded_stage,
    simulator_stage,
)

UNKNOWN = "unknown"
ADA = NewRegistrant("Ada", "Lovelace", "ada.lovelace@example.com", {"organization": "Engines"})


@pytest.fixture(params=["recorded", "simulator", "memory"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "recorded":
        with recorded_stage() as stage:
            yield stage
    elif request.param == "simulator":
        process: SimulatorProcess = request.getfixturevalue("simulator_process")
        yield simulator_stage(process)
    else:
        yield memory_stage()


@pytest.fixture
def client(stage: Stage) -> Client:
    return stage.client()


def assert_keys(stage: Stage, *keys: str) -> None:
    assert keys
    for key in keys:
        assert stage.platform.key_prefix < key and key.startswith(stage.platform.key_prefix)
        assert len(key) <= LONGEST_KEY


def assert_utc(*moments: dt.datetime) -> None:
    assert all(moment.utcoffset() == dt.timedelta() for moment in moments)


def session_of(stage: Stage, client: Client) -> str:
    return next(client.sessions(stage.ran)).key


# -- its capabilities ------------------------------------------------------------------------------


def test_it_has_a_name_and_limits(stage: Stage, client: Client) -> None:
    platform = stage.platform
    assert platform.name.isidentifier() and len(platform.name) <= 32 and platform.label
    assert platform.is_configured and platform.client_id
    limits = platform.limits
    assert limits.calls_per_second > 0 and limits.parallel_calls >= 1 and limits.page_size >= 1
    assert (client.limits, client.capabilities) == (limits, platform.capabilities)
    assert client.skipped["anything"] == 0


def test_each_call_has_its_turn_and_is_counted(stage: Stage) -> None:
    turns, calls = Turns(), list[str]()
    client = stage.client(turns, calls)
    client.webinar(stage.open)
    assert turns.taken == len(calls) >= 1
    assert not any(stage.open in call for call in calls), "a path is counted without its keys"


# -- OAuth -----------------------------------------------------------------------------------------


def test_an_organizer_signs_in(stage: Stage) -> None:
    platform = stage.platform
    address = platform.authorization_url("https://we.example/", state="st4te", verifier="v" * 43)
    assert address.startswith(platform.sign_in_url) and "st4te" in address
    token = stage.token()
    assert token.access_token and token.expires_in > 0
    assert token.access_token not in repr(token)
    assert_keys(stage, platform.fetch_identity(token).organizer_key)


def test_a_refresh_token_that_is_not_known_is_refused(stage: Stage) -> None:
    with pytest.raises(ReauthorizationRequired):
        stage.platform.refresh("never handed out")


# -- webinars --------------------------------------------------------------------------------------


def test_webinars_are_listed(stage: Stage, client: Client) -> None:
    now = dt.datetime.now(dt.UTC)
    years = dt.timedelta(days=3650)
    listed = {item.key: item for item in client.webinars(now - years, now + years)}
    assert_keys(stage, *listed)
    assert {stage.ran, stage.open} <= set(listed)
    webinar = listed[stage.ran]
    assert webinar.subject and webinar.approval_type in Approval
    assert webinar.times and all(time.start < time.end for time in webinar.times)
    assert_utc(*(time.start for time in webinar.times))


def test_a_webinar_is_read_individually(stage: Stage, client: Client) -> None:
    webinar = client.webinar(stage.open)
    assert webinar.key == stage.open and webinar.number_of_registrants >= 0
    if stage.platform.capabilities.waiting_list:
        assert webinar.registration_limit > 0
    else:
        assert not webinar.is_full
    with pytest.raises(NotFound):
        client.webinar(UNKNOWN)


def test_the_fields_of_its_form_have_our_names(stage: Stage, client: Client) -> None:
    fields = client.registration_fields(stage.open)
    theirs = set(GOTO_NAMES.values()) - set(GOTO_NAMES)
    assert not theirs & {item.name for item in fields.fields}
    assert all(item.max_size >= 0 for item in fields.fields)
    assert all(item.key and item.question for item in fields.questions)


# -- registrants -----------------------------------------------------------------------------------


def test_registrants_are_listed_once_each(stage: Stage, client: Client) -> None:
    people = [item for page in client.registrants(stage.ran) for item in page]
    assert len({item.key for item in people}) == len(people) > 1
    assert_keys(stage, *(item.key for item in people))
    assert_utc(*(item.registered_at for item in people))
    found = {item.status for item in people}
    if not stage.platform.capabilities.approval:
        assert found == {RegistrantStatus.APPROVED}
    assert found <= set(RegistrantStatus)


def test_a_registrant_is_read_individually(stage: Stage, client: Client) -> None:
    listed = next(iter(client.registrants(stage.ran)))[0]
    key = "77" if stage.recorded else listed.key
    details = client.registrant(stage.ran, key)
    assert details.registrant.key == key
    assert stage.recorded or details.registrant.email == listed.email
    assert all(details.properties.values())
    for missing in (stage.platform.key_prefix + "404", UNKNOWN):
        with pytest.raises(NotFound):
            client.registrant(stage.ran, missing)


def test_someone_is_registered_once(stage: Stage, client: Client) -> None:
    created = client.create_registrant(stage.open, ADA)
    assert_keys(stage, created.registrant_key)
    assert created.status is None or created.status in RegistrantStatus
    with pytest.raises(AlreadyRegistered) as caught:
        client.create_registrant(stage.open, ADA)
    assert caught.value.registrant_key in (None, created.registrant_key)
    if not stage.recorded:
        there = client.registrant(stage.open, created.registrant_key)
        assert there.registrant.email == ADA.email
        assert there.properties["organization"] == "Engines"


@pytest.mark.rule(4)
def test_who_was_cancelled_is_not_found(stage: Stage, client: Client) -> None:
    created = client.create_registrant(stage.open, ADA)
    if not stage.platform.capabilities.cancel_registrants:
        with pytest.raises(Unsupported):
            client.cancel_registrant(stage.open, created.registrant_key)
        return
    client.cancel_registrant(stage.open, created.registrant_key)
    with pytest.raises(NotFound):
        client.registrant(stage.open, created.registrant_key)
    listed = [item.key for page in client.registrants(stage.open) for item in page]
    assert stage.recorded or created.registrant_key not in listed


# -- sessions --------------------------------------------------------------------------------------


def test_sessions_and_who_attended_them(stage: Stage, client: Client) -> None:
    sessions = {item.key: item for item in client.sessions(stage.ran)}
    assert_keys(stage, *sessions)
    for session in sessions.values():
        assert session.started_at < session.ended_at and session.attended >= 0
        assert_utc(session.started_at, session.ended_at)
        assert client.session_is_known(stage.ran, session.key)
    assert not client.session_is_known(stage.ran, stage.platform.key_prefix + "404")
    attendees = [item for page in client.attendees(stage.ran) for item in page]
    assert_keys(stage, *(item.registrant_key for item in attendees))
    assert {item.session_key for item in attendees} <= set(sessions)
    for attendee in attendees:
        assert attendee.seconds >= 0
        assert all(stay.joined_at <= stay.left_at for stay in attendee.intervals)


def optional_calls(stage: Stage, client: Client) -> list[tuple[bool, Callable[[], object]]]:
    """Return the optional calls of a platform, each with whether it declares support."""
    can, session = stage.platform.capabilities, session_of(stage, client)
    attendee = next(iter(client.attendees(stage.ran)))[0]
    place = (stage.ran, attendee.session_key, attendee.registrant_key)
    now = dt.datetime.now(dt.UTC)
    week = dt.timedelta(days=7)
    return [
        (can.questions, lambda: client.questions(stage.ran, session)),
        (can.polls, lambda: client.poll_summaries(stage.ran, session)),
        (can.polls, lambda: client.poll_answers(*place)),
        (can.surveys, lambda: client.survey_summaries(stage.ran, session)),
        (can.surveys, lambda: client.survey_answers(*place)),
        (can.speakers, lambda: client.panelists(stage.ran)),
        (can.speakers, lambda: client.coorganizers(stage.ran)),
        (can.recent_sessions, lambda: list(client.organizer_sessions(now - week, now))),
        (can.webhooks, lambda: client.webhooks()),
        (can.webhooks, lambda: client.subscriptions()),
    ]


def test_it_can_do_what_it_states_and_nothing_else(stage: Stage, client: Client) -> None:
    for is_there, call in optional_calls(stage, client):
        if is_there:
            assert isinstance(call(), Sequence)
        else:
            with pytest.raises(Unsupported):
                call()


def test_questions_are_of_registrants(stage: Stage, client: Client) -> None:
    if stage.platform.capabilities.questions:
        asked = client.questions(stage.ran, session_of(stage, client))
        assert all(item.question and item.asker_key for item in asked)
        assert_utc(*(item.asked_at for item in asked))


# -- webhooks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b'{"eventName": "nothing"}'])
def test_what_is_no_event_is_refused(stage: Stage, body: bytes) -> None:
    platform = stage.platform
    with pytest.raises(Malformed if platform.capabilities.webhooks else Unsupported):
        platform.read_event(body)
    if platform.capabilities.webhooks:
        assert platform.signature_header
        assert not platform.is_signed(body, "wrong", "secret")
