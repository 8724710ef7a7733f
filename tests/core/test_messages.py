"""Messages stored as codes: each code is known, and none breaks a page."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from core import messages
from platforms.error_messages import PeopleUnread, Problem, StepsUnreadable, explain
from platforms.errors import (
    NoProduct,
    NoScope,
    NotAllowed,
    NotFound,
    PlatformError,
    RateLimited,
    ReauthorizationRequired,
    ServerError,
    Unreachable,
)

ROOT = Path(__file__).parents[2]
STORED = re.compile(r"""(?:Problem\(|(?:error|problem)_code=|"job\.|text\()\s*"([a-z]+[\w.-]*)\"""")
EVERYTHING = {"fields": [], "lists": [], "count": 1, "name": "ValueError"}
ERRORS = (
    *(
        kind("Theirs")
        for kind in (ServerError, PlatformError, NoProduct, NoScope, NotAllowed, NotFound)
    ),
    *(kind("Theirs") for kind in (ReauthorizationRequired, RateLimited, Unreachable)),
    PeopleUnread({"1": NotFound("Theirs")}),
    PeopleUnread({"1": NotFound("Theirs"), "2": NotFound("Theirs")}),
    StepsUnreadable({"attendees": ServerError(), "polls": ServerError()}),
    ValueError("secret"),
)


def test_every_code_that_is_stored_has_a_text() -> None:
    sources = [
        path
        for package in ("platforms", "webinars", "registration_forms", "sync")
        for path in (ROOT / package).rglob("*.py")
    ]
    codes = {code for path in sources for code in STORED.findall(path.read_text())}
    assert {"push.webinar-over", "sync.ended", "webhooks.not-offered"} <= codes
    assert {code for code in codes if messages.text(code, EVERYTHING) == code} == (set())


@pytest.mark.rule(13)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_each_failure_is_stored_as_a_code(error: Exception) -> None:
    columns = explain(error).columns()
    stored = messages.text(columns["error_code"], columns["error_params"])
    assert stored == explain(error).sentence and " " in stored
    assert " " not in columns["error_code"] + str(columns["error_params"].get("name", ""))
    assert "secret" not in str(columns)
    with translation.override("fr"):
        assert explain(error).columns() == columns
        assert messages.text(columns["error_code"], columns["error_params"]) != stored


def test_one_person_is_not_several() -> None:
    one, two = (Problem("platform.people-unread", {"count": count}).sentence for count in (1, 2))
    assert "1 new person." in one and "2 new people." in two


def test_lists_are_read_in_the_readers_language() -> None:
    lists = {"lists": [messages.part("read.attendees"), messages.part("read.polls")]}
    assert "error for: attendees, polls." in messages.text("platform.steps-unreadable", lists)
    with translation.override("fr"):
        assert "attendees" not in messages.text("platform.steps-unreadable", lists)


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("of.another-version", {}),
        ("platform.people-unread", {}),
        ("platform.steps-unreadable", None),
    ],
)
def test_what_another_version_wrote_breaks_no_page(
    code: str, params: dict[str, object] | None
) -> None:
    assert messages.text(code, params) == code


def test_an_empty_code_gives_nothing_and_a_code_is_registered_once() -> None:
    assert messages.text("", {}) == ""
    with pytest.raises(ValueError, match=r"push\.full"):
        messages.register({"push.full": "Full"})
