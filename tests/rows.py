"""Thousands of people by a few `INSERT … SELECT`, for tests of large tables."""

from typing import Any

from django.db import connection
from django.db.models import F, Field, Model, QuerySet, Value
from django.db.models.expressions import Combinable, DatabaseDefault
from django.db.models.functions import Mod, Replace

from contacts.models import Contact
from tests.factories import ActivityFactory, ContactFactory, RegistrationFactory
from webinars.models import Registration, Webinar

DOMAIN = "@example.com"


def insert_people(webinar: Webinar, count: int, prefix: str) -> QuerySet[Registration]:
    """Register `{prefix}0@example.com` and so on for `webinar`, as `make_people` does.

    Every second one attended. Use it for numbers that are too large for objects.
    """
    contacts = insert_contacts(count, prefix)
    insert_for_each(
        contacts,
        ActivityFactory.build(contact=contacts[0], key="registered:1", data={}),
        contact_id=F("pk"),
    )
    attended = Mod("pk", 2)
    insert_for_each(
        contacts,
        RegistrationFactory.build(contact=contacts[0], webinar=webinar, submitted={}),
        contact_id=F("pk"),
        registrant_key=Replace("email_key", Value(DOMAIN), Value("")),
        sessions_attended=attended,
        seconds_attended=attended * 60,
    )
    return webinar.registrations.filter(contact__in=contacts).order_by("pk")


def insert_contacts(count: int, prefix: str) -> QuerySet[Contact]:
    """Insert `count` contacts called `{prefix}0@example.com` and so on, and return them.

    The first is saved as usual, the others are copies of it with their own addresses.
    """
    first = ContactFactory.create(email=f"{prefix}0{DOMAIN}")
    quoted = connection.ops.quote_name
    select = ", ".join(
        "%s || numbers.n || %s" if field.name in ("email", "email_key") else quoted(field.attname)
        for field in _fields(first)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_insert_into(first)} WITH RECURSIVE numbers(n) AS "
            "(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < %s) "
            f"SELECT {select} FROM numbers, {quoted(Contact._meta.db_table)} "
            "WHERE id = %s AND numbers.n < %s ORDER BY numbers.n",
            [count, prefix, DOMAIN, prefix, DOMAIN, first.pk, count],
        )
    return Contact.objects.filter(email_key__startswith=prefix).order_by("pk")


def insert_for_each(rows: QuerySet[Any], template: Model, **columns: Combinable) -> None:
    """Insert a copy of `template` for each of `rows`, with `columns` computed from the row."""
    values = {
        f"new_{field.attname}": columns.get(
            field.attname, Value(getattr(template, field.attname), output_field=field)
        )
        for field in _fields(template)
    }
    found = rows.order_by("pk").annotate(**values).values_list(*values)
    select, parameters = found.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{_insert_into(template)} {select}", parameters)


def _insert_into(template: Model) -> str:
    """Return the beginning of a statement that inserts rows like `template`."""
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(field.attname) for field in _fields(template))
    return f"INSERT INTO {quoted(template._meta.db_table)} ({names})"


def _fields(template: Model) -> list["Field[Any, Any]"]:
    """Return the fields that `template` has a value for: without its key and database defaults."""
    return [
        field
        for field in template._meta.concrete_fields
        if not field.primary_key
        and not isinstance(getattr(template, field.attname), DatabaseDefault)
    ]
