"""What marketers and operators can see, and that no one else sees anything."""

import csv
import io

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import Contact, Tombstone
from sync.models import SyncRun
from tests.fixtures.world import World, make_people, signed_in
from webinars.audiences import Audience, condition
from webinars.models import Registration, Webinar
from webinarsync import roles

LISTS = (
    "/admin/contacts/contact/",
    "/admin/webinars/webinar/",
    "/admin/webinars/registration/",
    "/admin/sync/syncrun/",
)


def addresses(world: World) -> list[str]:
    person = world.registrations[0].contact_id
    return [
        "/admin/",
        *LISTS,
        f"/admin/contacts/contact/{person}/change/",
        f"/admin/webinars/webinar/{world.webinar.pk}/change/",
        f"/webinars/{world.webinar.pk}/audience/attended/",
        f"/webinars/{world.webinar.pk}/audience/attended/export.csv",
        f"/webinars/progress/?id={world.webinar.pk}",
    ]


def test_a_marketer_sees_everything_but_connections(world: World, marketer: Client) -> None:
    for address in addresses(world):
        assert marketer.get(address).status_code == 200, address
    assert marketer.get("/admin/platforms/connection/").status_code == 403
    assert marketer.get("/admin/auth/user/").status_code == 403


def test_an_operator_sees_connections_without_their_secrets(world: World) -> None:
    operator = signed_in(roles.OPERATORS)
    for address in addresses(world):
        assert operator.get(address).status_code == 200, address
    page = operator.get(
        f"/admin/platforms/connection/{world.webinar.connection_id}/change/", follow=True
    )
    assert page.status_code == 200
    assert b"secret-refresh" not in page.content
    assert operator.get("/admin/auth/user/").status_code == 200


@pytest.mark.parametrize("who", ["nobody", "staff without a group"])
def test_others_see_nothing(world: World, who: str) -> None:
    client = Client() if who == "nobody" else signed_in(None)
    for address in addresses(world)[1:]:
        assert client.get(address).status_code in (302, 403), address
    front = client.get("/admin/", follow=True)
    assert b"A webinar" not in front.content


@pytest.mark.parametrize("address", LISTS)
def test_lists_make_as_many_queries_regardless_of_length(
    world: World, marketer: Client, address: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as made:
            assert marketer.get(address).status_code == 200
        return len(made)

    queries()
    few = queries()
    make_people(world.webinar, 30, "more")
    for number in range(30):
        webinar = Webinar.objects.create(
            connection=world.webinar.connection,
            key=str(number),
            slug=f"w{number}",
            subject=f"W{number}",
            starts_at=world.webinar.starts_at,
        )
        SyncRun.objects.create(
            connection=webinar.connection,
            webinar=webinar,
            trigger="schedule",
            state="done",
            started_at=timezone.now(),
            finished_at=timezone.now(),
        )
    assert queries() <= few
    assert few <= 20


@pytest.mark.rule(8)
@pytest.mark.parametrize("audience", list(Audience))
def test_contacts_are_filtered_by_what_they_did(
    world: World, marketer: Client, audience: Audience
) -> None:
    page = marketer.get(
        f"/admin/contacts/contact/?webinar={world.webinar.pk}&audience={audience.value}"
    )
    there = set(page.context["cl"].queryset.values_list("pk", flat=True))
    rows = Registration.objects.filter(condition(audience), webinar=world.webinar)
    assert there == set(rows.values_list("contact", flat=True))


@pytest.mark.rule(8)
def test_the_audience_page_filters_sorts_and_exports_just_that(
    world: World, marketer: Client
) -> None:
    base = f"/webinars/{world.webinar.pk}/audience/attended/"
    page = marketer.get(base, {"at_least": "2", "country": "chi", "sort": "-minutes"})
    assert [item.seconds_attended // 60 for item in page.context["table"].records] == [5, 3]
    assert {name.value: n for name, _, n in page.context["tabs"]}["no-show"] == 3
    sent = marketer.get(base + "export.csv", {"at_least": "2", "sort": "minutes"})
    text = b"".join(sent.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["minutes_attended"] for row in rows] == ["3", "5"]
    assert marketer.get(f"/webinars/{world.webinar.pk}/audience/nobody/").status_code == 404


def test_an_exported_cell_is_never_executed(world: World, marketer: Client) -> None:
    Contact.objects.filter(pk=world.registrations[1].contact_id).update(
        first_name="=HYPERLINK('http://x')", last_name="+cmd|1", organization="@SUM(A1)"
    )
    sent = marketer.get(f"/webinars/{world.webinar.pk}/audience/attended/export.csv")
    text = b"".join(sent.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    row = next(row for row in csv.DictReader(io.StringIO(text)) if "HYPER" in row["first_name"])
    assert row["first_name"].startswith("'=") and row["last_name"] == "'+cmd|1"
    assert row["organization"] == "'@SUM(A1)"


def test_sync_now_queues_a_task_for_each_webinar(world: World, marketer: Client) -> None:
    answer = marketer.post(
        "/admin/webinars/webinar/",
        {"action": "sync_now", "_selected_action": [world.webinar.pk]},
        follow=True,
    )
    assert b"Sync of 1 webinar started." in answer.content
    assert marketer.post(f"/webinars/{world.webinar.pk}/sync/").status_code == 302
    assert Client().post(f"/webinars/{world.webinar.pk}/sync/").status_code == 302
    # The same webinar twice is one task.
    assert OrmQ.objects.count() == 1


@pytest.mark.rule(5)
def test_a_contact_deleted_on_its_page_leaves_a_tombstone(world: World, marketer: Client) -> None:
    person = world.registrations[0].contact_id
    marketer.post(f"/admin/contacts/contact/{person}/delete/", {"post": "yes"})
    assert not Contact.objects.filter(pk=person).exists()
    assert list(Tombstone.objects.values_list("permanent", flat=True)) == [False]


@pytest.mark.rule(5)
def test_erasing_for_good_asks_first(world: World, marketer: Client) -> None:
    person = world.registrations[0].contact_id
    asked = {"action": "delete_selected", "_selected_action": [person]}
    page = marketer.post("/admin/contacts/contact/", asked)
    assert b"To remove them in GoToWebinar too" in page.content
    assert Contact.objects.filter(pk=person).exists()
    marketer.post("/admin/contacts/contact/", asked | {"post": "yes", "how": "permanently"})
    assert list(Tombstone.objects.values_list("permanent", flat=True)) == [True]
