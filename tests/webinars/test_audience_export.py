"""All data of the people of an audience, as a file whose columns are documented."""

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import FileResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from contacts import export_columns
from contacts.models import Contact, OptOut
from registration_forms.models import Submission
from tests.factories import (
    AlternateEmailFactory,
    AttendanceFactory,
    ConsentTextFactory,
    OptOutFactory,
    RegistrationFactory,
    SessionFactory,
    SubmissionFactory,
    WebinarFactory,
    registration_in,
)
from tests.fixtures.world import World, make_people
from webinars.models import Registration, Webinar

AT = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
# The documented header line of each audience's file; questions follow.
HEADER = [
    "email", "first_name", "last_name", "organization", "job_title", "industry", "phone",
    "address", "city", "state", "zip_code", "country", "source", "created_at", "former_emails",
    "unsubscribed", "unsubscribed_at", "marketing_consent", "marketing_consent_at", "tags",
    "registered_at", "registration_state", "registration_source", "referral_source", "cancelled_at",
    "sessions_attended", "sessions", "minutes_attended", "first_joined_at", "last_left_at",
    "employees", "purchasing_time_frame", "purchasing_role", "comments",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer",
    "contact_url",
]  # fmt: skip


def address(webinar: Webinar, audience: str = "registered", kind: str = "csv") -> str:
    return f"/webinars/{webinar.pk}/audience/{audience}/export.{kind}"


def exported(client: Client, path: str, language: str = "en") -> dict[str, dict[str, str]]:
    """Return the rows of the CSV file at `path`, by address."""
    answer: Any = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return {row["email"]: row for row in csv.DictReader(io.StringIO(text))}


def cells(client: Client, path: str) -> list[tuple[Any, ...]]:
    """Return the cells of the Excel file at `path`, line by line."""
    answer: Any = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    return list(load_workbook(io.BytesIO(answer.getvalue()))["Sheet1"].iter_rows())


@pytest.fixture
def ada(world: World) -> Registration:
    """A person with all data."""
    contact = Contact.objects.create(
        email="ada@example.com", first_name="Ada", last_name="Byron", organization="Engines",
        job_title="Analyst", industry="Science", phone="+44 (0)20 7946-0958", address="1 Square",
        city="London", state="Greater London", zip_code="SW1", country="United Kingdom",
        source="platform",
    )  # fmt: skip
    Contact.objects.filter(pk=contact.pk).update(created_at=AT - dt.timedelta(days=9))
    for former in ("ada@old.example", "ada@older.example"):
        AlternateEmailFactory.create(contact=contact, email=former)
    OptOutFactory.create(contact=contact, opted_out_at=AT, source=OptOut.Source.LINK)
    registration = RegistrationFactory.create(
        contact=contact, webinar=world.webinar, source="form", referral_source="newsletter",
        registered_at=AT - dt.timedelta(days=3), cancelled_at=AT - dt.timedelta(hours=1),
        sessions_attended=2, seconds_attended=1500, first_joined_at=AT,
        last_left_at=AT + dt.timedelta(days=1),
        submitted={
            "employees": "10-50", "comments": "=Hello",
            "answers": [["Why?", "Because"], ["Which?", "A"], ["Which?", "B"]],
        },
    )  # fmt: skip
    for start in (AT + dt.timedelta(days=1), AT):
        session = SessionFactory.create(webinar=world.webinar, started_at=start)
        AttendanceFactory.create(session=session, registration=registration)
    SubmissionFactory.create(
        registration=registration, submitted_at=AT - dt.timedelta(days=3),
        marketing_consent=ConsentTextFactory.create(purpose="marketing"),
        origin={"utm_source": "letter", "utm_campaign": "spring", "referrer": "https://a.example"},
        submitted={"answers": [["Why?", "No idea"], ["Since when?", "1833"]]},
    )  # fmt: skip
    SubmissionFactory.create(
        registration=registration, origin={"utm_source": "later"}, submitted={}
    )
    return registration


