"""Lists of other systems are read into the imported file, independent of the system."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest import MonkeyPatch

from contact_imports import source_reader
from contact_imports.models import ContactImport, ImportChunk
from contact_imports.sources import (
    Column,
    ContactSource,
    FoundList,
    ListPortion,
    SourceDelayed,
    SourceError,
    source_of,
    sources,
)
from contact_imports.tasks import import_contacts, sweep
from contacts.deletion import erase
from contacts.models import Contact, OptOut
from contacts.timeline import describe
from tests.contact_imports.test_imports import check, left_out, numbers, run, sentences
from tests.contact_imports.test_undo import undo
from tests.destinations.portal import Killed
from tests.factories import ContactFactory
from tests.fixtures.world import World, signed_in

State = ContactImport.State
# Reached with the first batch; each has two people at most.
PEOPLE = [
    ["1", "p0@example.com", "First0", "Last0", ""],
    ["2", "nia@example.com", "Nia", "New", "yes"],
    ["3", "", "Nobody", "Known", ""],
    ["4", "=1+1@example.com", "Formula", "'=Sum", ""],
    ["5", "", "", "", ""],
]


class Guests:
    """A source with one list, "Guests", whose `people` are returned two at a time."""

    key = "guests"
    order = 0
    name = "Guest book"
    label = "Guest list"
    field_label = "Which list"
    help_text = "Everybody who signed."
    permissions: tuple[str, ...] = ("contacts.view_contact",)
    opt_out_source = OptOut.Source.CRM

    def __init__(self) -> None:
        self.people: list[list[str]] = [list(row) for row in PEOPLE]
        self.available = True
        self.size: int | None = 5
        # What the next reads do instead, in this order; None reads.
        self.instead: list[BaseException | Callable[[], object] | None] = []
        self.read_at: list[int] = []

    def is_available(self) -> bool:
        return self.available

    def find(self, text: str) -> FoundList:
        if text != "Guests":
            raise SourceError("guests.none", source_message="Who?")
        return FoundList("7", "Guests.xlsx", self.size)

    def columns(self) -> Sequence[Column]:
        return [
            Column("Number", "record"), Column("Email", "email"), Column("Prénom", "first_name"),
            Column("Nom, de famille", "last_name"), Column("Out", "opt_out"),
        ]  # fmt: skip

    def read(self, key: str, columns: Sequence[Column], position: Mapping[str, Any]) -> ListPortion:
        assert key == "7" and list(columns) == self.columns()
        first = position.get("first", 0)
        self.read_at.append(first)
        match self.instead.pop(0) if self.instead else None:
            case BaseException() as error:
                raise error
            case None:
                pass
            case act:
                act()
        rest = first + 2 < len(self.people)
        return ListPortion(
            self.people[first : first + 2],
            {"first": first + 2} if rest else None,
            missing=1 if not first else 0,
        )

    def record_url(self, record: str) -> str:
        return f"https://guests.example/{record}"

    def title(self, name: str, count: int | None) -> str:
        return f"Guest list {name} of {count}"


@pytest.fixture
def guests() -> Iterator[Guests]:
    source = Guests()
    with sources.register_temporarily(source):
        yield source


def choose(client: Client, name: str = "Guests", **more: Any) -> Any:
    values = {"guests-named": name} | {f"guests-{key}": value for key, value in more.items()}
    return client.post("/contacts/import/from/guests/", values, follow=True)


def latest() -> ContactImport:
    return ContactImport.objects.latest("pk")


def due() -> None:
    """Move the clock until waiting tasks are tried again."""
    held = ContactImport.objects.filter(lease_until__isnull=False)
    held.update(lease_until=timezone.now() - dt.timedelta(seconds=1))


def stored_text(item: ContactImport) -> str:
    return b"".join(bytes(chunk.content) for chunk in item.chunks.all()).decode()


def test_the_source_keeps_the_contract(guests: Guests) -> None:
    source: ContactSource = guests
    assert source_of("guests") is source
    assert source_of("nowhere") is None


@pytest.mark.rule(3)
def test_a_list_goes_through_the_steps_of_a_file(
    world: World, marketer: Client, guests: Guests
) -> None:
    page = marketer.get("/contacts/import/").content.decode()
    assert "Guest list" in page and "Everybody who signed." in page
    page = choose(marketer).content.decode()
    item = latest()
    assert (item.state, item.source, item.source_size) == (State.READING, "guests", 5)
    assert "Reading the list." in page and "Guest list Guests.xlsx of 5" in page
    sweep()
    item.refresh_from_db()
    assert (item.state, item.total, item.source_missing) == (State.UPLOADED, 5, 1)
    assert item.mapping == ["record", "email", "first_name", "last_name", "opt_out"]
    assert guests.read_at == [0, 2, 4]
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "Preview import" in page and "How the file is read" not in page
    assert "1 member of the list has no record any more" in page
    assert "Nom, de famille" in page
    item = check(marketer)
    # People without an address are named, even if nothing else is known; no one is left out
    # silently.
    assert (item.state, numbers(item)) == (State.CHECKED, (2, 0, 1, 0, 2))
    assert sentences(item) == ["The email is missing."] * 2
    assert [line.record for line in left_out(item)] == ["3", "5"]
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert '<a class="ws-link" href="https://guests.example/5">Record 5</a>' in page
    assert not OptOut.objects.exists() and not Contact.objects.filter(first_name="Nia").exists()
    assert "What was imported" in run(marketer, item)
    assert (item.state, numbers(item)) == (State.DONE, (2, 0, 1, 0, 2))
    assert Contact.objects.get(first_name="Formula").last_name == "'=Sum"
    nia = Contact.objects.get(email_key="nia@example.com")
    assert nia.source == "import"
    assert OptOut.objects.get().contact == nia
    timeline = {describe(activity).text for activity in nia.activities.all()}
    assert timeline == {"Added by an import from HubSpot", "Unsubscribed from emails"}
    history = marketer.get("/contacts/import/").content.decode()
    assert '<option value="Guests.xlsx">' in history, "it is offered again"
    assert "Guest list Guests.xlsx of 5" in history
    assert not ImportChunk.objects.exists()


@pytest.mark.rule(5)
def test_a_record_is_stored_no_longer_than_the_list_unless_it_has_no_address(
    world: World, marketer: Client, guests: Guests
) -> None:
    guests.people = [
        ["1", "", "Nobody", "Known", ""],
        ["2", "half@example.com", "", "Named", ""],
        ["3", "not an address", "A", "B", ""],
        ["4", "nia@example.com", "Nia", "New", ""],
    ]
    choose(marketer)
    sweep()
    item = check(marketer)
    assert [(line.number, line.record) for line in left_out(item)] == [(2, "1"), (3, "2"), (4, "3")]
    run(marketer, item)
    assert [(line.number, line.record) for line in left_out(item)] == [(2, "1"), (3, ""), (4, "")]
    lines = marketer.get(f"/contacts/import/{item.pk}/lines.csv").getvalue().decode().splitlines()
    assert lines[0].endswith(",undo,record") and lines[1].endswith(",1") and lines[2].endswith(",")


@pytest.mark.rule(11)
def test_an_undo_reverts_all_but_the_opt_out(
    world: World, marketer: Client, guests: Guests
) -> None:
    guests.people[0][4] = "yes"
    choose(marketer)
    sweep()
    item = check(marketer)
    assert numbers(item) == (2, 1, 0, 0, 2)
    run(marketer, item)
    page = undo(marketer, item)
    assert item.state == State.UNDONE
    assert not Contact.objects.filter(email_key="nia@example.com").exists()
    # The keyed hash still identifies a deleted person.
    assert OptOut.objects.filter(contact=None, email="").count() == 1
    peter = Contact.objects.get(email_key="p0@example.com")
    assert peter.opt_outs.get().source == OptOut.Source.CRM
    assert "Not undone" in page
    page = marketer.get(f"/contacts/import/{item.pk}/?show=kept").content.decode()
    assert "The opt-out from all email stays." in page


def test_a_worker_that_dies_skips_no_batch_and_stores_none_twice(
    world: World, marketer: Client, guests: Guests
) -> None:
    choose(marketer)
    item = latest()
    for at in ([None, Killed()], [Killed()], [None, Killed()]):
        guests.instead = list(at)
        with pytest.raises(Killed):
            import_contacts(item.pk)
        assert import_contacts(item.pk) == "no one waits for it"
        due()
    sweep()
    item.refresh_from_db()
    assert (item.state, item.total, item.source_missing) == (State.UPLOADED, 5, 1)
    lines = stored_text(item).splitlines()
    assert len(lines) == 6 and len(set(lines)) == 6
    assert guests.read_at == [0, 2, 2, 2, 4, 4]


def test_of_two_workers_with_one_batch_one_stores_it(
    world: World, marketer: Client, guests: Guests
) -> None:
    choose(marketer)
    item = latest()

    def other() -> None:
        due()
        import_contacts(item.pk)

    guests.instead = [None, other]
    import_contacts(item.pk)
    item.refresh_from_db()
    assert (item.state, item.total) == (State.UPLOADED, 5)
    assert len(stored_text(item).splitlines()) == 6


def test_postponed_work_resumes_automatically(
    world: World, marketer: Client, guests: Guests
) -> None:
    guests.instead = [None, SourceDelayed("hubspot.daily-limit", retry_after=3600)]
    choose(marketer)
    sweep()
    item = latest()
    assert (item.state, item.done, item.error) == (State.READING, 2, "hubspot.daily-limit")
    assert item.lease_until is not None
    assert item.lease_until > timezone.now() + dt.timedelta(minutes=59)
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "Today&#x27;s HubSpot calls are used up" in page
    assert "Reading resumes automatically" in page and "2 of 5 people" in page
    assert sweep() == 0, "it is not read before its time"
    due()
    sweep()
    item.refresh_from_db()
    assert (item.state, item.error, item.total) == (State.UPLOADED, "", 5)


def test_a_source_that_fails_is_tried_for_an_hour_and_then_reported(
    world: World, marketer: Client, guests: Guests
) -> None:
    failure = SourceDelayed("hubspot.unreachable", source_message="503 again")
    guests.instead = [None, *[failure] * 20]
    choose(marketer)
    pauses = []
    item = latest()
    for _attempt in range(20):
        due()
        sweep()
        item.refresh_from_db()
        if item.state != State.READING:
            break
        assert item.lease_until is not None
        pauses.append(round((item.lease_until - timezone.now()).total_seconds() / 60))
    assert pauses == [1, 2, 4, 8, 15, 15, 15, 15]
    assert (item.state, item.error) == (State.FAILED, "hubspot.unreachable")
    assert not item.chunks.exists()
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "HubSpot cannot be reached" in page
    assert "Guest book says: “503 again”" in page
    # Once it answers again, the list is read from the start.
    guests.instead, guests.read_at = [], []
    marketer.post(f"/contacts/import/{item.pk}/list/")
    sweep()
    item.refresh_from_db()
    assert (item.state, item.total, guests.read_at) == (State.UPLOADED, 5, [0, 2, 4])
    assert (item.error, item.source_message, item.source_missing) == ("", "", 1)


@pytest.mark.rule(10)
def test_an_error_of_ours_is_tried_again_too(
    world: World, marketer: Client, guests: Guests
) -> None:
    guests.instead = [ZeroDivisionError()]
    choose(marketer)
    sweep()
    item = latest()
    assert (item.state, item.read_attempts) == (State.READING, 1)
    due()
    sweep()
    item.refresh_from_db()
    assert item.state == State.UPLOADED
    guests.instead = [ZeroDivisionError()] * 9
    choose(marketer)
    for _attempt in range(9):
        due()
        sweep()
    assert (latest().state, latest().error) == (State.FAILED, "list_unread")


@pytest.mark.rule(5)
def test_a_list_of_someone_who_is_erased_in_the_meantime_is_discarded(
    world: World, marketer: Client, guests: Guests
) -> None:
    ContactFactory.create(email="nia@example.com")
    guests.instead = [None, lambda: erase("nia@example.com")]
    choose(marketer)
    sweep()
    item = latest()
    assert (item.state, item.error) == (State.FAILED, "list_named_deleted")
    assert (item.filename, item.source_key, item.source_position) == ("discarded list", "", {})
    assert not item.chunks.exists()
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "A person on the list was deleted here" in page and "Try again" not in page
    marketer.post(f"/contacts/import/{item.pk}/list/")
    item.refresh_from_db()
    assert item.state == State.FAILED


@pytest.mark.rule(5)
def test_a_list_that_waits_is_discarded_with_whom_it_names(
    world: World, marketer: Client, guests: Guests
) -> None:
    ContactFactory.create(email="nia@example.com")
    choose(marketer)
    sweep()
    erase("nia@example.com")
    item = latest()
    assert (item.state, item.error) == (State.FAILED, "list_named_deleted")
    assert not item.chunks.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda guests: guests.people.clear(), "list_empty"),
        (lambda guests: guests.instead.append(SourceError("guests.gone")), "guests.gone"),
    ],
    ids=["empty", "gone"],
)
def test_a_list_that_cannot_be_read_is_reported(
    world: World, marketer: Client, guests: Guests, change: Callable[[Guests], object], code: str
) -> None:
    change(guests)
    choose(marketer)
    sweep()
    item = latest()
    assert (item.state, item.error) == (State.FAILED, code)
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "The import failed" in page and "Try again" in page


def test_a_list_is_no_longer_than_a_file(
    world: World, marketer: Client, guests: Guests, monkeypatch: MonkeyPatch
) -> None:
    guests.size = 250_001
    page = choose(marketer).content.decode()
    assert "The list has more than 250,000 people" in page
    assert not ContactImport.objects.exists()
    # If the source does not report the total, it is detected while reading.
    guests.size = None
    monkeypatch.setattr(source_reader, "MAX_ROWS", 3)
    choose(marketer)
    sweep()
    assert (latest().state, latest().error) == (State.FAILED, "list_too_large")
    assert not ImportChunk.objects.exists()


def test_a_source_that_is_gone_is_named_by_the_list_alone(world: World, marketer: Client) -> None:
    guests = Guests()
    with sources.register_temporarily(guests):
        choose(marketer)
    sweep()
    assert (latest().error, latest().title) == ("no_source", "Guests.xlsx")
    assert marketer.get(f"/contacts/import/{latest().pk}/").status_code == 200


def test_a_list_that_is_not_found_is_reported_in_the_form(
    world: World, marketer: Client, guests: Guests
) -> None:
    page = choose(marketer, "Ghosts").content.decode()
    assert "Guest book says: “Who?”" in page and 'value="Ghosts"' in page
    assert not ContactImport.objects.exists()
    assert "This field is required" in choose(marketer, "").content.decode()


def test_everyone_on_a_list_can_be_registered(
    world: World, marketer: Client, guests: Guests
) -> None:
    webinar = world.webinar
    webinar.starts_at, webinar.ends_at = (timezone.now() + dt.timedelta(days=day) for day in (1, 2))
    webinar.save()
    choose(marketer, webinar=str(webinar.pk))
    assert latest().webinar == webinar


def test_without_permission_for_a_source_nothing_is_imported(
    world: World, marketer: Client, guests: Guests
) -> None:
    guests.permissions = ("destinations.change_portal",)
    assert "Guest list" not in marketer.get("/contacts/import/").content.decode()
    assert choose(marketer).status_code == 404
    guests.permissions = ()
    assert choose(signed_in(None)).status_code == 403
    guests.available = False
    assert choose(marketer).status_code == 404
    assert marketer.get("/contacts/import/from/guests/").status_code == 405
    assert not ContactImport.objects.exists()
