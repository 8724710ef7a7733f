"""An address with a line end or another control character is refused when it is read (rule 10)."""

import datetime as dt
import json
import sys
import unicodedata
from typing import Any

import pytest

from contacts.models import Contact
from platforms.errors import Unreadable
from platforms.gotowebinar import responses, webhook_events
from platforms.gotowebinar.addresses import has_control_character
from platforms.gotowebinar.answer import Answer
from sync.models import SyncRun
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from webinars.models import Registration, Speaker

INJECTED = [
    "ana@example.com\nBcc: all@example.com",
    "ana@example.com\r\nBcc: all@example.com",
    "ana@example.com\n",
    "\rana@example.com",
    "ana\x00@example.com",
    "ana\x1b@example.com",
    "ana\x7f@example.com",
    "ana\x85@example.com",
    "ana\u2028@example.com",
    "ana\u2029@example.com",
]
ROW: dict[str, Any] = {
    "registrantKey": "1", "firstName": "A", "lastName": "B",
    "registrationDate": "2026-03-13T10:00:00Z",
}  # fmt: skip


def answer(body: object) -> Answer:
    return Answer(200, {}, json.dumps(body).encode())


@pytest.mark.pure
@pytest.mark.rule(10)
@pytest.mark.parametrize("address", [item for item in INJECTED if "\x00" not in item])
def test_the_row_is_skipped_and_counted_and_the_others_are_read(address: str) -> None:
    rows = [ROW | {"email": address}, ROW | {"registrantKey": "2", "email": "bo@example.com"}]
    found, _total = responses.registrants(answer({"data": rows, "total": 2}))
    assert [item.email for item in found] == ["bo@example.com"]
    assert found.skipped == 1
    for read in (responses.panelists, responses.coorganizers):
        speakers = read(answer([{"email": address, "name": "X"}, {"email": "bo@example.com"}]))
        assert [item.email for item in speakers] == ["bo@example.com"]
        assert speakers.skipped == 1
    with pytest.raises(Unreadable):
        responses.registrant(answer(ROW | {"email": address}))
    assert responses.admin(answer({"key": "1", "email": address})).email is None
    assert responses.identity(answer({"id": "1", "userName": address})).email is None
    token = {"access_token": "t", "expires_in": 1, "principal": address}
    assert responses.token(answer(token)).principal is None


@pytest.mark.pure
@pytest.mark.parametrize("address", INJECTED)
def test_an_event_with_one_is_a_hint_without_an_address(address: str) -> None:
    body = ROW | {
        "eventName": "registrant.added", "eventVersion": "1.0.0", "product": "g2w",
        "eventKey": "e", "timestamp": "2026-03-13T10:00:00Z", "webinarKey": "77", "email": address,
    }  # fmt: skip
    event = webhook_events.read_event(json.dumps(body).encode())
    assert (event.email, event.details) == ("", None)
    assert event.registrant_key == "1"


@pytest.mark.django_db
@pytest.mark.rule(10)
def test_a_sync_skips_and_counts_it() -> None:
    goto, webinar = FakeGoTo(), make_webinar()
    at = dt.datetime.now(dt.UTC) - 3 * HOUR
    odd = goto.register(INJECTED[0], at)
    bo = goto.register("bo@example.com", at)
    goto.hold_session(at + HOUR, at + 2 * HOUR, [odd, bo])
    goto.panelists.append({"email": INJECTED[1], "name": "P"})
    run = goto.sync(webinar)
    assert run.state == SyncRun.State.DONE
    assert run.skipped["registrants"] == 1
    assert run.skipped["attendees"] == 1
    assert not Contact.objects.filter(email__contains="Bcc").exists()
    assert Registration.objects.get(contact__email="bo@example.com").sessions_attended == 1
    assert not Speaker.objects.filter(name="P").exists()


def test_control_characters_are_those_of_unicode() -> None:
    found = {sign for sign in map(chr, range(sys.maxunicode + 1)) if has_control_character(sign)}
    assert found == {
        sign
        for sign in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(sign) in {"Cc", "Zl", "Zp"}
    }
