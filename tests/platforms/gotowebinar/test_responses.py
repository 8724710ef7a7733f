"""Answers become records; anything else becomes an error of one hierarchy."""

import contextlib
import datetime as dt
import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.errors import (
    AlreadyRegistered,
    InvalidRequest,
    NotAllowed,
    NotFound,
    PlatformError,
    RateLimited,
    ReauthorizationRequired,
    ServerError,
    Unreadable,
)
from platforms.gotowebinar import responses as d
from platforms.gotowebinar.statuses import status_of
from platforms.records import RegistrantStatus, RegistrationFields, Speaker
from tests.platforms.gotowebinar import recorded

pytestmark = pytest.mark.pure


def ok(body: bytes, status: int = 200, **headers: str) -> d.Answer:
    return d.Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, body)


def test_keys_are_strings_and_never_lose_a_digit() -> None:
    page, total = d.registrants(ok(recorded.REGISTRANTS))
    assert [item.key for item in page] == ["9223372036854775809", "10000000000000000000"]
    assert total == 2
    assert d.created(ok(recorded.CREATED, 201)).registrant_key == "9223372036854775809"
    assert d.webinar(ok(recorded.WEBINAR)).key == "4993558771612668743"


def test_times_are_utc_and_nulls_are_empty() -> None:
    anna, b = d.registrants(ok(recorded.REGISTRANTS))[0]
    assert anna.last_name == "Ångström"
    assert b.registered_at == dt.datetime(2026, 3, 13, 10, 0, 0, 500_000, dt.UTC)
    assert (b.join_url, b.time_zone) == ("", "")


def test_a_bare_array_is_a_page_too() -> None:
    page, total = d.registrants(ok(recorded.REGISTRANT_ARRAY))
    assert (page[0].key, page[0].status, total) == ("77", RegistrantStatus.DENIED, 1)


def test_only_what_was_given_is_a_property() -> None:
    details = d.registrant(ok(recorded.REGISTRANT))
    assert details.properties == {"organization": "Acme", "zip_code": "00123"}
    assert details.source == "Newsletter"
    assert [(item.question, item.answer) for item in details.answers] == [("Why?", "Because")]


def test_embedded_is_missing_where_there_is_nothing() -> None:
    assert d.webinars(ok(recorded.NO_WEBINARS)) == ([], 0)
    assert d.sessions(ok(recorded.NO_WEBINARS)) == ([], 0)
    assert d.attendees(ok(recorded.NO_WEBINARS)) == ([], 0)


def test_the_other_records() -> None:
    webinar = d.webinars(ok(recorded.WEBINARS))[0][0]
    assert (webinar.webinar_id, webinar.times[0].end.hour) == ("-2023145115659", 11)
    assert d.webinar(ok(recorded.WEBINAR)).is_full
    assert d.registration_fields(ok(recorded.FIELDS)).questions[0].answers == (("6", "Small"),)
    assert d.sessions(ok(recorded.SESSIONS))[0][0].poll_count == 2
    assert d.attendees(ok(recorded.ATTENDEES))[0][0].intervals[0].left_at.minute == 1
    assert d.questions(ok(recorded.QUESTIONS))[0].answers[0].answered_by == "Ada"
    assert [item.answers for item in d.poll_answers(ok(recorded.POLLS))] == [("A",), ("x", "y")]
    assert d.identity(ok(recorded.IDENTITY)).organizer_key == "3372939249921615222"
    assert d.admin(ok(recorded.ADMIN)).account_key == "7"


def test_speakers_are_read_with_whatever_name_they_have() -> None:
    panelists = d.panelists(
        ok(
            b'[{"email": "a@x.example", "name": "Alan T", "panelistId": 5},'
            b' {"email": "b@x.example", "firstName": "Bea", "lastName": null}]'
        )
    )
    assert panelists == [Speaker("a@x.example", "Alan T"), Speaker("b@x.example", "Bea")]
    coorganizers = d.coorganizers(
        ok(
            b'[{"email": "c@x.example", "givenName": "Cy", "surname": "", "external": true},'
            b' {"email": "d@x.example", "givenName": "Di", "surname": "Do", "memberKey": "1"}]'
        )
    )
    assert coorganizers == [Speaker("c@x.example", "Cy"), Speaker("d@x.example", "Di Do")]
    assert d.panelists(ok(b"[]")) == d.coorganizers(ok(b"[]")) == []


