"""Registering all people of a file: what the webinar requires, their results, and repairing the
refused together."""

from typing import Any

import pytest
from django.test import Client

from contact_imports.models import ContactImport
from contact_imports.tasks import sweep
from contacts.events import REGISTRATION_DELETED
from contacts.models import Contact
from core import queue
from core.models import OutboxEvent
from core.outbox import Reader
from platforms.records import RegistrationField, RegistrationFields, RegistrationQuestion
from registration_forms import fields
from tests.contact_imports.test_imports import HEAD, check, numbers, run, sentences, upload
from tests.core.outbox_readers import RecordingReader, registered
from tests.factories import registration_in
from tests.fixtures.world import World
from webinars.models import Registration, Webinar

State = Registration.State
ContactState = ContactImport.State


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Run no worker; return the queued tasks."""
    found: list[Any] = []
    monkeypatch.setattr(queue, "async_task", lambda *task, **_: found.append(task))
    return found


def set_fields(world: World, *wanted: RegistrationField, questions: tuple[str, ...] = ()) -> None:
    asked = tuple(
        RegistrationQuestion(text, text, True, "shortAnswer", 128, ()) for text in questions
    )
    Webinar.objects.filter(pk=world.webinar.pk).update(
        form_fields=fields.stored(RegistrationFields(wanted, asked))
    )


def import_lines(world: World, client: Client, lines: str, columns: str = HEAD) -> ContactImport:
    upload(client, f"{columns}\n{lines}", webinar=world.webinar.pk)
    return check(client)


def page_of(client: Client, item: ContactImport, query: str = "") -> str:
    text: str = client.get(f"/contacts/import/{item.pk}/{query}").content.decode()
    return text


@pytest.mark.rule(2)
def test_the_check_shows_who_lacks_what_the_webinar_requires(
    world: World, marketer: Client
) -> None:
    set_fields(world, RegistrationField("phone", True, 128, ()))
    item = import_lines(
        world,
        marketer,
        "a@example.com,A,A,+33 1\nb@example.com,B,B,\np0@example.com,First0,Last0,\n",
        f"{HEAD},phone",
    )
    # A person who is already registered needs no further values.
    assert (item.lacking, numbers(item)) == (1, (2, 0, 1, 0, 0))
    page = page_of(marketer, item)
    assert "1 person lacks what A webinar requires" in page
    assert "Phone" in page_of(marketer, item, "?show=lacking")
    page = run(marketer, item)
    assert "1 person lacked what A webinar requires" in page
    assert Contact.objects.filter(email_key="b@example.com").exists()
    assert Registration.objects.get(source="import").contact.email == "a@example.com"


def test_the_result_counts_the_registrations_by_state(world: World, marketer: Client) -> None:
    item = import_lines(world, marketer, "".join(f"n{n}@example.com,N,N\n" for n in range(8)))
    assert "Sending" in run(marketer, item)
    rows = Registration.objects.filter(source="import").order_by("pk")
    assert rows.count() == 8
    for place, state in enumerate((State.REGISTERED, State.OVERFLOW)):
        Registration.objects.filter(pk=rows[place].pk).update(
            **registration_in(state, registrant_key=str(place))
        )
    rows.filter(state=State.PENDING).update(**registration_in(State.REJECTED))
    page = page_of(marketer, item)
    assert "Sending" not in page
    for label, count in (
        ("Registered", 1),
        ("Waiting list", 1),
        ("Rejected by GoToWebinar", 6),
    ):
        assert f">{label}</a></dt><dd>{count}</dd>" in page
    assert "Repair 6 registrations together" in page


@pytest.mark.rule(2)
def test_the_refused_and_those_who_lack_something_are_repaired_together(
    world: World, marketer: Client
) -> None:
    item = import_lines(world, marketer, "a@example.com,A,A\nb@example.com,B,B\n")
    run(marketer, item)
    rows = Registration.objects.filter(source="import")
    rows.update(
        **registration_in(
            State.REJECTED,
            rejected_fields=["country"],
            next_push_at=None,
            submitted={"country": "?"},
        )
    )
    set_fields(
        world, RegistrationField("country", False, 128, ("Chile", "Peru")),
        RegistrationField("phone", True, 128, ()),
    )  # fmt: skip
    late = import_lines(world, marketer, "c@example.com,C,C\na@example.com,A,A\n")
    run(marketer, late)
    address = f"/contacts/import/{item.pk}/repair/"
    page = marketer.get(address).content.decode()
    assert 'name="field-country"' in page and "a@example.com" in page
    values = {"field-country": "Peru", "field-phone": "+33 1"}
    # The one without the phone is of another file.
    assert not Registration.objects.filter(contact__email="c@example.com").exists()
    Contact.objects.filter(email_key="a@example.com").update(phone="+33 7")
    page = marketer.post(address, values, follow=True).content.decode()
    assert "1 person is on the way" in page and "1 person still lacks something" in page
    assert rows.get(contact__email="a@example.com").submitted == {"country": "Peru"}
    marketer.post(f"/contacts/import/{late.pk}/repair/", values)
    made = Registration.objects.get(contact__email="c@example.com")
    assert (made.state, made.submitted) == (State.PENDING, {"phone": "+33 1"})
    assert Contact.objects.get(email_key="c@example.com").phone == "", "contacts are not changed"
    assert (
        "nothing to fix"
        in marketer.get(f"/contacts/import/{late.pk}/repair/", follow=True).content.decode()
    )


def test_a_value_that_is_no_choice_of_the_field_is_not_taken(
    world: World, marketer: Client
) -> None:
    set_fields(world, RegistrationField("country", True, 128, ("Chile", "Peru")))
    item = import_lines(world, marketer, "a@example.com,A,A\n")
    run(marketer, item)
    address = f"/contacts/import/{item.pk}/repair/"
    marketer.post(address, {"field-country": "Atlantis"})
    assert not Registration.objects.filter(source="import").exists()
    marketer.post(address, {"field-country": "Peru"})
    assert Registration.objects.get(source="import").submitted == {"country": "Peru"}


def test_a_required_question_is_named_as_missing_for_everyone(
    world: World, marketer: Client
) -> None:
    set_fields(world, questions=("Why do you come?",))
    item = import_lines(world, marketer, "a@example.com,A,A\n")
    assert item.lacking == 1
    assert "Why do you come?" in page_of(marketer, item, "?show=lacking")


def test_an_incomplete_line_does_not_block_the_complete_one_below(
    world: World, marketer: Client
) -> None:
    item = import_lines(world, marketer, "new@example.com,Nia,\nnew@example.com,Nia,New\n")
    assert numbers(item) == (1, 0, 0, 0, 1)
    assert sentences(item) == ["A new person needs: last name."]
    run(marketer, item)
    assert Contact.objects.get(email_key="new@example.com").last_name == "New"


def test_pushers_are_called_after_the_commit(
    world: World, marketer: Client, asked: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    item = import_lines(world, marketer, "new@example.com,Nia,New\n")
    with django_capture_on_commit_callbacks() as callbacks:
        run(marketer, item)
    assert item.state == ContactState.DONE
    pusher = "sync.tasks.push_waiting"
    assert pusher not in {task[0] for task in asked}, "before the commit it would find no one"
    for callback in callbacks:
        callback()
    assert asked[-1][0] == pusher


def test_an_undo_withdraws_registrations_that_no_one_has_sent(
    world: World, marketer: Client
) -> None:
    item = import_lines(world, marketer, "a@example.com,A,A\nb@example.com,B,B\n")
    run(marketer, item)
    Registration.objects.filter(contact__email="b@example.com").update(
        **registration_in(State.REGISTERED, registrant_key="b", push_attempts=1)
    )
    with registered(Reader("one", frozenset({REGISTRATION_DELETED}), RecordingReader())):
        marketer.post(f"/contacts/import/{item.pk}/undo/")
        sweep()
    (event,) = OutboxEvent.objects.all()
    # Its contact was deleted with it, including its values.
    assert (event.kind, event.data) == (REGISTRATION_DELETED, {})
    item.refresh_from_db()
    assert (item.state, item.undo_skipped) == (ContactState.UNDONE, 1)
    assert not Contact.objects.filter(email_key="a@example.com").exists()
    assert Registration.objects.get(source="import").contact.email == "b@example.com"
    assert "has been sent to GoToWebinar" in page_of(marketer, item, "?show=kept")
