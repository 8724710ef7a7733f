"""Who did what is in the audit log; exports are recorded there without personal data."""

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.test import Client
from openpyxl import load_workbook

from contact_imports.models import ContactImport
from contact_imports.tasks import sweep
from contacts.models import Contact
from core.audit import in_words
from mailings.models import Mailing
from tests.factories import ActivityFactory, ContactImportFactory
from tests.fixtures.addresses import addresses
from tests.fixtures.world import World, signed_in
from tests.mailings.conftest import MailingBuilder, mailing_builder  # noqa: F401 (a fixture)
from webinars.audiences import Audience
from webinarsync import roles

ROOT = Path(__file__).parents[2]
# By kind of URL: a query that matches the two people whom a search by name finds, and a query
# without a name; and what is recorded of it.
FOUND = {"country": "Chile", "name": "First3", "organization": "First3 Ltd"}
QUERIES: dict[str, tuple[dict[str, str], str]] = {
    "webinars:audience_export": (
        FOUND | {"at_least": "1"},
        "name=…&organization=…&country=Chile&at_least=1",
    ),
    "segments:find_export": (
        {"name": "First3", "attended_at_least": "1", "audience": "attended", "source": "platform"},
        "name=…&audience=attended&attended_at_least=1&source=platform",
    ),
    "webinars:questions_export": ({"show": "unanswered"}, "show=unanswered"),
    "contact_imports:import_lines": ({"show": "First3"}, "show=…"),
    "segments:list_export": (
        {"q": "First3", "source__exact": "platform", "created_at_from": "2001-01-01"},
        "q=…&created_at_from=2001-01-01&source__exact=platform",
    ),
}


def _kind(name: str) -> str | None:
    return name.removesuffix("_xlsx") if "export" in name or name.endswith("_lines") else None


