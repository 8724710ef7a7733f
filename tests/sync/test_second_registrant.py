"""Two people with one address: GoTo's list has both, and the second's name is stored with it."""

import json

import pytest
from django.utils import timezone

from contacts.deletion import delete_contacts
from contacts.models import Contact
from sync.models import Reason, Reconciliation, ReconciliationDifference
from sync.reconciliation import job
from tests.contacts.test_erasure import traces
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from tests.fixtures.world import signed_in
from webinars.models import RegistrantAlias, Registration, Webinar
from webinarsync import roles

pytestmark = pytest.mark.django_db
SECOND = "Babbageson"


@pytest.fixture
def goto() -> FakeGoTo:
    found = FakeGoTo()
    at = timezone.now() - HOUR
    found.register("family@example.com", at, registrantKey="1")
    found.register(
        "family@example.com", at, registrantKey="2", firstName="Charles", lastName=SECOND
    )
    return found


@pytest.fixture
def webinar(goto: FakeGoTo) -> Webinar:
    webinar = make_webinar(
        starts_at=timezone.now() + HOUR, ends_at=timezone.now() + 2 * HOUR, organizer_name="O"
    )
    goto.sync(webinar)
    return webinar


def compared(webinar: Webinar, goto: FakeGoTo) -> None:
    Reconciliation.objects.create(webinar=webinar, requested_at=timezone.now())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(job, "client_for", goto.client)
        job.run(webinar)


def page(address: str) -> str:
    return signed_in(roles.MARKETERS).get(address).content.decode()


@pytest.mark.rule(3)
def test_the_second_name_is_stored_with_the_registration(webinar: Webinar) -> None:
    contact, registration = Contact.objects.get(), Registration.objects.get()
    assert (contact.first_name, contact.last_name) == ("Ada", "Lovelace")
    other = RegistrantAlias.objects.get()
    assert (other.registrant_key, other.first_name, other.last_name, other.email) == (
        "2", "Charles", SECOND, "family@example.com",
    )  # fmt: skip
    assert other.registered_at is not None
    assert registration.further_names == [f"Charles {SECOND}"]
    shown = page(f"/admin/contacts/contact/{contact.pk}/change/")
    assert f"listed on GoToWebinar a second time, as Charles {SECOND}" in shown


def test_a_person_listed_twice_by_the_same_name_has_no_second_name(
    goto: FakeGoTo, webinar: Webinar
) -> None:
    RegistrantAlias.objects.update(first_name="Ada", last_name="Lovelace")
    assert Registration.objects.get().further_names == []


@pytest.mark.rule(9)
def test_the_reconciliation_shows_under_which_name(goto: FakeGoTo, webinar: Webinar) -> None:
    compared(webinar, goto)
    row = ReconciliationDifference.objects.get()
    assert (row.reason, row.name, row.email) == (Reason.TWICE, f"Charles {SECOND}", "")
    shown = page(f"/webinars/{webinar.pk}/differences/same-email-twice/")
    assert "Ada Lovelace" in shown
    assert f"listed there a second time as Charles {SECOND}" in shown


@pytest.mark.rule(5)
@pytest.mark.parametrize("permanent", [True, False])
def test_it_goes_with_the_person(goto: FakeGoTo, webinar: Webinar, permanent: bool) -> None:
    compared(webinar, goto)
    assert traces(SECOND) == {
        "webinars_registrantalias.last_name", "sync_reconciliationdifference.name",
    }  # fmt: skip
    delete_contacts(Contact.objects.all(), permanent=permanent)
    assert traces(SECOND) == set()
    assert ReconciliationDifference.objects.count() == 1


def test_it_is_written_for_the_person(webinar: Webinar) -> None:
    contact = Contact.objects.get()
    data = signed_in(roles.MARKETERS).get(f"/contacts/{contact.pk}/personal-data.json").content
    assert SECOND in json.dumps(json.loads(data))
