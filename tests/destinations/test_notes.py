"""Questions, answers and times of attendance as notes in HubSpot (rules 7 and 12)."""

import datetime as dt
import html
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from contacts.deletion import erase
from contacts.merge import merge, undo
from contacts.models import Activity
from destinations.hubspot import handover, notes
from destinations.hubspot.access import client_for
from destinations.hubspot.client import Client
from destinations.hubspot.handover_rows import plan_webinar
from destinations.hubspot.preview import preview
from destinations.models import HubSpotContact, Note, Portal, WebinarHandover
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import Killed, connect, contacts, milliseconds, send, switched_on
from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    ContactFactory,
    RegistrationFactory,
    SessionFactory,
    WebinarFactory,
)
from tests.fixtures.world import signed_in
from webinars.models import Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]
DAY = dt.timedelta(days=1)
ADA = "ada@example.com"


@pytest.fixture
def operator() -> Browser:
    roles.set_up()
    return signed_in(roles.OPERATORS)


@pytest.fixture
def portal(hubspot: HubSpotProcess) -> Portal:
    return connect(hubspot, send_notes=True, send_notes_since=timezone.now() - 30 * DAY)


def held(days: float = 4, **values: Any) -> Webinar:
    """Return a webinar that ran this many days ago."""
    starts_at = (timezone.now() - days * DAY).replace(microsecond=0)
    webinar = WebinarFactory.create(starts_at=starts_at, **values)
    SessionFactory.create(webinar=webinar)
    return webinar


def attended(webinar: Webinar, email: str, *stays: tuple[int, int]) -> None:
    """Let a person attend from and to this many minutes after the start."""
    session = webinar.sessions.get()
    start = int(session.started_at.timestamp())
    intervals = [[start + 60 * joined, start + 60 * left] for joined, left in stays]
    AttendanceFactory.create(
        session=session,
        registration__webinar=webinar,
        registration__contact__email=email,
        intervals=intervals,
    )


def add_answer(webinar: Webinar, email: str, kind: str, question: str, *answers: Any) -> None:
    """Let a person ask, or answer, in the session of a webinar."""
    registration = webinar.registrations.get(contact__email=email)
    ActivityFactory.create(
        contact=registration.contact,
        webinar=webinar,
        kind=kind,
        key=f"{kind}:{question}",
        data={
            "session": webinar.sessions.get().key,
            "question": question,
            "answers": list(answers),
        },
    )


@pytest.fixture
def webinar() -> Webinar:
    """Ada attended twice, asked and answered; Bob attended; Cy did not."""
    webinar = held(subject="Ask & answer", time_zone="Europe/Berlin")
    attended(webinar, ADA, (2, 20), (25, 60))
    attended(webinar, "bob@example.com", (0, 30))
    RegistrationFactory.create(webinar=webinar, contact__email="cy@example.com")
    answer = {"answer": "Because <b>we</b> can", "answered_by": "Grace"}
    add_answer(webinar, ADA, "question", "Why <script>alert(1)</script>?", answer)
    add_answer(webinar, ADA, "poll", "Which one?", "This", "That")
    add_answer(webinar, ADA, "survey", "Was it good?", "Yes")
    return webinar


@pytest.fixture
def row(portal: Portal, webinar: Webinar) -> WebinarHandover:
    return switched_on(portal, webinar)


def written(hubspot: HubSpotProcess) -> dict[str, list[dict[str, Any]]]:
    """Return the notes in HubSpot by address."""
    found: dict[str, list[dict[str, Any]]] = {}
    for note in hubspot.truth()["notes"]:
        for email in note["emails"]:
            found.setdefault(email, []).append(note)
    return found


def again(row: WebinarHandover) -> bool:
    """Send after what was written can be read."""
    Note.objects.exclude(tried_at=None).update(tried_at=timezone.now() - DAY)
    return send(row)


