"""The rights of data subjects: access to all data, erasure, and no export without a record."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from contacts.models import Activity, Contact, OptOut, Tombstone
from contacts.opt_outs import opt_out
from contacts.personal_data import personal_data_of
from contacts.retention import outdated
from contacts.tasks import apply_retention
from contacts.tombstones import bury
from core.audit import in_words, log_change
from mailings import audience
from platforms.models import Connection, WebhookEvent
from registration_forms.models import Submission
from sync.models import Reconciliation, ReconciliationDifference
from tests.factories import UserFactory
from tests.fixtures.world import World, signed_in
from webinarsync import roles

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - dt.timedelta(days=800)


@pytest.fixture
def operator(world: World) -> Client:
    return signed_in(roles.OPERATORS)


# -- access to data ----------------------------------------------------------------------------


def test_all_about_one_person_and_no_one_else(world: World, marketer: Client) -> None:
    first, second = world.registrations[:2]
    Submission.objects.create(
        registration=first, submitted={"comment": "My words"}, created_by_form=True
    )
    audience.for_contacts([first.contact_id, second.contact_id], user_id=None, language="en")
    answer = marketer.get(f"/contacts/{first.contact_id}/personal-data.json")
    assert "attachment" in answer["Content-Disposition"]
    data = json.loads(answer.content)
    assert data["contact"]["email"] == first.contact.email
    assert data["registrations"][0]["webinar"] == "A webinar"
    assert data["form submissions"][0]["submitted"] == {"comment": "My words"}
    assert len(data["recipients"]) == 1
    assert data[str(Activity._meta.verbose_name_plural)]
    # Rows of an unknown table are reported too; other people are not affected.
    everything = json.dumps(data)
    assert second.contact.email not in everything
    assert Submission.objects.get().secret not in everything
    entry = LogEntry.objects.get()
    assert entry.object_id == str(first.contact_id)
    assert "Downloaded this person" in in_words(entry).sentence


def test_every_table_deleted_with_a_person_is_listed(
    examples: dict[str, Any], world: World
) -> None:
    """Deletion cascades to a person's data: that is what the file has to list."""
    contact = world.registrations[0].contact
    data = personal_data_of(contact)
    rows = sum(len(rows) for name, rows in data.items() if name != "contact") + 1
    assert rows == contact.delete()[0]


# -- erasure -----------------------------------------------------------------------------------


def age(contact: Contact) -> None:
    """Make `contact` inactive for a long time."""
    Activity.objects.filter(contact=contact).update(happened_at=LONG_AGO)
    Contact.objects.filter(pk=contact.pk).update(created_at=LONG_AGO, updated_at=LONG_AGO)


def test_no_one_is_forgotten_unless_the_installation_enables_it(world: World) -> None:
    age(world.registrations[0].contact)
    assert apply_retention() == 0


def test_inactive_people_are_deleted(world: World, settings: Any) -> None:
    settings.KEEP_PEOPLE_DAYS = 365
    people = [registration.contact for registration in world.registrations]
    for contact in people[:4]:
        age(contact)
    # Their webinar ended long ago, except for one who is registered for another.
    now = timezone.now()
    gone = world.webinar
    type(gone).objects.filter(pk=gone.pk).update(ends_at=LONG_AGO)
    later = type(gone).objects.create(
        connection=gone.connection, key="78", slug="later", subject="Later",
        starts_at=now + dt.timedelta(days=9), ends_at=now + dt.timedelta(days=9, hours=1),
    )  # fmt: skip
    type(world.registrations[1]).objects.filter(pk=world.registrations[1].pk).update(webinar=later)
    Activity.objects.filter(contact=people[2]).update(happened_at=now - dt.timedelta(days=9))
    assert set(outdated(now)) == {people[0], people[3]}
    assert apply_retention() == 2
    assert not Contact.objects.filter(pk__in=[people[0].pk, people[3].pk]).exists()
    # Like a manual deletion (rule 5): a newer registration restores them.
    assert set(Tombstone.objects.values_list("permanent", flat=True)) == {False}


@pytest.mark.parametrize("kind", [Activity.Kind.MAILED, Activity.Kind.PROFILE_UPDATED])
def test_people_with_only_our_own_activity_are_deleted(
    world: World, settings: Any, kind: str
) -> None:
    settings.KEEP_PEOPLE_DAYS = 365
    type(world.webinar).objects.update(ends_at=LONG_AGO)
    contact, other = (registration.contact for registration in world.registrations[:2])
    for person, done in ((contact, kind), (other, Activity.Kind.UNSUBSCRIBED)):
        age(person)
        Activity.objects.create(contact=person, key="now", kind=done, happened_at=timezone.now())
        Contact.objects.filter(pk=person.pk).update(updated_at=timezone.now())
    assert list(outdated(timezone.now())) == [contact]


