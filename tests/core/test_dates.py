"""Dates and times have one format everywhere, in the reader's time zone."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation

from core import dates

ROOT = Path(__file__).parents[2]
EVENING = dt.datetime(2026, 12, 15, 23, 20, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _this_year() -> Iterator[None]:
    with time_machine.travel("2026-11-25T12:00:00Z", tick=False):
        yield


@pytest.mark.pure
@pytest.mark.parametrize(
    "language, zone, expected",
    [
        ("en", "Europe/Berlin", "Wed 16 Dec, 00:20"),
        ("en", "UTC", "Tue 15 Dec, 23:20 UTC"),
        ("fr", "Europe/Paris", "mer 16 déc., 00:20"),
    ],
)
def test_a_time_is_on_the_readers_clock_and_utc_is_named(
    language: str, zone: str, expected: str
) -> None:
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        assert dates.moment(EVENING) == expected


@pytest.mark.pure
def test_the_year_is_there_where_it_is_another_on_the_readers_clock() -> None:
    new_year = dt.datetime(2026, 12, 31, 23, 20, tzinfo=dt.UTC)
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert dates.moment(new_year) == "Fri 1 Jan 2027, 00:20"
        assert dates.day(new_year) == "Fri 1 Jan 2027"
        assert dates.day(dt.date(2026, 12, 31)) == "Thu 31 Dec"


@pytest.mark.pure
def test_a_webinars_time_zone_is_named_and_an_ambiguous_hour_is_marked() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert dates.moment_at(EVENING, berlin, "Europe/Berlin") == "Wed 16 Dec, 00:20 Europe/Berlin"
    twice = dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)
    text = dates.moment_at(twice, berlin, "Europe/Berlin")
    assert text == "Sun 25 Oct, 02:30 Europe/Berlin UTC+01:00"


@pytest.mark.pure
def test_what_is_stored_has_its_year_and_zone() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert dates.stamp(EVENING) == "Wed 16 Dec 2026, 00:20 CET"


@pytest.mark.pure
def test_templates_have_the_filters_without_loading_them() -> None:
    shown = Template("{{ at|moment }}|{{ at|day }}|{{ at|clock }}|{{ none|moment }}")
    with timezone.override(ZoneInfo("Europe/Berlin")):
        text = shown.render(Context({"at": EVENING, "none": None}))
    assert text == "Wed 16 Dec, 00:20|Wed 16 Dec|00:20|"


@pytest.mark.pure
def test_nothing_writes_dates_in_a_form_of_its_own() -> None:
    own = re.compile(r'\|date:"(?!c"|H:i")|\|time:|\bdate_format\(|strftime\("%[dBbmA]')
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for folder in ROOT.iterdir()
        if folder.is_dir() and folder.name not in {".local", "tests", "benchmarks", "simulators"}
        for path in folder.rglob("*")
        if path.suffix in {".html", ".txt", ".py"} and path.name != "dates.py"
        for match in own.finditer(path.read_text())
    ]
    assert found == []
