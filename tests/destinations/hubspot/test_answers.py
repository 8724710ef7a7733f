"""Recorded answers of HubSpot, as errors and records."""

import json
from pathlib import Path
from typing import Any

import pytest

from destinations.hubspot import answers
from destinations.hubspot.errors import (
    HubSpotError,
    Locked,
    Migrating,
    MissingScope,
    NotFound,
    RateLimited,
    RequestRefused,
    ServerError,
    TokenRefused,
)
from destinations.hubspot.transport import Answer
from tests.simulators.hubspot.client import RECORDED

pytestmark = pytest.mark.pure


def recorded(name: str, status: int, **headers: str) -> HubSpotError:
    """Return the error for a recorded body with `status`."""
    body = (Path(RECORDED) / f"{name}.json").read_bytes()
    return answers.error_of(Answer(status, headers, body))


def answered(status: int, body: object = None, **headers: str) -> HubSpotError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answers.error_of(Answer(status, named, json.dumps(body or {}).encode()))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("token_expired", TokenRefused.EXPIRED),
        ("token_mangled", TokenRefused.NOT_RECOGNISED),
        ("token_missing", TokenRefused.MISSING),
    ],
)
def test_a_token_that_is_mangled_is_not_called_expired(name: str, kind: str) -> None:
    """Report 16."""
    error = recorded(name, 401)
    assert isinstance(error, TokenRefused)
    assert error.kind == kind


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("scopes_missing", ("crm.lists.read",)),
        ("scopes_missing_short", ("crm.objects.tasks.read",)),
    ],
)
def test_missing_scopes_are_named(name: str, scopes: tuple[str, ...]) -> None:
    error = recorded(name, 403)
    assert isinstance(error, MissingScope)
    assert error.scopes == scopes
    assert error.message


def test_any_list_in_a_context_holds_scopes() -> None:
    error = answered(403, {"errors": [{"context": {"requiredGranularScopes": ["crm.lists.read"]}}]})
    assert isinstance(error, MissingScope)
    assert error.scopes == ("crm.lists.read",)


def test_an_existing_contact_is_named_only_in_the_message() -> None:
    error = recorded("contact_exists", 409)
    assert isinstance(error, RequestRefused)
    assert (error.code, error.status) == ("CONFLICT", 409)
    assert answers.existing_id(error.message) == "12345"


@pytest.mark.parametrize(
    ("name", "code", "about"),
    [
        ("email_invalid", "INVALID_EMAIL", "email"),
        ("property_unknown", "PROPERTY_DOESNT_EXIST", "missing"),
        ("option_unknown", "INVALID_OPTION", ""),
        ("state_unknown", "REFUSED", ""),
        ("account_id_missing", "REFUSED", ""),
    ],
)
def test_a_refusal_names_its_code_and_property(name: str, code: str, about: str) -> None:
    error = recorded(name, 400)
    assert isinstance(error, RequestRefused)
    [refusal] = error.refusals
    assert (refusal.code, refusal.property) == (code, about)
    assert refusal.message


def test_newer_errors_have_codes_of_their_own() -> None:
    error = answered(
        400,
        {
            "category": "VALIDATION_ERROR",
            "message": "Missing",
            "errors": [
                {
                    "code": "MISSING_REQUIRED_PROPERTY",
                    "message": "company is required",
                    "context": {"propertyName": ["company"]},
                }
            ],
        },
    )
    assert isinstance(error, RequestRefused)
    [refusal] = error.refusals
    assert (refusal.code, refusal.property) == ("MISSING_REQUIRED_PROPERTY", "company")


def test_limits_state_for_how_long() -> None:
    day, second = recorded("daily_limit", 429), recorded("secondly_limit", 429)
    assert isinstance(day, RateLimited)
    assert day.policy == "DAILY"
    assert isinstance(second, RateLimited)
    assert second.retry_after == 10
    error = answered(429, {"policyName": "TEN_SECONDLY_ROLLING"}, retry_after="3")
    assert isinstance(error, RateLimited)
    assert error.retry_after == 3
    # In milliseconds, as in callbacks of workflows.
    odd = answered(429, {"policyName": "TEN_SECONDLY_ROLLING"}, retry_after="9000")
    assert isinstance(odd, RateLimited)
    assert odd.retry_after == 10


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFound),
        (405, RequestRefused),
        (423, Locked),
        (477, Migrating),
        (500, ServerError),
        (502, ServerError),
        (524, ServerError),
        (302, ServerError),
    ],
)
def test_each_status_is_distinguished(status: int, kind: type[HubSpotError]) -> None:
    assert type(answered(status)) is kind


def test_a_migration_shows_how_long_it_takes() -> None:
    error = answered(477, retry_after="7200")
    assert isinstance(error, Migrating)
    assert error.retry_after == 7200


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_an_invalid_answer_is_a_server_error(body: bytes) -> None:
    with pytest.raises(ServerError):
        answers.decoded(Answer(200, {}, body))
    assert isinstance(answers.error_of(Answer(503, {}, body)), ServerError)


@pytest.mark.rule(10)
def test_the_message_of_hubspot_is_in_no_error_text() -> None:
    body = {"message": "ada@example.com is invalid", "category": "ada@example.com"}
    for status in (400, 401, 403, 404, 409, 423, 429, 477, 500):
        error = answered(status, body)
        assert "ada" not in f"{error} {error!r} {error.args}"
        assert error.message == body["message"]


@pytest.mark.rule(10)
def test_an_invalid_row_affects_no_other() -> None:
    good = {
        "id": "5",
        "properties": {"email": "A@x.example", "hs_additional_emails": "b@x.y;C@x.y"},
    }
    odd: list[Any] = [None, [], {"id": {}}, {"properties": 3}]
    [read] = answers.contacts({"results": [*odd, good]})
    assert (read.id, read.email) == ("5", "A@x.example")
    assert read.additional_emails == ("b@x.y", "C@x.y")
    page = answers.participations({"results": [{"id": 1}, {"properties": []}]})
    assert page.rows == []


def test_ids_longer_than_32_bits_come_as_they_are() -> None:
    assert answers.vids({"results": [{"vid": 2**53 - 1}]}) == {str(2**53 - 1)}