@pytest.mark.parametrize(
    ("status", "body", "kind", "platform_message", "code", "incident"),
    [
        (404, recorded.NOT_FOUND, NotFound, "No such thing.", "NotFound", "8183740"),
        (404, recorded.EDGE, NotFound, "Wrong path", "NOT_FOUND", ""),
        (403, recorded.BAD_TOKEN, NotAllowed, "Invalid token passed", "InvalidToken", ""),
        (401, b"", NotAllowed, "", "", ""),
        (400, b"", InvalidRequest, "", "", ""),
        (502, recorded.HTML, ServerError, recorded.HTML.decode(), "", ""),
        (429, b"", RateLimited, "", "", ""),
        (302, b"", ServerError, "", "", ""),
    ],
)
def test_errors_keep_gotos_own_message(
    status: int,
    body: bytes,
    kind: type[PlatformError],
    platform_message: str,
    code: str,
    incident: str,
) -> None:
    with pytest.raises(kind) as caught:
        d.registrants(ok(body, status))
    error = caught.value
    assert (error.platform_message, error.code, error.incident) == (
        platform_message,
        code,
        incident,
    )


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("APPROVED", RegistrantStatus.APPROVED),
        ("WAITING", RegistrantStatus.AWAITING),
        ("DENIED", RegistrantStatus.DENIED),
        ("denied", RegistrantStatus.DENIED),
        ("SOMETHING_NEW", RegistrantStatus.APPROVED),
        (None, RegistrantStatus.APPROVED),
    ],
)
def test_each_status_has_a_name_of_ours(text: str | None, status: RegistrantStatus) -> None:
    assert status_of(text) == status


def test_a_refusal_names_its_fields() -> None:
    with pytest.raises(InvalidRequest) as caught:
        d.created(ok(recorded.INVALID, 400))
    assert caught.value.fields == ("organization", "job_title")


