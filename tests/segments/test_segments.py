"""Segments: conditions that combine, saved and shared as links."""

import datetime as dt
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts.models import Contact
from core import dates
from mailings.models import Mailing
from segments.models import Segment
from segments.service import found_by
from tests.factories import (
    ActivityFactory,
    ConsentTextFactory,
    RegistrationFactory,
    SubmissionFactory,
    WebinarFactory,
    registration_in,
)
from tests.fixtures.world import World, make_people, signed_in
from webinars.audiences import Audience, members
from webinars.models import Registration, Webinar
from webinarsync import roles

State = Registration.State


def found(query: str) -> list[str]:
    """Return the people found, by the part of the address before the @, in order."""
    people = found_by(QueryDict(query)).qs
    return sorted(email.partition("@")[0] for email in people.values_list("email", flat=True))


def another(world: World, key: str, days_ago: int) -> Webinar:
    ended = timezone.now() - dt.timedelta(days=days_ago)
    return WebinarFactory.create(
        connection=world.webinar.connection, key=key, subject=key, synced=True,
        starts_at=ended, ends_at=ended, last_session_ended_at=ended,
    )  # fmt: skip


def register(world: World, webinar: Webinar, place: int, seconds: int = 0) -> None:
    RegistrationFactory.create(
        contact=world.registrations[place].contact, webinar=webinar,
        sessions_attended=bool(seconds), seconds_attended=seconds,
    )  # fmt: skip


@pytest.mark.rule(8)
@pytest.mark.parametrize("audience", list(Audience))
def test_a_search_by_audience_equals_its_page(world: World, audience: Audience) -> None:
    Registration.objects.filter(pk=world.registrations[0].pk).update(
        **registration_in(State.OVERFLOW)
    )
    Registration.objects.filter(pk=world.registrations[2].pk).update(cancelled_at=timezone.now())
    make_people(another(world, "other", 3), 3, prefix="other")
    shown = members(world.webinar, audience).values_list("contact__email", flat=True)
    query = f"audience={audience.value}&webinars={world.webinar.pk}"
    assert found(query) == sorted(email.partition("@")[0] for email in shown)


def test_any_of_several_webinars(world: World) -> None:
    other = another(world, "other", 3)
    register(world, other, 0, seconds=60)
    query = f"audience=attended&webinars={world.webinar.pk}&webinars={other.pk}"
    assert found(query) == ["p0", "p1", "p3", "p5"]


def test_who_missed_the_last_two_they_registered_for(world: World) -> None:
    # p1 attended recently and had missed one before; p0 and p2 never attended; p4 missed only one.
    before = another(world, "before", 30)
    for place in (0, 1, 2):
        register(world, before, place)
    assert found("missed_last_n=2") == ["p0", "p2"]
    assert found("missed_last_n=1") == ["p0", "p2", "p4"]
    assert found("missed_last_n=3") == []
    # An upcoming webinar has not been missed.
    coming = another(world, "coming", -3)
    Webinar.objects.filter(pk=coming.pk).update(last_session_ended_at=None)
    register(world, coming, 4)
    assert found("missed_last_n=2") == ["p0", "p2"]
    # With other conditions it means the same: all registrations of a person count.
    assert found(f"missed_last_n=2&webinars={before.pk}&name=p2") == ["p2"]
    assert found(f"missed_last_n=1&audience=attended&webinars={world.webinar.pk}") == []
    # Two ended at the same time, and p0 was in one of them.
    twin = another(world, "twin", 1)
    Webinar.objects.filter(pk=twin.pk).update(
        last_session_ended_at=world.webinar.last_session_ended_at
    )
    register(world, twin, 0, seconds=60)
    assert "p0" not in found("missed_last_n=1")


def test_who_came_often_and_for_long(world: World) -> None:
    register(world, another(world, "before", 30), 1, seconds=600)
    assert found("attended_at_least=2") == ["p1"]
    assert found("at_least=5") == ["p1", "p5"]
    assert found("at_most=0") == ["p0", "p2", "p4"]


def test_who_asked_and_who_agreed(world: World) -> None:
    first, second = world.registrations[:2]
    ActivityFactory.create(contact=first.contact, question=True)
    text = ConsentTextFactory.create(purpose="marketing")
    SubmissionFactory.create(registration=second, marketing_consent=text)
    assert found("asked_question=yes") == ["p0"]
    assert found("consent=yes") == ["p1"]
    assert len(found("consent=no")) == 5


def test_the_people_of_a_webinar(world: World) -> None:
    Contact.objects.filter(email="p3@example.com").update(source="form")
    Contact.objects.filter(email="p2@example.com").update(created_at="2020-01-05T12:00Z")
    assert found("source=form&source=import") == ["p3"]
    assert found("country=chile") == ["p1", "p3", "p5"]
    assert found("since=2020-01-05&until=2020-01-05") == ["p2"]
    assert found("name=first4") == found("name=P4@example.com") == ["p4"]


