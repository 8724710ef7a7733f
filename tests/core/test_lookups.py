"""`AnyOf` finds the same rows as `in`, with one parameter on PostgreSQL."""

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from contacts.models import Activity, Contact
from core.lookups import AnyOf
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db

# Quotes, the syntax of an array, a placeholder, and a character outside the basic plane. In lower
# case, as `Contact.save` stores them.
ODD = [
    "o'neil@example.com",
    '{"a",b}@example.com',
    "%s@example.com",
    "null",
    "\\",
    "😀@example.com",
]


@pytest.mark.parametrize("wanted", [ODD, ODD[:1], [*ODD, *ODD], ["nobody@example.com"], []])
def test_finds_the_same_rows_as_in(wanted: list[str]) -> None:
    for key in [*ODD, "other@example.com", ""]:
        Contact.objects.create(email=key, email_key=key)
    found = Contact.objects.filter(AnyOf("email_key", wanted))
    assert {contact.email_key for contact in found} == set(wanted) & set(ODD)
    same, negated = Q(email_key__in=wanted), ~Q(email_key__in=wanted)
    for here, there in (
        (Q(AnyOf("email_key", wanted)), same),
        (~Q(AnyOf("email_key", wanted)), negated),
        (AnyOf("email_key", wanted) | Q(email_key=""), same | Q(email_key="")),
    ):
        rows = Contact.objects.filter(here).order_by("pk")
        assert list(rows) == list(Contact.objects.filter(there).order_by("pk"))


def test_compares_the_keys_of_related_rows() -> None:
    kept, other = ContactFactory.create(), ContactFactory.create()
    for contact in (kept, other):
        Activity.objects.create(
            contact=contact, key="a", kind="attended", happened_at=contact.created_at
        )
    rows = Activity.objects.filter(AnyOf("contact", {kept.pk: "a dict's keys"}))
    assert [row.contact_id for row in rows] == [kept.pk]


def test_takes_one_parameter_on_postgresql() -> None:
    with CaptureQueriesContext(connection) as queries:
        list(Contact.objects.filter(AnyOf("email_key", [f"{n}@example.com" for n in range(200)])))
    (query,) = queries.captured_queries
    assert ("ANY('{" in query["sql"]) == (connection.vendor == "postgresql")
