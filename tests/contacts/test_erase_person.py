"""manage.py erase_person: the page's erasure for requests by letter (rule 5)."""

import json

import pytest
from django.core.management import CommandError, call_command

from contacts.models import Contact, Tombstone
from contacts.tombstones import tombstones_of
from platforms.models import WebhookEvent
from tests.fixtures.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.rule(5)]
Capture = pytest.CaptureFixture[str]


def test_it_shows_how_many_rows_of_which_table_it_took(world: World, capsys: Capture) -> None:
    call_command("erase_person", " P1@example.com", "--yes", "--json")
    data = json.loads(capsys.readouterr().out)
    assert data == {
        "erased": True,
        "rows": {"contacts.Activity": 1, "contacts.Contact": 1, "webinars.Registration": 1},
    }
    assert tombstones_of(["p1@example.com"])["p1@example.com"].permanent


def test_it_prints_them_as_lines_too(world: World, capsys: Capture) -> None:
    call_command("erase_person", "p1@example.com", "--yes")
    assert "contacts.Contact" in capsys.readouterr().out


def test_a_person_is_found_by_a_former_address(world: World, capsys: Capture) -> None:
    contact = world.registrations[1].contact
    contact.email = "new@example.com"
    contact.save()
    call_command("erase_person", "p1@example.com", "--yes")
    assert not Contact.objects.filter(pk=contact.pk).exists()
    assert len(tombstones_of(["p1@example.com", "new@example.com"])) == 2


def test_traces_of_an_unknown_contact_are_erased(world: World, capsys: Capture) -> None:
    WebhookEvent.objects.create(
        connection=world.webinar.connection, event_key="1", name="registrant.added",
        webinar_key="77", email_key="known@example.com", body="known@example.com",
        occurred_at=world.registrations[0].registered_at,
    )  # fmt: skip
    call_command("erase_person", "known@example.com", "--yes", "--json")
    assert json.loads(capsys.readouterr().out)["rows"] == {"platforms.WebhookEvent": 1}
    call_command("erase_person", "nowhere@example.com", "--yes")
    assert "Nothing was kept about this person." in capsys.readouterr().out
    assert len(tombstones_of(["known@example.com", "nowhere@example.com"])) == 2


def test_no_one_is_erased_without_confirmation(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: "y")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_person", "p1@example.com")
    with pytest.raises(CommandError, match="Type the whole address"):
        call_command("erase_person", "p1", "--yes")
    assert Contact.objects.count() == 6 and not Tombstone.objects.exists()