@pytest.mark.rule(13)
def test_days_are_those_of_the_reader(world: World) -> None:
    day = "since=2020-01-05&until=2020-01-05"
    for moment, zone, on_it in (
        ("2020-01-04T22:59:59Z", "Europe/Paris", False),
        ("2020-01-04T23:00:00Z", "Europe/Paris", True),
        ("2020-01-05T22:59:59Z", "Europe/Paris", True),
        ("2020-01-05T23:00:00Z", "Europe/Paris", False),
        ("2020-01-04T10:00:00Z", "Pacific/Kiritimati", True),
    ):
        Contact.objects.filter(email="p2@example.com").update(created_at=moment)
        with timezone.override(zone):
            assert found(day) == (["p2"] if on_it else []), (moment, zone)


def test_webinars_of_one_name_are_distinguished_by_their_day(
    world: World, marketer: Client
) -> None:
    assert world.webinar.starts_at is not None
    page = marketer.get("/contacts/find/").content.decode()
    assert f"A webinar · {dates.day(world.webinar.starts_at)}" in page


def test_conditions_combine(world: World) -> None:
    assert found("audience=attended&country=Chile&at_least=3&name=last5") == ["p5"]
    assert found("audience=attended&country=Peru") == []


@pytest.mark.parametrize(
    "query", ["attended_at_least=x", "audience=nobody", "webinars=0", "since=soon"]
)
def test_what_cannot_be_read_finds_no_one_and_reports_it(
    world: World, marketer: Client, query: str
) -> None:
    assert found(query) == []
    page = marketer.get(f"/contacts/find/?{query}").content.decode()
    assert "Some conditions cannot be read" in page and "errorlist" in page


def test_a_segment_is_saved_counted_shared_renamed_and_deleted(
    world: World, marketer: Client
) -> None:
    marketer.post(
        "/contacts/segments/save/", {"name": "Chileans", "query": "page=2&country=Chile&name="}
    )
    segment = Segment.objects.get()
    assert segment.query == "country=Chile"
    listed = marketer.get("/contacts/segments/").content.decode()
    assert 'href="/contacts/find/?country=Chile"' in listed
    assert 'data-label="People now">3</td>' in listed
    # A colleague who opens the link sees the same, live.
    Contact.objects.filter(email="p0@example.com").update(country="Chile")
    colleague = signed_in(roles.OPERATORS)
    assert "4 people" in colleague.get(f"/contacts/find/?{segment.query}").content.decode()
    assert 'data-label="People now">4</td>' in marketer.get("/contacts/segments/").content.decode()
    marketer.post(f"/contacts/segments/{segment.pk}/rename/", {"name": "From Chile"})
    segment.refresh_from_db()
    assert segment.name == "From Chile"
    sure = f"/contacts/segments/{segment.pk}/delete/"
    assert "the contacts stay" in marketer.get(sure).content.decode()
    marketer.post(sure)
    assert not Segment.objects.exists()
    assert Contact.objects.count() == 6


def test_many_segments_are_counted_together(world: World, marketer: Client) -> None:
    for number in range(4):
        Segment.objects.create(
            name=f"S{number}",
            query=f"attended_at_least={number}" if number else "attended_at_least=x",
        )
    rows = dict(marketer.get("/contacts/segments/").context["rows"])
    assert {segment.name: people for segment, people in rows.items()} == {
        "S0": 0, "S1": 3, "S2": 0, "S3": 0,
    }  # fmt: skip


def test_a_name_is_needed_and_taken_once(world: World, marketer: Client) -> None:
    Segment.objects.create(name="Taken", query="attended_at_least=1")
    for name, query in (
        ("Taken", "attended_at_least=2"),
        ("", "attended_at_least=2"),
        ("Everybody", ""),
        ("X", "attended_at_least=x"),
    ):
        marketer.post("/contacts/segments/save/", {"name": name, "query": query})
    assert Segment.objects.count() == 1
    shown = marketer.get("/contacts/find/?attended_at_least=1")
    assert shown.context["title"] == "Taken"


def test_a_segment_is_emailed(world: World, marketer: Client) -> None:
    answer = marketer.post("/mailings/to-search/", {"query": "country=Chile"})
    mailing = Mailing.objects.get()
    assert answer["Location"] == f"/mailings/{mailing.pk}/"
    assert mailing.recipients.count() == 3
    # Without conditions no one is emailed by mistake.
    marketer.post("/mailings/to-search/", {"query": "page=1"})
    assert Mailing.objects.count() == 1


def test_without_permission_to_view_contacts_none_are_found(world: World) -> None:
    stranger = signed_in(None)
    for address in ("find/", "find/export.csv", "segments/"):
        assert stranger.get(f"/contacts/{address}").status_code == 403
    assert stranger.post("/contacts/segments/save/", {"name": "x"}).status_code == 403


@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_browser(world: World, live_server: Any, page: Page, width: int) -> None:
    client = signed_in(roles.MARKETERS)
    page.set_viewport_size({"width": width, "height": 844})
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/contacts/find/")
    page.get_by_label("Audience").select_option("attended")
    page.get_by_label("Minutes in total, at least").fill("3")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_text("2 people")).to_be_visible()
    page.get_by_label("Segment name").fill("Stayers")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Segment “Stayers” saved.")).to_be_visible()
    page.goto(f"{live_server.url}/contacts/segments/")
    page.get_by_role("link", name="Stayers", exact=True).click()
    expect(page.get_by_role("link", name="First5 Last5")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