def _lines(answer: Any) -> int:
    """Return how many lines a file has below its headings."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK"):
        return int(load_workbook(io.BytesIO(content)).worksheets[0].max_row) - 1
    return len(content.decode("utf-8-sig").strip().splitlines()) - 1


def _exports(examples: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(name, path) for name, path in addresses(dict(examples)) if _kind(name)]


@pytest.fixture
def named(examples: Mapping[str, object], world: World) -> Mapping[str, object]:
    """The names in the URLs; First3 matches all filters."""
    Contact.objects.filter(first_name="First3").update(
        organization="First3 Ltd", country="Chile", source=Contact.Source.PLATFORM
    )
    ActivityFactory.create(
        contact=world.registrations[3].contact, webinar_key=world.webinar.key, key="question:1",
        question=True,
    )  # fmt: skip
    return {**examples, "name": "attended"}


def test_each_export_shows_what_how_many_and_by_which_filter(named: Mapping[str, object]) -> None:
    """Read from the resolver: a new export fails here until it is in QUERIES and in the audit
    log."""
    marketer = signed_in(roles.MARKETERS)
    exports = _exports(named)
    assert {_kind(name) for name, _path in exports} == QUERIES.keys()
    assert len(exports) == 8
    for name, path in exports:
        query, logged_query = QUERIES[_kind(name) or ""]
        LogEntry.objects.all().delete()
        answer = marketer.get(path, query)
        assert answer.status_code == 200, name
        count = _lines(answer)
        entry = LogEntry.objects.get()
        assert re.search(rf"\b{count}\b", in_words(entry).sentence), name
        assert in_words(entry).filters == logged_query, name
        assert entry.user.username == "user-of-Marketers"
        assert "First3" not in f"{entry.change_message} {entry.object_repr}", name
        if "name" in query or "q" in query:
            assert count == 1, name


def test_values_that_matched_no_one_are_not_revealed(named: Mapping[str, object]) -> None:
    """Then they may be anything: a name in a wrong field, for example."""
    marketer = signed_in(roles.MARKETERS)
    path = dict(_exports(named))["segments:find_export"]
    assert marketer.get(path, {"country": "Ana Núñez", "Ana Núñez": "1"}).status_code == 200
    entry = LogEntry.objects.get()
    assert in_words(entry).sentence == "Exported the contacts found: 0."
    assert in_words(entry).filters == "country=…"


@pytest.mark.parametrize("at", ["alone", "first", "last"])
def test_a_name_in_the_place_of_a_code_is_not_revealed(
    named: Mapping[str, object], at: str
) -> None:
    """Any value in any condition, also together with the recorded value."""
    marketer = signed_in(roles.MARKETERS)
    ContactImport.objects.update(filename="Ana Núñez.csv")
    for name, path in _exports(named):
        query = QUERIES[_kind(name) or ""][0]
        more = {"webinar": "1", "audience": "attended"} if name.startswith("admin:") else {}
        for key, value in (query | more).items():
            typed = {"alone": ["Ana"], "first": ["Ana", value], "last": [value, "Ana"]}[at]
            marketer.get(path, {key: typed})
    logged = "".join(f"{entry.object_repr} {entry}" for entry in LogEntry.objects.all())
    logged += "".join(LogEntry.objects.values_list("change_message", flat=True))
    assert "exported" in logged and "Ana" not in logged


# -- what colleagues do ----------------------------------------------------------------------------


def _done(**where: Any) -> list[tuple[str, str]]:
    entries = LogEntry.objects.filter(**where).order_by("pk")
    return [(entry.user.username, in_words(entry).sentence) for entry in entries]


def test_sending_pausing_resuming_and_repeating_is_logged(
    mailing_builder: MailingBuilder,  # noqa: F811
    marketer: Client,
    settings: Any,
) -> None:
    settings.MAIL_READY = True
    mailing = mailing_builder.to(Audience.OVERFLOW)
    page = f"/mailings/{mailing.pk}"
    marketer.post(f"{page}/send/")
    assert _done() == [], "asked only"
    for _ in range(2):
        marketer.post(f"{page}/send/", {"sure": "yes"})
    marketer.post(f"{page}/pause/")
    marketer.post(f"{page}/resume/")
    mailing.recipients.update(state="failed", reason_code="refused")
    marketer.post(f"{page}/repeat/", {"state": "failed"})
    assert _done(content_type__model="mailing", object_id=str(mailing.pk)) == [
        ("user-of-Marketers", "Sending started, to 3 people at most."),
        ("user-of-Marketers", "Sending paused."),
        ("user-of-Marketers", "Sending resumed."),
        ("user-of-Marketers", "Sending again to 3 people."),
    ]


def test_discarding_a_colleagues_draft_is_logged(
    mailing_builder: MailingBuilder,  # noqa: F811
    marketer: Client,
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    marketer.post(f"/mailings/{mailing.pk}/discard/")
    assert not Mailing.objects.exists()
    assert _done(action_flag=DELETION, object_id=str(mailing.pk)) == [
        ("user-of-Marketers", "Discarded the draft; no email was sent.")
    ]


def test_discarding_a_colleagues_file_is_logged_without_its_people(
    world: World, marketer: Client
) -> None:
    item = ContactImportFactory.create(filename="ana-nunez.csv", state=ContactImport.State.CHECKED)
    for _ in range(2):
        marketer.post(f"/contacts/import/{item.pk}/forget/")
    assert not ContactImport.objects.exists()
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.action_flag) == ("user-of-Marketers", DELETION)
    assert "ana-nunez" not in f"{entry.object_repr} {entry.change_message}"


def test_running_a_colleagues_import_is_logged(world: World, marketer: Client) -> None:
    content = b"email,first_name,last_name\nzoe@example.com,Zoe,B\n"
    item = ContactImportFactory.create(
        file=content,
        columns=["email", "first_name", "last_name"],
        mapping=["email", "first_name", "last_name"],
        encoding="utf-8",
        total=1,
        state=ContactImport.State.CHECKED,
    )
    for _ in range(2):
        marketer.post(f"/contacts/import/{item.pk}/run/")
    sweep()
    item.refresh_from_db()
    assert item.state == ContactImport.State.DONE
    assert item.run_by is not None and item.created_by != item.run_by
    assert _done(content_type__model="contactimport") == [
        ("user-of-Marketers", "Started the import."),
        ("user-of-Marketers", "Imported 1 person."),
    ]
    [(who, messages)] = _done(content_type__model="contact")
    assert who == "user-of-Marketers" and messages.startswith("Added import")


def test_the_audit_log_has_one_writer() -> None:
    folders = [path.parent for path in ROOT.glob("*/apps.py")]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    named = {
        file.relative_to(ROOT).as_posix()
        for file in files
        if re.search(r"\bLogEntry\b|log_action", file.read_text())
    }
    # The second only shows it.
    assert named == {"core/audit.py", "core/admin.py"}
