"""A segment that cannot be counted is shown so, beside the others, and can be deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.test import Client

from contacts.models import Contact
from segments import service
from segments.filters import ContactFilter
from segments.models import Segment
from tests.fixtures.world import World

pytestmark = pytest.mark.django_db

# Possible data of another version or a shell; the last is no query string.
UNREADABLE = [
    "at_least=" + "9" * 40, "at_most=-" + "9" * 40, f"at_least={2**63}",
    "attended_at_least=" + "9" * 40,
    "missed_last_n=1e30", "attended_at_least=1001", "at_least=1000001", "at_least=Infinity",
    "webinars=" + "9" * 40,
    "name=" + "a+" * 11, "name=" + "x" * 201, "country=" + "x" * 201,
    "&".join(f"webinars={n}" for n in range(201)), "since=99999-01-01",
    "country=%00", "&".join(f"name={n}" for n in range(1100)),
]  # fmt: skip
ODD = [
    "since=0001-01-01", "until=9999-12-31", "since=9999-12-31", "until=0001-01-01", "name=%25_",
    "at_least=1000000", "attended_at_least=1000", "missed_last_n=1000", "nothing=of-the-kind",
    "%FF=%",
]  # fmt: skip
ENDLESS = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n)"


def page(client: Client) -> str:
    answer = client.get("/contacts/segments/")
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("query", UNREADABLE)
def test_one_that_cannot_be_read(world: World, marketer: Client, query: str) -> None:
    good = Segment.objects.create(name="Good", query="country=Chile")
    bad = Segment.objects.create(name="Bad", query=query)
    shown = page(marketer)
    assert shown.count("Cannot be counted") == 1 and "cannot be read" in shown
    assert 'data-label="People now">3</td>' in shown
    marketer.post(f"/contacts/segments/{bad.pk}/delete/")
    assert list(Segment.objects.all()) == [good]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
@pytest.mark.parametrize("query", ODD)
def test_an_invalid_one_is_counted(
    world: World, marketer: Client, query: str, zone: str, settings: Any
) -> None:
    settings.TIME_ZONE = zone
    Segment.objects.create(name="Odd", query=query)
    assert "Cannot be counted" not in page(marketer)


def filtering(
    monkeypatch: pytest.MonkeyPatch, people: Callable[[QuerySet[Contact]], QuerySet[Contact]]
) -> None:
    """Let conditions on a country find `people`, and all others everyone."""

    def filtered(self: ContactFilter, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        return people(queryset) if self.form.cleaned_data["country"] else queryset

    monkeypatch.setattr(ContactFilter, "filter_queryset", filtered)


def broken(people: QuerySet[Contact]) -> QuerySet[Contact]:
    raise RecursionError


def refused(people: QuerySet[Contact]) -> QuerySet[Contact]:
    return people.filter(RawSQL("no_such_column = 1", [], BooleanField()))


def endless(people: QuerySet[Contact]) -> QuerySet[Contact]:
    return people.filter(RawSQL(f"{ENDLESS} = 1", [], BooleanField()))


@pytest.mark.parametrize(
    ("people", "why"),
    [
        (broken, "The conditions cannot be read."),
        (refused, "took longer than 1 seconds"),
        (endless, "took longer than 1 seconds"),
    ],
)
def test_one_that_cannot_be_counted_does_not_affect_the_others(
    world: World,
    marketer: Client,
    monkeypatch: pytest.MonkeyPatch,
    people: Callable[[QuerySet[Contact]], QuerySet[Contact]],
    why: str,
) -> None:
    filtering(monkeypatch, people)
    monkeypatch.setattr(service, "SECONDS_FOR_ALL", 1)
    monkeypatch.setattr(service, "SECONDS_FOR_ONE", 1)
    Segment.objects.create(name="Everybody", query="name=")
    Segment.objects.create(name="Bad", query="country=Chile")
    shown = page(marketer)
    assert shown.count("Cannot be counted") == 1 and why in shown
    assert 'data-label="People now">6</td>' in shown
