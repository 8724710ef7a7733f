"""The list of webinars: tabs, order, numbers, and switches that save immediately."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from tests.factories import WebinarFactory
from tests.fixtures.world import World, make_people
from webinars.models import Webinar

LIST = "/admin/webinars/webinar/"


def listed(client: Client, **query: str) -> list[str]:
    return [webinar.subject for webinar in client.get(LIST, query).context["cl"].result_list]


def made(world: World, subject: str, days: float, **values: Any) -> Webinar:
    starts = timezone.now() + dt.timedelta(days=days)
    ends = starts + dt.timedelta(hours=1)
    times = [[starts.isoformat(), ends.isoformat()]]
    shown = {"starts_at": starts, "ends_at": ends, "times": times, "sync_enabled": True} | values
    return WebinarFactory.create(connection=world.webinar.connection, subject=subject, **shown)


def use(client: Client, webinar: Webinar, name: str, to: str, **headers: str) -> Any:
    return client.post(f"/webinars/{webinar.pk}/{name}/{to}/switch/", headers=headers)


def test_each_tab_lists_its_webinars_and_shows_how_many(world: World, marketer: Client) -> None:
    world.webinar.delete()
    made(world, "next", 1)
    made(world, "last", -1)
    made(world, "new", 9, sync_enabled=False)
    made(world, "withdrawn", 3, state=Webinar.State.GONE)
    assert listed(marketer) == ["next", "new"]
    assert listed(marketer, show="past") == ["withdrawn", "last"]
    assert listed(marketer, show="not-synced") == ["new"]
    assert set(listed(marketer, show="all")) == {"next", "last", "new", "withdrawn"}
    links = marketer.get(LIST).context["tab_links"]
    assert [(label, number, here) for label, _address, number, here in links] == [
        ("Upcoming", 2, True), ("Past", 2, False), ("Not synced", 1, False), ("All", 4, False),
    ]  # fmt: skip


def test_a_search_without_a_tab_covers_all(world: World, marketer: Client) -> None:
    made(world, "Robots again", -20)
    made(world, "Robots soon", 2)
    assert set(listed(marketer, q="robots")) == {"Robots again", "Robots soon"}
    assert listed(marketer, q="robots", show="upcoming") == ["Robots soon"]


@pytest.mark.parametrize("show", ["", "x", "upcoming,past", "999", "é"])
def test_an_unknown_tab_is_the_first(world: World, marketer: Client, show: str) -> None:
    world.webinar.delete()
    made(world, "next", 1)
    assert listed(marketer, show=show) == ["next"]


def test_a_series_that_has_begun_is_sorted_by_its_next_date(world: World, marketer: Client) -> None:
    world.webinar.delete()
    now = timezone.now()
    dates = [now + dt.timedelta(days=days) for days in (-7, 5)]
    times = [[day.isoformat(), (day + dt.timedelta(hours=1)).isoformat()] for day in dates]
    made(world, "in a week", 7)
    made(world, "series", -7, times=times, ends_at=dates[1] + dt.timedelta(hours=1))
    made(world, "tomorrow", 1)
    made(world, "no date", 0, starts_at=None, ends_at=None, times=[])
    assert listed(marketer) == ["tomorrow", "series", "in a week", "no date"]


def test_a_webinar_that_runs_now_reports_it_and_a_full_one_too(
    world: World, marketer: Client
) -> None:
    made(world, "now", -0.01)
    made(world, "full", 3, registration_limit=39, registrant_count=39)
    page = marketer.get(LIST).content.decode()
    assert page.count(">Live<") == 1
    assert page.count(">Full<") == 1 and "39 of 39" in page


def test_numbers_sort_the_list(world: World, marketer: Client) -> None:
    world.webinar.delete()
    busy, quiet = made(world, "busy", -3), made(world, "quiet", -2)
    Webinar.objects.update(last_session_ended_at=timezone.now() - dt.timedelta(days=1))
    make_people(busy, 6, "b")
    make_people(quiet, 2, "q")
    # Columns: the checkbox, name, date, registered, attended, rate, no-show.
    assert listed(marketer, show="past", o="-3") == ["busy", "quiet"]
    assert listed(marketer, show="past", o="3") == ["quiet", "busy"]
    assert listed(marketer, show="past", o="-4") == ["busy", "quiet"]
    make_people(busy, 1, "n")
    assert listed(marketer, show="past", o="-5") == ["quiet", "busy"]


def test_more_webinars_cost_no_more_queries(world: World, marketer: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            marketer.get(LIST)
        return len(found)

    made(world, "one", 1)
    queries()
    before = queries()
    for number in range(5):
        made(world, f"further {number}", 2 + number)
    assert queries() == before


@pytest.mark.rule(1)
def test_a_switch_saves_at_once_starts_the_first_sync_and_is_in_the_log(
    world: World, marketer: Client
) -> None:
    new = made(world, "new", 9, sync_enabled=False)
    answer = use(marketer, new, "sync_enabled", "on", accept="application/json")
    assert answer.json() == {"text": "Sync is on for “new”. Its first sync has started."}
    assert "sync.tasks.sync_webinar" in {task.func() for task in OrmQ.objects.all()}
    assert LogEntry.objects.get().get_change_message() == "Changed Sync."
    use(marketer, new, "sync_enabled", "off")
    new.refresh_from_db()
    assert not new.sync_enabled


def test_without_a_script_the_list_is_reloaded(world: World, marketer: Client) -> None:
    new = made(world, "new", 9, sync_enabled=False)
    address = f"/webinars/{new.pk}/sync_enabled/on/switch/"
    answer = marketer.post(address, {"next": f"{LIST}?show=not-synced"}, follow=True)
    assert answer.redirect_chain == [(f"{LIST}?show=not-synced", 302)]
    assert "Sync is on for “new”." in answer.content.decode()
    elsewhere = marketer.post(address, {"next": "https://evil.example/"})
    assert elsewhere["Location"] == LIST


def test_a_switch_changes_one_thing_and_nothing_that_a_colleague_changed(
    world: World, marketer: Client
) -> None:
    one, other = made(world, "one", 1), made(world, "other", 2)
    marketer.get(LIST)
    Webinar.objects.filter(pk=other.pk).update(form_enabled=True)
    use(marketer, one, "sync_enabled", "off")
    other.refresh_from_db()
    assert other.form_enabled and other.sync_enabled


def test_what_is_on_already_stays_on_and_is_not_synced_again(
    world: World, marketer: Client
) -> None:
    one = made(world, "one", 1)
    use(marketer, one, "sync_enabled", "on")
    assert not OrmQ.objects.exists() and not LogEntry.objects.exists()


def test_another_organizers_webinar_cannot_be_synced_and_it_explains_why(
    world: World, marketer: Client
) -> None:
    foreign = made(world, "theirs", 3, sync_enabled=False, state=Webinar.State.FOREIGN)
    answer = use(marketer, foreign, "sync_enabled", "on", accept="application/json")
    assert answer.status_code == 409 and "belongs to another organizer" in answer.json()["text"]
    foreign.refresh_from_db()
    assert not foreign.sync_enabled


@pytest.mark.parametrize("name, to", [("slug", "on"), ("sync_enabled", "maybe"), ("pk", "off")])
def test_nothing_else_can_be_switched(world: World, marketer: Client, name: str, to: str) -> None:
    assert use(marketer, world.webinar, name, to).status_code == 404
    gone = Webinar(pk=10**9)
    assert use(marketer, gone, "sync_enabled", "on").status_code == 404


def test_view_permission_shows_no_switches(world: World, client: Client) -> None:
    reader = User.objects.create_user("reader", password="x", is_staff=True)
    reader.user_permissions.add(*_permissions("view_webinar", "view_registration"))
    client.force_login(reader)
    made(world, "next", 1)
    assert 'role="switch"' not in client.get(LIST).content.decode()
    assert use(client, world.webinar, "sync_enabled", "off").status_code == 403


def test_many_are_switched_on_at_once(world: World, marketer: Client) -> None:
    chosen = [made(world, f"new {n}", 3, sync_enabled=False) for n in range(2)]
    foreign = made(world, "theirs", 3, sync_enabled=False, state=Webinar.State.FOREIGN)
    keys = [webinar.pk for webinar in (*chosen, foreign)]
    data = {"action": "turn_on_sync", "_selected_action": keys}
    page = marketer.post(f"{LIST}?show=all", data, follow=True).content.decode()
    assert "2 webinars changed." in page and "theirs: This webinar belongs to another" in page
    assert Webinar.objects.filter(pk__in=keys, sync_enabled=True).count() == 2


def _permissions(*names: str) -> Any:
    return Permission.objects.filter(codename__in=names)
