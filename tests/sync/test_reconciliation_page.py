"""Compare with GoToWebinar: the steps between the totals, and the people of each step."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import Contact
from sync import tasks
from sync.models import Reason, Reconciliation, Side
from sync.models.reconciliation import adds_up
from sync.reconciliation import report
from tests.fake_goto import FakeGoTo
from tests.fixtures.world import World, signed_in
from webinars.models import Registration

State = Reconciliation.State


def make_reconciliation(world: World) -> Reconciliation:
    """6 here, of whom 2 are not on GoTo's list, which has 3 more."""
    now = timezone.now()
    reconciliation = Reconciliation.objects.create(
        webinar=world.webinar,
        state=State.DONE,
        requested_at=now,
        started_at=now,
        finished_at=now,
        here=6,
        both=4,
        on_platform=7,
        awaiting=1,
    )
    cancelled, refused = world.registrations[0], world.registrations[1]
    Registration.objects.filter(pk=refused.pk).update(
        problem_code="push.refused", platform_message="Blocked domain"
    )
    rows = reconciliation.differences
    rows.create(reason=Reason.CANCELLED, side=Side.HERE, registration=cancelled)
    rows.create(reason=Reason.REJECTED, side=Side.HERE, registration=refused)
    rows.create(reason=Reason.DELETED, side=Side.PLATFORM, registrant_key="999000111")
    rows.create(
        reason=Reason.NEW,
        side=Side.PLATFORM,
        registrant_key="5",
        email="New@x.org",
        email_key="new@x.org",
        name="Nova Neu",
    )
    rows.create(reason=Reason.NAMELESS, side=Side.PLATFORM, registrant_key="6")
    return reconciliation


def address(world: World, end: str = "") -> str:
    return f"/webinars/{world.webinar.pk}/differences/{end}"


@pytest.mark.rule(9)
def test_the_steps_add_up_from_one_total_to_the_other(world: World, marketer: Client) -> None:
    make_reconciliation(world)
    page = marketer.get(address(world))
    built = page.context["report"]
    assert built.adds_up
    assert [(step.reason, step.count) for step in built.less] == [
        (Reason.CANCELLED, 1),
        (Reason.OVERFLOW, 0),
        (Reason.PENDING, 0),
        (Reason.REJECTED, 1),
    ]
    assert [(step.reason, step.count) for step in built.more] == [
        (Reason.DELETED, 1),
        (Reason.NEW, 1),
        (Reason.TWICE, 0),
        (Reason.NAMELESS, 1),
    ]
    assert all(step.why for step in built.less + built.more)
    text = page.content.decode()
    assert "the numbers add up ✓" in text
    assert "1 awaiting approval" in text
    assert "data-own-time" in text
    assert address(world, "cancelled-there/") in text
    # A step without people is no link.
    assert address(world, "overflow/") not in text
    assert "http-equiv" not in text


@pytest.mark.rule(9)
def test_what_does_not_add_up_is_reported_and_what_is_unexplained_is_a_step(
    world: World, marketer: Client
) -> None:
    reconciliation = make_reconciliation(world)
    reconciliation.differences.filter(reason=Reason.NEW).update(reason=Reason.UNEXPLAINED)
    page = marketer.get(address(world))
    assert not page.context["report"].adds_up
    assert "do not add up" in page.content.decode()
    assert "ws-step-bad" in page.content.decode()
    people = marketer.get(address(world, "unexplained/")).content.decode()
    assert "Only on GoToWebinar" in people
    assert "Nova Neu" in people


@pytest.mark.rule(9)
@pytest.mark.parametrize(
    ("here", "on_platform", "both", "counts", "verdict"),
    [
        (0, 0, 0, {}, True),
        (3, 2, 2, {("here", "pending"): 1}, True),
        (3, 2, 2, {}, False),
        (2, 3, 2, {("here", "pending"): 1}, False),
        (2, 3, 2, {("platform", "unexplained"): 1}, False),
    ],
)
def test_adding_up_is_computed(
    here: int, on_platform: int, both: int, counts: dict[tuple[str, str], int], verdict: bool
) -> None:
    assert adds_up(here, on_platform, both, counts) is verdict


def test_a_reason_on_the_other_side_than_usual_is_not_lost(world: World) -> None:
    reconciliation = Reconciliation(webinar=world.webinar, here=1, on_platform=0, both=0)
    built = report.build(reconciliation, {("here", "same email twice"): 1}, sync_enabled=True)
    assert [step.reason for step in built.less if step.count] == [Reason.TWICE]


def test_a_new_person_of_a_webinar_that_is_not_synced_is_explained_so(world: World) -> None:
    assert "Turn on sync to add them" in report.explain(Reason.NEW, sync_enabled=False)
    assert "The next sync" in report.explain(Reason.NEW, sync_enabled=True)