@pytest.mark.rule(5)
def test_what_knows_a_person_only_by_their_address_is_reported(world: World) -> None:
    registration = world.registrations[0]
    contact = registration.contact
    now = timezone.now()
    WebhookEvent.objects.create(
        connection=world.webinar.connection, event_key="1", name="registrant.joined",
        webinar_key="77", registrant_key=registration.registrant_key, occurred_at=now,
    )  # fmt: skip
    reconciliation = Reconciliation.objects.create(webinar=world.webinar, requested_at=now)
    ReconciliationDifference.objects.create(
        reconciliation=reconciliation, email_key=contact.email_key
    )
    opt_out(contact.email, OptOut.Source.COLLEAGUE)
    OptOut.objects.update(contact=None)
    bury(contact.email)
    log_change(UserFactory.create().pk, contact, "Changed.")
    data = personal_data_of(contact)
    for model in (WebhookEvent, ReconciliationDifference, OptOut, Tombstone, LogEntry):
        assert len(data[str(model._meta.verbose_name_plural)]) == 1, model
    other = personal_data_of(world.registrations[1].contact)
    assert other.keys() == {"contact", "registrations", "timeline"}


def test_it_is_shown_before_it_happens(
    world: World, operator: Client, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    page = "/contacts/retention/"
    assert "No automatic deletion is set up" in operator.get(page).content.decode()
    settings.KEEP_PEOPLE_DAYS = 365
    contact = world.registrations[0].contact
    age(contact)
    type(world.webinar).objects.update(ends_at=LONG_AGO)
    shown = operator.get(page).content.decode()
    assert "1 person will be deleted next." in shown and contact.email in shown
    call_command("apply_retention")
    assert contact.email in capsys.readouterr().out
    assert Contact.objects.filter(pk=contact.pk).exists()
    call_command("forget_people", "--delete")
    assert "1 people forgotten." in capsys.readouterr().out
    assert not Contact.objects.filter(pk=contact.pk).exists()


# -- audit log ---------------------------------------------------------------------------------


EXPORTS = [
    ("/webinars/{webinar}/audience/attended/export.csv", {"country": "Chile", "name": "First3"}),
    ("/webinars/{webinar}/audience/attended/export.xlsx", {"country": "Chile", "name": "First3"}),
    ("/contacts/find/export.csv", {"attended_at_least": "1", "name": "First3"}),
    ("/contacts/find/export.xlsx", {"attended_at_least": "1", "name": "First3"}),
]
KINDS = ["audience", "audience in Excel", "found", "found in Excel"]


@pytest.mark.parametrize(("address", "query"), EXPORTS, ids=KINDS)
def test_an_export_holds_whom_the_filter_found_alone(
    world: World, marketer: Client, address: str, query: dict[str, str]
) -> None:
    path = address.format(webinar=world.webinar.pk)
    assert exported(marketer, path, query) == {"p3@example.com"}
    # Each condition restricts: without the name there are more people, and never all.
    wider = {name: value for name, value in query.items() if name != "name"}
    assert exported(marketer, path, wider) == {"p1@example.com", "p3@example.com", "p5@example.com"}


def exported(marketer: Client, path: str, query: dict[str, str]) -> set[str]:
    """Return the addresses in the file at `path`."""
    answer: Any = marketer.get(path, query)
    assert answer.status_code == 200
    sent = b"".join(answer.streaming_content)
    rows: Iterable[Iterable[object]]
    if path.endswith(".xlsx"):
        rows = load_workbook(io.BytesIO(sent))["Sheet1"].iter_rows(values_only=True)
    else:
        rows = csv.reader(io.StringIO(sent.decode("utf-8-sig")))
    return {cell for row in rows for cell in row if isinstance(cell, str) and "@" in cell}


@pytest.mark.parametrize(("address", "query"), EXPORTS, ids=KINDS)
def test_each_export_is_logged_with_its_conditions(
    world: World, marketer: Client, address: str, query: dict[str, str]
) -> None:
    exported(marketer, address.format(webinar=world.webinar.pk), query)
    entry = LogEntry.objects.get()
    name, value = next(iter(query.items()))
    assert f"{name}={value}" in in_words(entry).filters


def test_an_export_of_questions_is_logged(world: World, marketer: Client) -> None:
    assert marketer.get(f"/webinars/{world.webinar.pk}/questions/export.csv").status_code == 200
    assert "questions" in in_words(LogEntry.objects.get()).sentence


def test_an_export_of_contacts_is_logged(world: World, marketer: Client) -> None:
    answer = marketer.get("/contacts/list.csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert in_words(LogEntry.objects.get()).sentence == "Exported contacts: 6."


@pytest.mark.parametrize("how", ["delete", "permanently"])
@pytest.mark.parametrize("where", ["list", "page"])
def test_a_deletion_is_logged_without_the_name(
    world: World, marketer: Client, where: str, how: str
) -> None:
    contact = world.registrations[0].contact
    marketer.get(f"/contacts/{contact.pk}/personal-data.json")
    sure = {"post": "yes", "how": how}
    if where == "page":
        marketer.post(f"/admin/contacts/contact/{contact.pk}/delete/", sure)
    else:
        chosen = {"_selected_action": str(contact.pk), "action": "delete_selected"}
        marketer.post("/admin/contacts/contact/", chosen | sure)
    assert not Contact.objects.filter(pk=contact.pk).exists()
    entries = LogEntry.objects.filter(object_id=str(contact.pk))
    assert entries.filter(action_flag=DELETION).count() == 1
    stored = " ".join(entries.values_list("object_repr", flat=True))
    assert contact.last_name not in stored and contact.email not in stored


def test_connections_do_not_show_in_personal_data(world: World) -> None:
    data = json.dumps(personal_data_of(world.registrations[0].contact), default=str)
    assert Connection.objects.get().refresh_token not in data
