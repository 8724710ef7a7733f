"""A statement that takes too long is ended, and later ones run."""

import pytest
from django.db import DatabaseError, connection

from core.time_limit import time_limit

pytestmark = pytest.mark.django_db


def answer(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def numbers(most: str) -> str:
    return (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
        f"{most}) SELECT max(i) FROM n"
    )


def test_a_cell_without_an_end_is_closed() -> None:
    with pytest.raises(DatabaseError), time_limit(1):
        answer(numbers("i + 2"))
    with time_limit(60):
        assert answer(numbers("300000")) == 300_000
    assert answer(numbers("300000")) == 300_000


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no setting for it")
def test_the_limit_applies_only_inside() -> None:
    before = answer("SHOW statement_timeout")
    with time_limit(3):
        assert answer("SHOW statement_timeout") == "3s"
    assert answer("SHOW statement_timeout") == before
