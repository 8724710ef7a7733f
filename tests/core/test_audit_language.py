"""What colleagues did is read in the reader's language, whichever they spoke (rule 13)."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from contacts.models import Contact
from core import audit, messages
from registration_forms.models import ConsentText
from tests.factories import ContactFactory, UserFactory
from tests.fixtures.world import World, signed_in
from webinarsync import roles

ROOT = Path(__file__).parents[2]
SENTENCES = {
    "en": ("Downloaded this person", "Exported contacts: 6."),
    "fr": ("A téléchargé les données de cette personne.", "Contacts exportés : 6."),
}
WRITERS = {"log_change": 2, "log_deletion": 2, "log_export": 2}


def sources() -> list[Path]:
    packages = {path.parent for path in ROOT.glob("*/apps.py")}
    return sorted(file for package in packages for file in package.rglob("*.py"))


def read(client: Client, path: str, language: str) -> str:
    reply = client.get(path, headers={"Accept-Language": language})
    assert reply.status_code == 200, path
    return re.sub(r"\s", " ", reply.content.decode())


@pytest.mark.rule(13)
@pytest.mark.parametrize(("acted", "reader"), [("fr", "en"), ("en", "fr")])
def test_it_is_read_in_the_readers_language(
    world: World, marketer: Client, acted: str, reader: str
) -> None:
    contact = world.registrations[0].contact_id
    for path in (f"/contacts/{contact}/personal-data.json", "/contacts/list.csv"):
        assert marketer.get(path, headers={"Accept-Language": acted}).status_code == 200
    downloaded, exported = SENTENCES[reader]
    entries = {entry.object_id: entry for entry in LogEntry.objects.all()}
    page = read(marketer, "/admin/admin/logentry/", reader)
    assert downloaded in page and exported in page
    assert "audit." not in page
    for entry, sentence in ((entries[str(contact)], downloaded), (entries[None], exported)):
        assert sentence in read(marketer, f"/admin/admin/logentry/{entry.pk}/change/", reader)
    assert downloaded in read(marketer, f"/admin/contacts/contact/{contact}/history/", reader)


@pytest.mark.rule(13)
def test_the_name_of_a_deleted_person_and_of_a_kind_are_too(world: World) -> None:
    user = UserFactory.create()
    contact = ContactFactory.create()
    with translation.override("fr"):
        audit.log_change(user.pk, contact, "audit.merged")
        audit.leave_out(audit.entries_about({Contact: [contact.pk]}))
    entry = LogEntry.objects.get()
    with translation.override("en"):
        assert audit.name_of(entry) == "a deleted contact"
    with translation.override("fr"):
        assert audit.name_of(entry) == "un contact supprimé"


@pytest.mark.rule(13)
def test_labels_of_fields_are_too(world: World) -> None:
    item = ConsentText.objects.create(purpose="marketing", language="en", text="Yes", version=1)
    signed_in(roles.OPERATORS).post(
        f"/admin/registration_forms/consenttext/{item.pk}/change/", {"in_use": ""},
        headers={"Accept-Language": "fr"},
    )  # fmt: skip
    entry = LogEntry.objects.get()
    with translation.override("en"):
        assert audit.in_words(entry).sentence == "Changed In use."
        in_use = ConsentText._meta.get_field("in_use")
    with translation.override("fr"):
        words: Any = in_use.verbose_name
        assert str(words).lower() in audit.in_words(entry).sentence.lower()
        assert "In use" not in audit.in_words(entry).sentence


@pytest.mark.parametrize(
    ("stored", "sentence", "filters"),
    [
        ("Sending paused.", "Sending paused.", ""),
        ("2 contacts exported. (country=…)", "2 contacts exported.", "country=…"),
        ("{not JSON", "{not JSON", ""),
        ("[neither", "[neither", ""),
        ("", "", ""),
        (json.dumps([{"added": {}}]), "Added.", ""),
        (json.dumps({"code": "audit.of-another-version"}), "audit.of-another-version", ""),
    ],
)
def test_entries_of_former_versions_are_shown(stored: str, sentence: str, filters: str) -> None:
    entry = LogEntry(change_message=stored)
    assert audit.in_words(entry) == (sentence, filters)


def test_a_sentence_of_a_former_version_is_in_the_history_of_a_row(
    world: World, marketer: Client
) -> None:
    contact = world.registrations[0].contact
    audit.log_change(User.objects.first().pk, contact, "audit.merged")  # type: ignore[union-attr]
    LogEntry.objects.update(change_message="A sentence of last year.", action_flag=CHANGE)
    page = read(marketer, f"/admin/contacts/contact/{contact.pk}/history/", "fr")
    assert "A sentence of last year." in page


@pytest.mark.pure
def test_whoever_writes_the_log_passes_a_code() -> None:
    """A sentence would be in the language of the user who acted."""
    found = 0
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text())):
            name = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and name in WRITERS:
                code = node.args[WRITERS[name]]
                assert not isinstance(code, ast.Call | ast.BinOp), (file, node.lineno)
                found += 1
    assert found > 30


@pytest.mark.pure
def test_each_code_has_a_sentence_in_english_and_in_french() -> None:
    used = {
        code
        for file in sources()
        for code in re.findall(r'"(audit\.[a-z-]+[a-z])"', file.read_text())
    }
    assert len(used) > 30
    assert used <= messages._TEXTS.keys()
    params: dict[str, Any] = dict.fromkeys(
        ("what", "changes", "value", "before", "after", "setting", "form", "name", "state"), "x"
    )
    for code in sorted(used):
        with translation.override("en"):
            english = messages.text(code, {"count": 2, **params})
            assert english != code
        with translation.override("fr"):
            assert messages.text(code, {"count": 2, **params}) not in ("", code)
