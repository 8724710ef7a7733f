"""Links of GoTo are accepted only if a browser opens a page with them."""

import json
from typing import Any

import pytest

from platforms.gotowebinar import read_event, responses
from platforms.gotowebinar.answer import Answer
from platforms.gotowebinar.web_links import web_link

GOOD = [
    "https://attendee.example/join/1?a=b#c",
    "http://127.0.0.1:8001/join/1",
    "HTTPS://A.example/",
]
BAD = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>1</script>",
    "//a.example", "vbscript:x", "java\nscript:alert(1)", "https://", "https:///path",
    "mailto:a@example.com", "file:///etc/passwd", "/admin/", "http://[::1", "https://a.example/\x01",
    "https://a b.example", "https://a.example/\r\nSet-Cookie: a=b", "a.example/join",
]  # fmt: skip


@pytest.mark.parametrize("link", GOOD)
def test_a_web_page_is_stored(link: str) -> None:
    assert web_link(f" {link}\n") == link


@pytest.mark.parametrize("link", ["", None, *BAD])
def test_anything_else_is_no_link(link: str | None) -> None:
    assert web_link(link) == ""


def answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps(body).encode())


@pytest.mark.parametrize("link", BAD)
def test_no_answer_or_event_has_an_invalid_link(link: str) -> None:
    person = {
        "registrantKey": 1,
        "firstName": "A",
        "lastName": "B",
        "email": "a@example.com",
        "registrationDate": "2026-11-24T10:00:00Z",
        "status": "APPROVED",
        "joinUrl": link,
    }
    webinar = {"webinarKey": 7, "subject": "S", "times": [], "registrationUrl": link}
    webinar |= {"numberOfRegistrants": 1, "registrationLimit": 100}
    page = {"_embedded": {"webinars": [webinar]}, "page": {"totalPages": 1}}
    registrants, _pages = responses.registrants(answer([person]))
    webinars, _pages = responses.webinars(answer(page))
    assert [item.join_url for item in registrants] == [""]
    assert responses.registrant(answer(person)).registrant.join_url == ""
    assert responses.created(answer(person, 201)).join_url == ""
    assert [item.registration_url for item in webinars] == [""]
    assert responses.webinar(answer(webinar)).registration_url == ""
    body = {
        "eventName": "registrant.added",
        "eventVersion": "1.0.0",
        "product": "g2w",
        "eventKey": "k",
        "timestamp": "2026-11-24T10:00:00Z",
        "webinarKey": "77",
    }
    event = read_event(json.dumps(person | body | {"registrantKey": "1"}).encode())
    assert event.details is not None and event.details.registrant.join_url == ""