@pytest.mark.parametrize(
    ("body", "key"),
    [(recorded.DUPLICATE, "9223372036854775809"), (recorded.DUPLICATE_NO_KEY, None)],
)
def test_a_duplicate_may_contain_its_key(body: bytes, key: str | None) -> None:
    with pytest.raises(AlreadyRegistered) as caught:
        d.created(ok(body, 409))
    assert caught.value.registrant_key == key


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("Fri, 13 Mar 2026 10:00:30 GMT", 30.0),
        ("Fri, 13 Mar 2026 10:00:30 -0000", 30.0),
        ("soon", None),
        ("-5", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    answer = ok(b"", 429, retry_after=value, date="Fri, 13 Mar 2026 10:00:00 GMT")
    with pytest.raises(RateLimited) as caught:
        d.nothing(answer)
    assert caught.value.retry_after == seconds


def test_a_token_shows_no_secret() -> None:
    token = d.token(ok(recorded.TOKEN))
    assert "secret" not in repr(token) and "secret" not in str(token)
    assert token.refresh_token == "secret-refresh"
    with pytest.raises(ReauthorizationRequired):
        d.token(ok(b'{"error": "invalid_grant"}', 400))


def test_a_nul_in_a_name_is_dropped_and_its_lookalike_stays() -> None:
    body = recorded.REGISTRANT_ARRAY.replace(b'"lastName": "B"', rb'"lastName": "B\u0000\\u0000"')
    assert d.registrants(ok(body))[0][0].last_name == r"B\u0000"


def test_an_empty_key_is_none() -> None:
    with pytest.raises(ServerError):
        d.created(ok(b'{"registrantKey": "", "joinUrl": ""}', 201))


def test_what_may_contain_a_token_is_not_revealed() -> None:
    with pytest.raises(ServerError) as caught:
        d.token(ok(b'{"access_token": "secret", "expires_in": "soon"}'))
    assert "secret" not in str(caught.value)


UNREADABLE = [b'{"data": "ada@example.com"}', b"ada@example.com", b'[{"email": "ada@exam']


@pytest.mark.rule(10)
def test_no_text_of_an_unreadable_response_is_revealed() -> None:
    for body in UNREADABLE:
        with pytest.raises(Unreadable) as caught:
            d.registrants(ok(body))
        printed = "".join(traceback.format_exception(caught.value))
        assert "ada@" not in printed
        assert caught.value.platform_message == ""


Decipher = Callable[[d.Answer], Any]
ALL: list[tuple[Decipher, bytes]] = [
    (d.registrants, recorded.REGISTRANTS),
    (d.registrants, recorded.REGISTRANT_ARRAY),
    (d.registrant, recorded.REGISTRANT),
    (d.webinars, recorded.WEBINARS),
    (d.webinar, recorded.WEBINAR),
    (d.registration_fields, recorded.FIELDS),
    (d.sessions, recorded.SESSIONS),
    (d.attendees, recorded.ATTENDEES),
    (d.questions, recorded.QUESTIONS),
    (d.poll_answers, recorded.POLLS),
    (d.created, recorded.CREATED),
    (d.token, recorded.TOKEN),
    (d.identity, recorded.IDENTITY),
    (d.admin, recorded.ADMIN),
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.just([]),
    st.just({}),
)


def mutated(value: Any, data: st.DataObject) -> Any:
    """Return `value` with one place in it missing or invalid."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(value)))
        if data.draw(st.booleans()):
            return {other: value[other] for other in value if other != name}
        return value | {name: mutated(value[name], data)}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        return [mutated(value[0], data), *value[1:]]
    return data.draw(ODD)


@given(st.data(), st.sampled_from(ALL), st.sampled_from([200, 201, 400, 403, 404, 409, 429, 500]))
def test_only_errors_of_the_hierarchy_are_raised(
    data: st.DataObject, pair: tuple[Decipher, bytes], status: int
) -> None:
    decode, body = pair
    body = json.dumps(mutated(json.loads(body), data)).encode()
    with contextlib.suppress(PlatformError):
        decode(ok(body, status))


def rows_in(value: Any) -> list[Any]:
    """Return the rows of a page, whichever of GoTo's shapes it has."""
    if isinstance(value, list):
        return value
    rows: list[Any]
    if "data" in value:
        rows = value["data"]
    elif "_embedded" in value:
        (rows,) = value["_embedded"].values()
    else:
        rows = value["questions"]
    return rows


def records_in(found: Any) -> list[Any]:
    page = found[0] if isinstance(found, tuple) else found
    return list(page.questions) if isinstance(page, RegistrationFields) else list(page)


LISTS: list[tuple[Decipher, bytes]] = [
    (d.webinars, recorded.WEBINARS),
    (d.registrants, recorded.REGISTRANTS),
    (d.registrants, recorded.REGISTRANT_ARRAY),
    (d.sessions, recorded.SESSIONS),
    (d.attendees, recorded.ATTENDEES),
    (d.questions, recorded.QUESTIONS),
    (d.poll_answers, recorded.POLLS),
    (d.poll_summaries, b'[{"question": "Size?", "numberOfResponses": 2, "responses": []}]'),
    (d.registration_fields, recorded.FIELDS),
    (d.panelists, b'[{"email": "a@x.example", "name": "A", "panelistId": 7}]'),
    (d.coorganizers, b'[{"email": "a@x.example", "givenName": "A", "memberKey": "7"}]'),
    (d.webhooks, recorded.WEBHOOKS),
    (d.subscriptions, recorded.SUBSCRIPTIONS),
]


@pytest.mark.rule(10)
@given(st.data(), st.sampled_from(LISTS))
def test_an_invalid_row_does_not_affect_the_others(
    data: st.DataObject, pair: tuple[Decipher, bytes]
) -> None:
    decode, body = pair
    value = json.loads(body)
    [*_, expected] = records_in(decode(ok(body)))
    rows = rows_in(value)
    rows.insert(0, mutated(rows[-1], data))
    found = records_in(decode(ok(json.dumps(value).encode())))
    assert found[-1] == expected


@given(st.sampled_from(ALL), st.data())
def test_bytes_of_any_kind_raise_no_other_error(
    pair: tuple[Decipher, bytes], data: st.DataObject
) -> None:
    decode, body = pair
    cut = data.draw(st.integers(0, len(body)))
    body = data.draw(
        st.sampled_from(
            [body[:cut], body[:cut] + b"\xff\xfe" + body[cut:], b"[" * 100_000, b'{"data":' * 9999]
        )
    )
    with contextlib.suppress(PlatformError):
        decode(ok(body))
