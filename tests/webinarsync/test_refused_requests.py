"""Any refused request writes one line into the log, and no traceback."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from webinarsync.logging_config import Discreet

pytestmark = [pytest.mark.django_db, pytest.mark.pure]


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the log of an installation has in it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Discreet(request.param))
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("host", ["evil.example", "a b", "x" * 300, "evil.example\u00e9", "[::1"])
@pytest.mark.parametrize("path", ["/", "/admin/login/", "/register/a-webinar/", "/nowhere/"])
def test_an_unknown_host_is_one_line(written: io.StringIO, host: str, path: str) -> None:
    assert Client().get(path, headers={"host": host}).status_code == 400
    lines = written.getvalue().splitlines()
    assert len(lines) == 1, lines
    assert "Traceback" not in lines[0] and "Invalid HTTP_HOST" in lines[0]


@pytest.mark.parametrize("query", ["a=%00", "p=x&__notafield=1"])
def test_an_invalid_url_is_one_line_at_most(written: io.StringIO, query: str) -> None:
    assert Client().get(f"/admin/login/?{query}").status_code < 500
    assert len(written.getvalue().splitlines()) <= 1


def test_an_unexpected_error_keeps_its_traceback(written: io.StringIO) -> None:
    try:
        raise ValueError("unexpected")
    except ValueError:
        logging.getLogger("django.request").error(
            "Internal Server Error: /", exc_info=True, extra={"status_code": 500}
        )
        logging.getLogger("sync").error("A job failed", exc_info=True)
    assert written.getvalue().count("Traceback") == 2
