"""How a page of registrants is looked up: by an index, for any number of people."""

import pytest
from django.db import connection as database

from sync.pull import snapshot
from tests.factories import WebinarFactory
from tests.rows import insert_people
from webinars.models import Registration

PEOPLE = 20_000
PAGE = 200


@pytest.mark.django_db
def test_a_page_is_looked_up_by_its_keys_and_not_in_the_whole_webinar() -> None:
    webinar = WebinarFactory.create()
    insert_people(webinar, PEOPLE, prefix="r")
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute(f"ANALYZE {Registration._meta.db_table}")
    rows = snapshot.of_registrants(webinar, [f"r{n}" for n in range(PAGE)])
    assert rows.count() == PAGE
    assert "one_registration_a_registrant" in rows.explain()