@pytest.mark.rule(7)
def test_a_note_shows_what_a_person_asked_and_answered_and_when_they_were_there(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    assert send(row)
    notes_there = written(hubspot)
    assert notes_there.keys() == {ADA, "bob@example.com"}
    [note] = notes_there[ADA]
    session = webinar.sessions.get()
    start = session.started_at.astimezone(webinar.zone)
    times = ", ".join(
        f"{start + dt.timedelta(minutes=joined):%H:%M}–{start + dt.timedelta(minutes=left):%H:%M}"
        for joined, left in ((2, 20), (25, 60))
    )
    assert note["body"] == (
        f"<p><strong>Ask &amp; answer</strong> · {start:%Y-%m-%d}</p>"
        f"<p>Attended {times} (Europe/Berlin), 53 min in total</p>"
        "<p><strong>Questions</strong></p><ul><li>Why &lt;script&gt;alert(1)&lt;/script&gt;?<br>"
        "Answer by Grace: Because &lt;b&gt;we&lt;/b&gt; can</li></ul>"
        "<p><strong>Polls</strong></p><ul><li>Which one?<br>This, That</li></ul>"
        "<p><strong>Survey</strong></p><ul><li>Was it good?<br>Yes</li></ul>"
        f"<p>[WebinarSync {webinar.key}]</p>"
    )
    at = dt.datetime.fromisoformat(note["properties"]["hs_timestamp"])
    assert milliseconds(at) == milliseconds(session.ended_at)
    stored = Note.objects.get(contact__email=ADA)
    assert (stored.state, stored.note_id) == (Note.State.WRITTEN, note["id"])
    assert stored.hubspot_id == note["contacts"][0]


def test_a_note_is_written_once_and_touches_no_property(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    hubspot.control("POST", "contact", {"email": ADA, "properties": {"city": "Theirs"}})
    before = contacts(hubspot)[ADA]
    for _ in range(3):
        again(row)
    add_answer(webinar, ADA, "survey", "One more?", "Late")
    again(row)
    assert len(written(hubspot)[ADA]) == 1
    assert contacts(hubspot)[ADA]["history"] == before["history"]


def test_notes_are_in_the_operators_language(
    hubspot: HubSpotProcess, row: WebinarHandover, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "fr"
    send(row)
    body = written(hubspot)[ADA][0]["body"]
    assert "<strong>Questions</strong>" in body
    assert "Réponse de Grace" in html.unescape(body)


def test_notes_wait_until_late_surveys_have_been_read(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    webinar = held(days=2)
    attended(webinar, ADA, (0, 30))
    row = switched_on(portal, webinar)
    send(row)
    assert written(hubspot) == {}
    assert "ATTENDED" in {each["state"] for each in hubspot.truth()["participations"]}


def test_without_the_switch_nothing_is_written(
    hubspot: HubSpotProcess, row: WebinarHandover, portal: Portal
) -> None:
    portal.send_notes = False
    portal.save()
    send(row)
    assert written(hubspot) == {} and not Note.objects.exists()


def test_the_switch_counts_for_what_follows_and_for_webinars_switched_on_later(
    hubspot: HubSpotProcess, row: WebinarHandover, portal: Portal, webinar: Webinar
) -> None:
    portal.send_notes_since = timezone.now()
    portal.save()
    WebinarHandover.objects.update(enabled_at=timezone.now() - DAY)
    send(row)
    assert written(hubspot) == {}
    # Switched off and, after its preview, on again.
    WebinarHandover.objects.update(enabled_at=timezone.now())
    send(row)
    assert ADA in written(hubspot)


def test_the_preview_shows_how_many_notes_would_be_written(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    row = switched_on(portal, webinar)
    assert preview(client_for(portal), row).notes == 2
    assert written(hubspot) == {}
    portal.send_notes = False
    row.portal = portal
    assert preview(client_for(portal), row).as_json()["notes"] == 0


FAULTS = [
    {"status": 500},
    {"status": 502, "after_effect": True},
    {"drop": True},
    {"after_effect": True},
    {"status": 429},
    {"status": 423},
    {"status": 477},
    {"status": 403},
    {"status": 400},
    {"status": 401},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault)) + str(
    fault.get("status", "")
))  # fmt: skip
@pytest.mark.parametrize("path", ["notes/batch/create", "notes/batch/read"])
def test_each_note_is_written_once_whatever_goes_wrong(
    hubspot: HubSpotProcess, row: WebinarHandover, fault: dict[str, Any], path: str
) -> None:
    if path.endswith("read"):
        # It is read back only after a first unknown outcome.
        hubspot.control(
            "POST", "fail", {"next": 1, "path": "notes/batch/create", "after_effect": True}
        )
        send(row)
    hubspot.control("POST", "fail", {"next": 1, "path": path, **fault})
    send(row)
    again(row)
    Portal.objects.update(daily_remaining=None, state=Portal.State.CONNECTED)
    assert not hubspot.control("POST", "fail/clear", {})["waiting"]
    for _ in range(2):
        notes.write_again(row)
        again(row)
    assert {email: len(found) for email, found in written(hubspot).items()} == {
        ADA: 1,
        "bob@example.com": 1,
    }
    there = {note["id"] for note in hubspot.truth()["notes"]}
    assert {note.note_id for note in Note.objects.all()} == there


@pytest.mark.parametrize("nth", range(1, 4))
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_worker_writes_no_note_twice(
    hubspot: HubSpotProcess,
    row: WebinarHandover,
    monkeypatch: pytest.MonkeyPatch,
    nth: int,
    after: bool,
) -> None:
    """Even if it is killed again while it reads back."""
    call, count = Client.call, 0

    def killed(self: Client, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += "notes/batch" in path
        if count == nth and not after:
            raise Killed
        answer = call(self, method, path, *args, **kwargs)
        if count == nth:
            raise Killed
        return answer

    plan_webinar(row.pk)
    with monkeypatch.context() as patched:
        patched.setattr(Client, "call", killed)
        patched.setattr(handover, "_release", lambda *_: None)
        for _ in range(4):
            Note.objects.exclude(tried_at=None).update(tried_at=timezone.now() - DAY)
            WebinarHandover.objects.update(claimed_until=timezone.now())
            try:
                handover.hand_over(row.pk)
            except Killed:
                count = 10
    WebinarHandover.objects.update(claimed_until=timezone.now())
    again(row)
    assert {email: len(found) for email, found in written(hubspot).items()} == {
        ADA: 1,
        "bob@example.com": 1,
    }


def test_what_was_written_a_moment_ago_is_not_read_back_at_once(
    hubspot: HubSpotProcess, row: WebinarHandover
) -> None:
    hubspot.control("POST", "fail", {"next": 1, "path": "notes/batch/create", "after_effect": True})
    send(row)
    hubspot.control("POST", "calls/reset")
    send(row)
    assert not [call for call in hubspot.calls() if "notes" in call["path"]]
    assert again(row)
    assert Note.objects.filter(state=Note.State.WRITTEN).count() == 2


def test_one_note_that_is_refused_costs_no_one_else(
    hubspot: HubSpotProcess, row: WebinarHandover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "note_body", lambda facts: "x" * (70_000 if facts.lines else 10))
    send(row)
    assert written(hubspot).keys() == {"bob@example.com"}
    refused = Note.objects.get(contact__email=ADA)
    assert refused.state == Note.State.REFUSED
    assert "longer than" in refused.hubspot_message
    monkeypatch.undo()
    assert notes.write_again(row) == 1
    again(row)
    assert len(written(hubspot)[ADA]) == 1


def test_a_missing_scope_is_named_and_blocks_nothing_else(
    hubspot: HubSpotProcess, row: WebinarHandover
) -> None:
    for email in (ADA, "bob@example.com", "cy@example.com"):
        hubspot.control("POST", "contact", {"email": email, "properties": {}})
    hubspot.control("POST", "scopes", {"missing": ["crm.objects.contacts.write"]})
    assert not send(row)
    portal = Portal.objects.get()
    assert portal.missing_write_scopes == ["crm.objects.contacts.write"]
    row.refresh_from_db()
    assert "crm.objects.contacts.write" in row.error
    assert hubspot.truth()["events"][0]["eventCompleted"]
    hubspot.control("POST", "scopes", {"missing": []})
    assert again(row)
    assert len(written(hubspot)) == 2


@pytest.mark.parametrize("change", ["archive", "erase", "merge"])
def test_a_contact_that_is_gone_there_gets_no_note_and_a_merged_one_does(
    hubspot: HubSpotProcess, row: WebinarHandover, portal: Portal, change: str
) -> None:
    portal.send_notes = False
    portal.save()
    send(row)
    if change == "merge":
        hubspot.control("POST", "contact", {"email": "kept@example.com", "properties": {}})
        hubspot.control("POST", "merge", {"primary": "kept@example.com", "other": ADA})
    else:
        hubspot.control("POST", change, {"email": ADA})
    portal.send_notes = True
    portal.save()
    again(row)
    again(row)
    there = written(hubspot)
    assert there["bob@example.com"]
    assert ADA not in contacts(hubspot)
    if change == "merge":
        assert len(there["kept@example.com"]) == 1
    else:
        left_out = Note.objects.get(contact__email=ADA)
        assert (left_out.state, left_out.reason_code) == ("left_out", "handover.gone")
        assert HubSpotContact.objects.get(contact__email=ADA).state == "gone"


def test_two_contacts_here_that_are_one_there_get_one_note(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    hubspot.control(
        "POST",
        "contact",
        {"email": ADA, "additional_emails": ["bob@example.com"], "properties": {}},
    )
    send(row)
    assert len(written(hubspot)[ADA]) == 1
    assert Note.objects.filter(reason_code="handover.same-contact").count() == 1


def test_a_note_follows_its_people_through_a_merge_here(
    hubspot: HubSpotProcess, row: WebinarHandover
) -> None:
    send(row)
    [one, two] = Note.objects.order_by("pk")
    Note.objects.filter(pk=one.pk).update(
        state="pending", note_id="", sent_at=None, tried_at=None, hubspot_id=""
    )
    merged = merge(one.contact_id, two.contact_id, [], None)
    stored_note = Note.objects.get()
    assert (stored_note.contact_id, stored_note.note_id) == (one.contact_id, two.note_id)
    undo(merged.pk)
    assert Note.objects.filter(state="pending").count() == 1


def test_a_contact_with_many_notes_is_read_to_the_end(
    hubspot: HubSpotProcess, row: WebinarHandover, portal: Portal
) -> None:
    from destinations.hubspot.notes_client import NewNote, create_notes, notes_of

    send(row)
    client = client_for(portal)
    there = Note.objects.get(contact__email=ADA).hubspot_id
    now = timezone.now()
    for start in range(0, 200, 100):
        some = [NewNote(str(start + n), there, now, f"Note {start + n}") for n in range(100)]
        assert len(create_notes(client, some).written) == 100
    assert len(notes_of(client, [there])[there]) == 201


def test_refused_notes_are_on_the_tab_and_are_sent_again(
    hubspot: HubSpotProcess, row: WebinarHandover, operator: Browser, webinar: Webinar
) -> None:
    hubspot.control("POST", "fail", {"next": 3, "path": "notes/batch/create", "status": 400})
    send(row)
    hubspot.control("POST", "fail/clear")
    address = f"/hubspot/webinars/{webinar.pk}/"
    page = operator.get(address).content.decode()
    assert "HubSpot rejected the note." in page and "Invalid input" in page
    one = Note.objects.get(contact__email=ADA)
    page = operator.post(
        f"{address}write-notes-again/", {"contact": str(one.contact_id)}, follow=True
    ).content.decode()
    assert "Writing to HubSpot again." in page
    again(row)
    assert written(hubspot).keys() == {ADA}
    operator.post(f"{address}write-notes-again/")
    again(row)
    assert written(hubspot).keys() == {ADA, "bob@example.com"}
    nothing = operator.post(f"{address}write-notes-again/", follow=True).content.decode()
    assert "There is nothing to write again." in nothing
    assert operator.post(f"{address}write-notes-again/", {"contact": "x"}).status_code == 302


def test_the_switch_is_on_the_page_and_keeps_since_when(
    hubspot: HubSpotProcess, operator: Browser
) -> None:
    portal = connect(hubspot)
    assert "as notes" in operator.get("/hubspot/").content.decode()
    began = timezone.now()
    operator.post("/hubspot/defaults/", {"send_notes": "on"})
    portal.refresh_from_db()
    assert portal.send_notes and portal.send_notes_since and portal.send_notes_since >= began
    since = portal.send_notes_since
    operator.post("/hubspot/defaults/", {"send_notes": "on", "send_internal": "on"})
    portal.refresh_from_db()
    assert portal.send_notes_since == since


def test_who_was_erased_here_leaves_no_trace_in_rows_of_others(
    hubspot: HubSpotProcess, row: WebinarHandover
) -> None:
    send(row)
    other = Note.objects.get(contact__email="bob@example.com")
    Note.objects.filter(pk=other.pk).update(hubspot_message=f"Not like {ADA}")
    ada = Note.objects.get(contact__email=ADA).contact
    erase(ADA)
    assert Note.objects.get().hubspot_message == ""
    assert not Activity.objects.filter(contact=ada.pk).exists()
    assert ContactFactory.create().pk
