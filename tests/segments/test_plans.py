"""How often and for how long each contact attended is read from an index, not from the table."""

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Mod
from django.http import QueryDict

from segments.service import found_by
from tests.factories import RegistrationFactory, WebinarFactory
from tests.rows import insert_contacts, insert_for_each
from webinars.models import Registration


@pytest.fixture
def many(transactional_db: None) -> None:
    contacts = insert_contacts(2_000, "many")
    for number in range(5):
        registration = RegistrationFactory.build(
            contact=contacts[0], webinar=WebinarFactory.create(), submitted={}
        )
        insert_for_each(
            contacts,
            registration,
            contact_id=F("pk"),
            registrant_key=F("email_key"),
            sessions_attended=Mod(F("pk") + number, 2),
            seconds_attended=Mod(F("pk") + number, 2) * F("pk"),
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.parametrize("query", ["attended_at_least=3", "at_least=60", "at_most=10"])
def test_attendance_of_each_contact_is_read_from_an_index(many: None, query: str) -> None:
    plan = found_by(QueryDict(query)).qs.order_by().explain()
    # SQLite knows the number of attended sessions only from the second one.
    assert "attendance_of_contacts" in plan or "COVERING INDEX course_of_contacts" in plan
    assert "one_registration_a_contact" not in plan


@pytest.mark.pure
@pytest.mark.parametrize("name", ["attendance_of_contacts", "course_of_contacts"])
def test_internal_people_are_told_apart_before_columns_of_many_values(name: str) -> None:
    """Where `is_internal` came last, PostgreSQL 18 expected to skip through all minutes of each
    contact, and read the table instead: twelve seconds instead of one with a million contacts,
    but not with so few that a test could insert them."""
    [index] = [index for index in Registration._meta.indexes if index.name == name]
    assert index.fields[:2] == ["contact", "is_internal"]