@pytest.mark.rule(5, 9)
def test_each_step_opens_its_people(world: World, marketer: Client) -> None:
    make_reconciliation(world)
    cancelled = marketer.get(address(world, "cancelled-there/")).content.decode()
    person = world.registrations[0].contact
    assert f"/admin/contacts/contact/{person.pk}/change/" in cancelled
    assert person.email in cancelled
    assert "Blocked domain" in marketer.get(address(world, "rejected/")).content.decode()
    deleted = marketer.get(address(world, "deleted-here/")).content.decode()
    assert "are not kept" in deleted
    assert "999000111" in deleted
    new = marketer.get(address(world, "new-since-the-last-sync/")).content.decode()
    assert "Nova Neu" in new
    assert "New@x.org" in new
    # Added here by a sync since: now there is a contact to open.
    contact = Contact.objects.create(email="new@x.org", first_name="Nova", last_name="Neu")
    new = marketer.get(address(world, "new-since-the-last-sync/")).content.decode()
    assert f"/admin/contacts/contact/{contact.pk}/change/" in new
    contact.delete()
    person.delete()
    for step in ("cancelled-there/", "new-since-the-last-sync/"):
        assert "Deleted here since" in marketer.get(address(world, step)).content.decode()
    assert (
        '<td class="ws-card-fact">6</td>'
        in marketer.get(address(world, "no-name-or-email/")).content.decode()
    )
    assert marketer.get(address(world, "no-such-reason/")).status_code == 404


def test_a_long_list_is_paged_in_a_few_queries(
    world: World, marketer: Client, django_assert_max_num_queries: object
) -> None:
    reconciliation = make_reconciliation(world)
    reconciliation.differences.model.objects.bulk_create(
        reconciliation.differences.model(
            reconciliation=reconciliation,
            reason=Reason.NEW,
            side=Side.PLATFORM,
            email=f"p{n}",
            email_key=f"p{n}",
        )
        for n in range(120)
    )
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = marketer.get(address(world, "new-since-the-last-sync/"), {"page": "2"})
    assert len(page.context["people"]) == 50
    assert "Page 2 of 3" in page.content.decode()


def test_checking_again_is_queued_once_and_shown(world: World, marketer: Client) -> None:
    page = marketer.get(address(world)).content.decode()
    assert "not been compared yet" in page
    assert "Check now" in page
    for _ in range(2):
        answer = marketer.post(address(world, "start/"))
        assert answer["Location"] == address(world)
    assert OrmQ.objects.get().task["func"] == "sync.tasks.compare"
    waiting = Reconciliation.objects.get()
    assert waiting.requested_by is not None
    page = marketer.get(address(world)).content.decode()
    assert "in a moment" in page
    assert 'http-equiv="refresh"' in page
    Reconciliation.objects.update(requested_at=timezone.now() - dt.timedelta(minutes=2))
    assert "has not started yet" in marketer.get(address(world)).content.decode()
    Reconciliation.objects.update(requested_at=timezone.now() - dt.timedelta(hours=2))
    assert "http-equiv" not in marketer.get(address(world)).content.decode()


def test_a_check_that_runs_is_broken_off_or_failed_is_reported(
    world: World, marketer: Client
) -> None:
    make_reconciliation(world)
    now = timezone.now()
    newest = Reconciliation.objects.create(
        webinar=world.webinar,
        state=State.RUNNING,
        requested_at=now,
        started_at=now,
        lease_until=now + dt.timedelta(minutes=1),
    )
    page = marketer.get(address(world)).content.decode()
    assert "Checking both lists now" in page
    # The earlier result is still there.
    assert "add up ✓" in page
    newest.lease_until = now - dt.timedelta(minutes=1)
    newest.save()
    page = marketer.get(address(world)).content.decode()
    assert "was ended" in page
    assert "http-equiv" not in page
    newest.state, newest.error_code, newest.platform_message = (
        State.FAILED,
        "platform.unreachable",
        "Bad gateway",
    )
    newest.finished_at, newest.lease_until = now, None
    newest.save()
    page = marketer.get(address(world)).content.decode()
    assert "failed. GoToWebinar cannot be reached." in page
    assert "Bad gateway" in page


def test_only_users_who_may_see_people_see_it(world: World) -> None:
    for client, answer in ((Client(), 302), (signed_in(None), 403)):
        assert client.get(address(world)).status_code == answer
        assert client.get(address(world, "deleted-here/")).status_code == answer
        assert client.post(address(world, "start/")).status_code == answer
    assert not Reconciliation.objects.exists()


def test_the_webinars_page_links_there(world: World, marketer: Client) -> None:
    page = marketer.get(f"/admin/webinars/webinar/{world.webinar.pk}/change/")
    assert address(world) in page.content.decode()


def test_each_sync_has_the_lists_compared_and_a_scheduled_one_not_too_often(
    world: World,
) -> None:
    def compared_after(trigger: str) -> bool:
        OrmQ.objects.all().delete()
        Reconciliation.objects.filter(state="waiting").update(
            state="done", finished_at=timezone.now(), started_at=timezone.now()
        )
        with FakeGoTo().in_place():
            assert tasks.sync_webinar(world.webinar.pk, trigger) == "done"
        return "sync.tasks.compare" in {task.func() for task in OrmQ.objects.all()}

    assert compared_after("schedule")
    assert not compared_after("schedule")
    assert compared_after("manual")
    long_ago = timezone.now() - dt.timedelta(hours=7)
    Reconciliation.objects.update(requested_at=long_ago)
    assert compared_after("schedule")
