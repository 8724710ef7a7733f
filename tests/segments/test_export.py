"""All data of the contacts found, as a file whose columns are documented."""

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from contacts import export_columns
from contacts.models import Contact
from tests.factories import (
    AlternateEmailFactory,
    ConsentTextFactory,
    RegistrationFactory,
    SubmissionFactory,
)
from tests.fixtures.world import World, make_people

AT = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
HEADER = [
    "email", "first_name", "last_name", "organization", "job_title", "industry", "phone",
    "address", "city", "state", "zip_code", "country", "source", "created_at", "former_emails",
    "unsubscribed", "unsubscribed_at", "marketing_consent", "marketing_consent_at", "tags",
    "registered_count", "attended_count", "minutes_attended", "last_registered_at",
    "contact_url",
]  # fmt: skip


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    answer: Any = client.get(f"/contacts/find/export.csv?{query}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_file_holds_exactly_who_is_found(world: World, marketer: Client) -> None:
    Contact.objects.filter(email="p5@example.com").update(first_name="=cmd()", phone="+56 9")
    rows = exported(marketer, "country=Chile")
    assert [row["email"] for row in rows] == ["p5@example.com", "p3@example.com", "p1@example.com"]
    assert (rows[0]["first_name"], rows[0]["phone"]) == ("'=cmd()", "+56 9")


def test_what_they_did_in_all_webinars_is_summed_up(world: World, marketer: Client) -> None:
    contact = world.registrations[3].contact
    RegistrationFactory.create(contact=contact, seconds_attended=90, sessions_attended=2)
    RegistrationFactory.create(contact=contact, cancelled=True, registered_at=AT)
    RegistrationFactory.create(contact=contact, overflow=True, registered_at="2030-01-01T00:00Z")
    world.registrations[3].registered_at = AT - dt.timedelta(days=1)
    world.registrations[3].save()
    contact.registrations.filter(sessions_attended=2).update(registered_at=AT)
    AlternateEmailFactory.create(contact=contact, email="old@example.com")
    SubmissionFactory.create(
        registration=world.registrations[3], submitted_at=AT,
        marketing_consent=ConsentTextFactory.create(purpose="marketing"),
    )  # fmt: skip
    [row] = exported(marketer, f"name=p3&webinars={world.webinar.pk}&audience=attended")
    assert list(row) == HEADER
    assert (row["registered_count"], row["attended_count"], row["minutes_attended"]) == (
        "3", "2", "4",
    )  # fmt: skip
    assert row["last_registered_at"] == row["marketing_consent_at"] == "2026-03-02T09:30:00+00:00"
    assert row["former_emails"] == "old@example.com" and row["marketing_consent"] == "yes"
    assert row["contact_url"] == f"http://testserver/admin/contacts/contact/{contact.pk}/change/"
    documented = (Path(__file__).parents[2] / "docs" / "exports.md").read_text()
    assert set(HEADER) <= set(re.findall(r"`([a-z_]+)`", documented))


def test_who_registered_for_nothing_has_empty_sums(world: World, marketer: Client) -> None:
    Contact.objects.create(email="new@example.com", first_name="N", last_name="N")
    [row] = exported(marketer, "name=new@")
    assert [row[name] for name in HEADER[-5:-1]] == ["0", "0", "0", ""]


def test_an_excel_file_has_typed_cells(world: World, marketer: Client) -> None:
    Contact.objects.filter(email="p5@example.com").update(first_name="=cmd()", phone="+56 9")
    answer: Any = marketer.get("/contacts/find/export.xlsx?country=Chile&at_least=4")
    header, row = load_workbook(io.BytesIO(answer.getvalue()))["Sheet1"].iter_rows()
    assert [cell.value for cell in header] == HEADER
    cells = dict(zip(HEADER, row, strict=True))
    assert (cells["first_name"].value, cells["first_name"].data_type) == ("=cmd()", "s")
    assert (cells["phone"].value, cells["phone"].data_type) == ("+56 9", "s")
    assert (cells["minutes_attended"].value, cells["minutes_attended"].data_type) == (5, "n")
    assert cells["last_registered_at"].is_date


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_tables_are_asked_once_for_each_lot_of_people(
    world: World, marketer: Client, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer: Any = marketer.get(f"/contacts/find/export.{kind}?name=last")
            assert answer.getvalue()
        return len(queries)

    asked()  # what is cached permanently is not counted
    few = asked()
    make_people(world.webinar, 30, prefix="more")
    assert asked() == few
    monkeypatch.setattr(export_columns, "CHUNK_SIZE", 10)
    lots = 4  # 36 people
    assert asked() - few == (lots - 1) * 6


def test_both_are_offered_on_the_page_with_its_conditions(world: World, marketer: Client) -> None:
    page = marketer.get("/contacts/find/?country=Chile&page=1").content.decode()
    for kind in ("csv", "xlsx"):
        assert f'href="/contacts/find/export.{kind}?country=Chile"' in page
