"""A page may use the database for a limited time; a worker as long as it needs."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.db import connection as database
from pytest_django.fixtures import Settings

from contacts.models import Contact
from operations import statement_timeout
from tests.fixtures.world import World, signed_in
from webinarsync import roles

pytestmark = pytest.mark.skipif(
    database.vendor != "postgresql", reason="SQLite has no limit for a statement"
)


@pytest.mark.django_db(transaction=True)
def test_a_lost_task_is_ended_and_the_page_explains_what_to_do(
    transactional_db: None, world: World, settings: Settings
) -> None:
    client = signed_in(roles.MARKETERS)
    client.raise_request_exception = False
    settings.PAGE_SECONDS = 1
    statement_timeout.limit(database)
    # Another process locks the table: the query would wait as long.
    with psycopg.connect(**database.get_connection_params()) as other:
        other.execute(f"LOCK TABLE {Contact._meta.db_table} IN ACCESS EXCLUSIVE MODE")
        answer = client.get("/contacts/find/?missed_last_n=2")
    assert answer.status_code == 500
    assert "fewer conditions" in answer.content.decode()


@pytest.mark.parametrize(("module", "limit"), [("webinarsync.wsgi", "7s"), ("django", "0")])
def test_the_web_server_is_limited_and_other_processes_are_not(module: str, limit: str) -> None:
    asked = (
        f"import {module}, django; django.setup(); from django.db import connection as c; "
        "k = c.cursor(); k.execute('SHOW statement_timeout'); print(k.fetchone()[0])"
    )
    output = subprocess.run(
        [sys.executable, "-c", asked],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "webinarsync.settings", "PAGE_SECONDS": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.stdout.strip() == limit
