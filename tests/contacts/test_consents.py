"""Who agreed to marketing: one answer in all places, and an opt-out wins."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from contacts import consents, opt_outs
from contacts import merge as merging
from contacts.deletion import delete_contacts
from contacts.models import Consent, Contact, OptOut
from contacts.personal_data import personal_data_of
from segments.service import found_by
from tests.factories import ConsentFactory, ConsentTextFactory, SubmissionFactory
from tests.fixtures.world import World

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def person(name: str = "p0") -> Contact:
    return Contact.objects.get(email_key=f"{name}@example.com")


def record_consents(contact: Contact, *consents: bool) -> None:
    """Let a contact consent or decline, once a day, the last today."""
    for days, granted in enumerate(reversed(consents)):
        ConsentFactory.create(
            contact=contact, granted=granted, decided_at=NOW - dt.timedelta(days=days)
        )


def answers(client: Client, contact: Contact) -> set[bool]:
    """Return each reader's answer to whether `contact` has agreed."""
    found: dict[str, bool] = {}
    for value in ("yes", "no"):
        rows = found_by(QueryDict(f"consent={value}")).qs
        found[f"segment {value}"] = rows.filter(pk=contact.pk).exists() == (value == "yes")
    for page in (
        f"/contacts/find/export.csv?name={contact.email}",
        f"/contacts/list.csv?q={contact.email}",
    ):
        answer: Any = client.get(page)
        [row] = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
        found[page] = row["marketing_consent"] == "yes"
        assert bool(row["marketing_consent_at"]) == found[page]
    page = client.get(f"/admin/contacts/contact/{contact.pk}/change/").content.decode()
    found["page"] = ">Agreed to marketing<" in page
    found["condition"] = Contact.objects.filter(consents.has_agreed(), pk=contact.pk).exists()
    return set(found.values())


@pytest.mark.rule(8)
@pytest.mark.parametrize(
    ("consents", "agreed"),
    [((), False), ((True,), True), ((False,), False), ((True, False), False),
     ((False, True), True), ((True, False, True), True), ((False, True, False), False)],
)  # fmt: skip
def test_the_newest_answer_counts_for_every_reader(
    world: World, marketer: Client, consents: tuple[bool, ...], agreed: bool
) -> None:
    record_consents(person(), *consents)
    assert answers(marketer, person()) == {agreed}


@pytest.mark.rule(11)
def test_an_opt_out_wins_before_and_after(world: World, marketer: Client) -> None:
    record_consents(person(), True)
    opt_outs.opt_out("p0@example.com", OptOut.Source.COLLEAGUE)
    record_consents(person(), True)
    assert answers(marketer, person()) == {False}
    page = marketer.get(f"/admin/contacts/contact/{person().pk}/change/").content.decode()
    assert "the unsubscribe counts" in page


def test_of_a_consent_and_a_refusal_at_one_moment_the_refusal_counts(
    world: World, marketer: Client
) -> None:
    for granted in (False, True):
        ConsentFactory.create(contact=person(), granted=granted, decided_at=NOW)
    assert answers(marketer, person()) == {False}


def test_a_submission_consents_with_the_version_of_the_text_and_never_declines(
    world: World, marketer: Client
) -> None:
    registration = world.registrations[0]
    text = ConsentTextFactory.create(purpose="marketing", language="fr", version=3)
    SubmissionFactory.create(registration=registration, marketing_consent=text, submitted_at=NOW)
    SubmissionFactory.create(registration=registration, marketing_consent=None)
    stored = Consent.objects.get()
    assert (stored.granted, stored.source, stored.text_version) == (True, "form", "fr 3")
    assert (stored.contact_id, stored.decided_at) == (registration.contact_id, NOW)
    assert answers(marketer, registration.contact) == {True}


def test_consent_outside_forms_applies_besides_each_webinar(world: World) -> None:
    text = ConsentTextFactory.create(purpose="marketing")
    SubmissionFactory.create(registration__contact=person("p0"), marketing_consent=text)
    record_consents(person("p1"), True)
    query = QueryDict(f"consent=yes&webinars={world.webinar.pk}")
    assert [row.email for row in found_by(query).qs] == ["p1@example.com"]


def test_a_merge_moves_them_and_an_undo_moves_them_back(world: World) -> None:
    record_consents(person("p0"), True)
    record_consents(person("p1"), False)
    done = merging.merge(person("p0").pk, person("p1").pk, [], None)
    assert consents.latest_consents([person("p0").pk])[person("p0").pk].granted is False
    merging.undo(done.pk)
    assert consents.latest_consents([person("p0").pk])[person("p0").pk].granted is True
    assert consents.latest_consents([person("p1").pk])[person("p1").pk].granted is False


@pytest.mark.rule(5)
def test_they_are_deleted_with_the_contact_and_listed(world: World) -> None:
    record_consents(person(), True)
    assert personal_data_of(person())["consents"][0]["granted"] is True
    delete_contacts(Contact.objects.filter(pk=person().pk), permanent=True)
    assert not Consent.objects.exists()