def test_everything_about_a_person_is_in_the_file(ada: Registration, marketer: Client) -> None:
    row = exported(marketer, address(ada.webinar))["ada@example.com"]
    assert row == {
        "email": "ada@example.com", "first_name": "Ada", "last_name": "Byron",
        "organization": "Engines", "job_title": "Analyst", "industry": "Science",
        "phone": "+44 (0)20 7946-0958", "address": "1 Square", "city": "London",
        "state": "Greater London", "zip_code": "SW1", "country": "United Kingdom",
        "source": "platform", "created_at": "2026-02-21T09:30:00+00:00",
        "former_emails": "ada@old.example; ada@older.example",
        "unsubscribed": "yes", "unsubscribed_at": "2026-03-02T09:30:00+00:00",
        # They agreed before they unsubscribed: an opt-out wins.
        "marketing_consent": "no", "marketing_consent_at": "", "tags": "",
        "registered_at": "2026-02-27T09:30:00+00:00", "registration_state": "Registered",
        "registration_source": "form", "referral_source": "newsletter",
        "cancelled_at": "2026-03-02T08:30:00+00:00",
        "sessions_attended": "2",
        "sessions": "2026-03-02T09:30:00+00:00; 2026-03-03T09:30:00+00:00",
        "minutes_attended": "25", "first_joined_at": "2026-03-02T09:30:00+00:00",
        "last_left_at": "2026-03-03T09:30:00+00:00",
        "employees": "10-50", "purchasing_time_frame": "", "purchasing_role": "",
        "comments": "'=Hello",
        "utm_source": "letter", "utm_medium": "", "utm_campaign": "spring", "utm_term": "",
        "utm_content": "", "referrer": "https://a.example",
        "contact_url": f"http://testserver/admin/contacts/contact/{ada.contact_id}/change/",
        # The registration's values count; a submission fills in missing ones.
        "answer: Since when?": "1833", "answer: Which?": "A; B", "answer: Why?": "Because",
    }  # fmt: skip


def test_of_whom_little_is_known_the_cells_are_empty(ada: Registration, marketer: Client) -> None:
    row = exported(marketer, address(ada.webinar))["p0@example.com"]
    assert {name for name, cell in row.items() if cell} == {
        "email", "first_name", "last_name", "country", "source", "created_at", "unsubscribed",
        "marketing_consent", "registered_at", "registration_state", "registration_source",
        "sessions_attended", "minutes_attended", "contact_url",
    }  # fmt: skip
    assert (row["unsubscribed"], row["marketing_consent"]) == ("no", "no")
    assert (row["sessions_attended"], row["minutes_attended"]) == ("0", "0")


@pytest.mark.rule(13)
def test_the_header_line_is_the_same_in_each_language_and_documented(
    world: World, marketer: Client
) -> None:
    english, french = (
        exported(marketer, address(world.webinar), language)["p0@example.com"]
        for language in ("en", "fr")
    )
    assert list(english) == list(french) == HEADER
    documented = (Path(__file__).parents[2] / "docs" / "exports.md").read_text()
    assert set(HEADER) <= set(re.findall(r"`([a-z_]+)`", documented))


@pytest.mark.rule(13)
def test_the_state_is_in_the_readers_language(world: World, marketer: Client) -> None:
    Registration.objects.update(**registration_in("overflow"))
    path = address(world.webinar, "overflow")
    english, french = (
        exported(marketer, path, language)["p0@example.com"]["registration_state"]
        for language in ("en", "fr")
    )
    assert english == "Waiting list"
    assert french not in ("", "overflow", english)


def test_each_question_of_the_form_has_a_column(world: World, marketer: Client) -> None:
    asked: list[dict[str, object]] = [
        {"key": text, "question": text, "required": True, "kind": "short", "max_size": 9,
         "answers": []}
        for text in ("Zeal?", "Age?")
    ]  # fmt: skip
    Webinar.objects.update(form_fields={"fields": [], "questions": asked})
    Registration.objects.filter(pk=world.registrations[0].pk).update(
        submitted={"answers": [["Age?", "36"], ["An earlier one?", "=1+1"]]}
    )
    row = exported(marketer, address(world.webinar))["p0@example.com"]
    assert list(row)[len(HEADER) :] == [
        "answer: Zeal?", "answer: Age?", "answer: An earlier one?",
    ]  # fmt: skip
    assert row["answer: Age?"] == "36" and row["answer: An earlier one?"] == "'=1+1"
    # Each webinar has its own.
    other = WebinarFactory.create()
    make_people(other, 1, prefix="other")
    assert list(exported(marketer, address(other))["other0@example.com"]) == HEADER


