"""How a page of registrants is looked up: by an index, however many people the webinar has."""

import pytest
from django.db import connection as database
from django.utils import timezone

from contacts.models import Contact
from webinars.models import Connection, Registration, Webinar
from webinars.sync import local

PEOPLE = 20_000
PAGE = 200


@pytest.mark.django_db
def test_a_page_is_looked_up_by_its_keys_and_not_in_the_whole_webinar() -> None:
    now = timezone.now()
    organizer = Connection.objects.create(organizer_key="1", email="o@example.com")
    webinar = Webinar.objects.create(
        connection=organizer, key="1", slug="one", subject="One", starts_at=now, ends_at=now
    )
    people = Contact.objects.bulk_create(
        Contact(email=f"p{n}@example.com", email_key=f"p{n}@example.com") for n in range(PEOPLE)
    )
    Registration.objects.bulk_create(
        Registration(
            webinar=webinar,
            contact=contact,
            registrant_key=f"r{n}",
            registered_at=now,
        )
        for n, contact in enumerate(people)
    )
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("ANALYZE webinars_registration")
    rows = local.of_registrants(webinar, [f"r{n}" for n in range(PAGE)])
    assert rows.count() == PAGE
    assert "one_registration_a_registrant" in rows.explain()