def test_an_excel_file_has_typed_cells_and_no_apostrophes(
    ada: Registration, marketer: Client
) -> None:
    Contact.objects.filter(pk=ada.contact_id).update(first_name="=1+1", last_name="-2", city="007")
    header, *rows = cells(marketer, address(ada.webinar, kind="xlsx"))
    names = [cell.value for cell in header]
    assert names[: len(HEADER)] == HEADER
    row = next(row for row in rows if row[0].value == "ada@example.com")
    by_name = dict(zip(names, row, strict=True))
    for name, text in (
        ("first_name", "=1+1"), ("last_name", "-2"), ("phone", "+44 (0)20 7946-0958"),
        ("city", "007"),
    ):  # fmt: skip
        assert (by_name[name].value, by_name[name].data_type) == (text, "s")
    assert (by_name["minutes_attended"].value, by_name["minutes_attended"].data_type) == (25, "n")
    assert by_name["registered_at"].is_date
    assert by_name["registered_at"].value == dt.datetime(2026, 2, 27, 9, 30)
    assert by_name["answer: Why?"].value == "Because"
    assert by_name["utm_medium"].value is None


def test_both_files_hold_exactly_what_is_filtered_in_its_order(
    world: World, marketer: Client
) -> None:
    query = "?at_least=2&sort=minutes"
    path = address(world.webinar, "attended", "{}") + query
    assert list(exported(marketer, path.format("csv"))) == ["p3@example.com", "p5@example.com"]
    rows = cells(marketer, path.format("xlsx"))
    assert [row[0].value for row in rows] == ["email", "p3@example.com", "p5@example.com"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_tables_are_asked_once_for_each_lot_of_people(
    ada: Registration, marketer: Client, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer: Any = marketer.get(address(ada.webinar, kind=kind))
            assert answer.getvalue()
        return len(queries)

    asked()  # what is cached permanently is not counted
    few = asked()
    make_people(ada.webinar, 30, prefix="more")
    assert asked() == few
    monkeypatch.setattr(export_columns, "CHUNK_SIZE", 10)
    lots = 4  # 37 people
    assert asked() - few == (lots - 1) * 8


def test_an_excel_file_is_read_from_the_disk(world: World, marketer: Client) -> None:
    answer: Any = marketer.get(address(world.webinar, kind="xlsx"))
    assert isinstance(answer, FileResponse)
    assert int(answer["Content-Length"]) > 0
    assert answer["Content-Disposition"] == 'attachment; filename="a-webinar-77-registered.xlsx"'
    answer.close()


def test_both_are_offered_on_the_page_with_its_filters(world: World, marketer: Client) -> None:
    page = marketer.get(f"/webinars/{world.webinar.pk}/audience/attended/?country=chi")
    for kind in ("csv", "xlsx"):
        link = f"{address(world.webinar, 'attended', kind)}?country=chi"
        assert f'href="{link}"' in page.content.decode()


def test_the_commands_file_is_executed_by_no_spreadsheet_either(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    Contact.objects.filter(email="p1@example.com").update(first_name="=cmd|'/C calc'!A0")
    call_command("audience", world.webinar.key, "attended", "--csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["email"] for row in rows] == ["p1@example.com", "p3@example.com", "p5@example.com"]
    assert rows[0]["first_name"] == "'=cmd|'/C calc'!A0"
    assert rows[2]["minutes_attended"] == "5"


def test_a_submission_without_answers_removes_no_answers(
    ada: Registration, marketer: Client
) -> None:
    Submission.objects.update(submitted={"answers": None})
    row = exported(marketer, address(ada.webinar))["ada@example.com"]
    assert row["answer: Why?"] == "Because"


def test_lines_are_sent_while_others_are_still_to_be_read(
    ada: Registration, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_columns, "CHUNK_SIZE", 2)
    answer: Any = marketer.get(address(ada.webinar))
    lines = iter(answer.streaming_content)
    with CaptureQueriesContext(connection) as first:
        next(lines)
        next(lines)
    with CaptureQueriesContext(connection) as rest:
        assert len(list(lines)) == 6
    assert len(first) < len(rest)
