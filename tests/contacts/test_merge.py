"""Two contacts of one person: merged, and separated again without a trace."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from contacts import merge as merging
from contacts.deletion import delete_contacts
from contacts.models import Activity, AlternateEmail, Contact, Merge, OptOut
from contacts.opt_outs import opt_out, opted_out
from contacts.tombstones import tombstones_of
from mailings.models import Mailing, Recipient
from operations.tasks import clean_up
from registration_forms.models import Submission
from registration_forms.registrations import FormData, submit
from tests.contact_imports.test_imports import check, run, upload
from tests.factories import registration_in
from tests.fixtures.world import World, signed_in
from webinars import contact_hooks
from webinars.audiences import Audience, counts
from webinars.models import Attendance, RegistrantAlias, Registration, Session, Webinar

State = Registration.State
# Behaviour that only a merge has.
_OF_MERGES = {"contacts.Merge", "contacts.AlternateEmail"}


def everything() -> dict[str, list[Any]]:
    """Return every row of our tables, by table."""
    return {
        model._meta.label: serializers.serialize("python", model._base_manager.order_by("pk"))
        for app in (
            "contacts",
            "platforms",
            "webinars",
            "registration_forms",
            "sync",
            "segments",
            "contact_imports",
            "mailings",
        )
        for model in apps.get_app_config(app).get_models()
        if model._meta.label not in _OF_MERGES
    }


@pytest.fixture
def two(world: World) -> tuple[Contact, Contact]:
    """Two contacts with every kind of related row; both registered for and attended one webinar."""
    survivor, gone = (world.registrations[place].contact for place in (1, 3))
    webinar, now = world.webinar, timezone.now()
    begun = now - dt.timedelta(hours=2)
    session = Session.objects.create(webinar=webinar, key="s", started_at=begun, ended_at=now)
    zero = int(begun.timestamp())
    for item, stay in (
        (world.registrations[1], [zero, zero + 60]),
        (world.registrations[3], [zero + 30, zero + 210]),
    ):
        Attendance.objects.create(
            session=session, registration=item, intervals=[stay], seconds=stay[1] - stay[0]
        )
        Submission.objects.create(registration=item, secret=f"s{item.pk}")
    other = Webinar.objects.create(
        connection=webinar.connection, key="78", slug="78", subject="Other"
    )
    Registration.objects.create(contact=gone, webinar=other, state=State.REGISTERED)
    Activity.objects.create(contact=gone, key="question:1", kind="question", happened_at=now)
    mailing = Mailing.objects.create(language="en")
    for contact in (survivor, gone):
        Recipient.objects.create(mailing=mailing, contact=contact)
    Recipient.objects.create(mailing=Mailing.objects.create(language="en"), contact=gone)
    Contact.objects.filter(pk=gone.pk).update(phone="+33 1", job_title="Boss")
    return Contact.objects.get(pk=survivor.pk), Contact.objects.get(pk=gone.pk)


def merge(two: tuple[Contact, Contact], *taken: str) -> Merge:
    return merging.merge(two[0].pk, two[1].pk, taken, None)


def test_what_both_have_is_joined_and_what_one_has_is_moved(
    world: World, two: tuple[Contact, Contact]
) -> None:
    survivor, gone = two
    merge(two, "phone")
    survivor.refresh_from_db()
    assert not Contact.objects.filter(pk=gone.pk).exists()
    assert (survivor.phone, survivor.job_title) == ("+33 1", "")
    joined = survivor.registrations.get(webinar=world.webinar)
    # Attended from 0 to 60 and from 30 to 210 seconds: 210, counted once.
    assert (joined.sessions_attended, joined.seconds_attended) == (1, 210)
    assert joined.attendances.get().seconds == 210
    assert joined.submissions.count() == 2
    # The sync still knows both of GoTo's registrants as this person.
    assert joined.registrant_key == "p1"
    assert RegistrantAlias.objects.get(registration=joined).registrant_key == "p3"
    assert survivor.registrations.count() == 2
    assert set(survivor.activities.values_list("key", flat=True)) == {"registered:1", "question:1"}
    assert Recipient.objects.filter(contact=survivor).count() == 2
    assert [item.email for item in survivor.alternate_emails.all()] == ["p3@example.com"]


@pytest.mark.rule(5)
def test_no_one_is_mistaken_for_deleted_by_a_merge(two: tuple[Contact, Contact]) -> None:
    merge(two)
    assert not tombstones_of(["p3@example.com", "p1@example.com"])


def test_undone_everything_is_as_before(two: tuple[Contact, Contact]) -> None:
    journal = everything()
    done = merge(two, *merging.TAKEABLE)
    assert everything() != journal
    assert merging.undo(done.pk).email == "p3@example.com"
    assert everything() == journal
    assert not AlternateEmail.objects.exists()


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("other", list(State))
def test_the_better_registration_counts_and_is_restored(
    world: World, two: tuple[Contact, Contact], state: State, other: State
) -> None:
    first, second = (world.registrations[place] for place in (1, 3))
    Registration.objects.filter(pk=first.pk).update(**registration_in(state))
    Registration.objects.filter(pk=second.pk).update(**registration_in(other))
    journal = everything()
    done = merge(two)
    joined = Registration.objects.get(contact=two[0], webinar=world.webinar)
    ranks = [*contact_hooks.RANK, State.DENIED]
    assert joined.state == min(state, other, key=ranks.index)
    merging.undo(done.pk)
    assert everything() == journal


@pytest.mark.parametrize(
    ("before", "since"),
    [
        ("pending", {"state": State.DENIED}),
        ("overflow", {"cancelled_at": timezone.now()}),
        ("rejected", {"registrant_key": "another"}),
    ],
)
def test_columns_of_one_state_are_restored_together(
    world: World, two: tuple[Contact, Contact], before: str, since: dict[str, Any]
) -> None:
    """Later data of the platform belongs to the registrant whose registration is moved back."""
    survivor, gone = (
        Registration.objects.filter(pk=world.registrations[place].pk) for place in (1, 3)
    )
    survivor.update(**registration_in(before, registrant_key="", join_url=""))
    columns = ("state", "next_push_at", "waiting_since", "registrant_key", "cancelled_at")
    before_merge = [list(rows.values(*columns)) for rows in (survivor, gone)]
    done = merge(two)
    assert survivor.get().state == State.REGISTERED
    survivor.update(**since)
    merging.undo(done.pk)
    found = [list(rows.values(*columns)) for rows in (survivor, gone)]
    if "registrant_key" in since:
        before_merge[0][0]["registrant_key"] = "another"
    assert found == before_merge


def test_columns_that_a_constraint_binds_stay_where_all_were_changed_since(
    world: World, two: tuple[Contact, Contact]
) -> None:
    survivor = Registration.objects.filter(pk=world.registrations[1].pk)
    survivor.update(**registration_in(State.PENDING, registrant_key="", join_url=""))
    done = merge(two)
    again = timezone.now() + dt.timedelta(minutes=1)
    survivor.update(**registration_in(State.PENDING, next_push_at=again))
    merging.undo(done.pk)
    assert (survivor.get().state, survivor.get().next_push_at) == (State.PENDING, again)


def test_later_data_stays_with_the_survivor(two: tuple[Contact, Contact]) -> None:
    survivor, _gone = two
    done = merge(two, "phone")
    Activity.objects.create(
        contact=survivor, key="question:2", kind="question", happened_at=timezone.now()
    )
    Contact.objects.filter(pk=survivor.pk).update(phone="+44 2")
    gone = merging.undo(done.pk)
    survivor.refresh_from_db()
    assert survivor.phone == "+44 2", "what was changed since is not changed back"
    assert survivor.activities.filter(key="question:2").exists()
    assert gone.activities.filter(key="question:1").exists()


def test_after_thirty_days_and_a_second_time_it_cannot_be_undone(
    two: tuple[Contact, Contact],
) -> None:
    done = merge(two)
    Merge.objects.update(created_at=timezone.now() - dt.timedelta(days=31))
    with pytest.raises(merging.CannotUndo, match="30 days"):
        merging.undo(done.pk)
    clean_up()
    assert Merge.objects.get().journal == {}
    again = Merge.objects.get()
    assert not again.undoable
    assert two[0].alternate_emails.exists(), "the address stays known"


def test_merges_are_undone_from_the_last(world: World, two: tuple[Contact, Contact]) -> None:
    journal = everything()
    first = merge(two)
    second = merging.merge(two[0].pk, world.registrations[5].contact_id, (), None)
    with pytest.raises(merging.CannotUndo, match="Undo that one first"):
        merging.undo(first.pk)
    merging.undo(second.pk)
    merging.undo(first.pk)
    assert everything() == journal


@pytest.mark.rule(3)
def test_a_submission_with_the_further_address_is_the_same_person(
    world: World, two: tuple[Contact, Contact]
) -> None:
    merge(two)
    submitted = {"email": " P3@Example.com", "first_name": "T", "last_name": "T"}
    done = submit(world.webinar, FormData(submitted=submitted))
    assert done.registration.contact_id == two[0].pk


@pytest.mark.rule(3)
def test_a_file_with_both_addresses_speaks_of_one_person(
    two: tuple[Contact, Contact], marketer: Client
) -> None:
    merge(two)
    head = "email,first_name,last_name,city\n"
    upload(marketer, f"{head}p3@example.com,A,B,Oslo\np1@example.com,A,B,Rome\n")
    item = check(marketer)
    assert (item.changed, item.skipped, item.new) == (1, 1, 0)
    run(marketer, item)
    two[0].refresh_from_db()
    assert (two[0].city, two[0].email) == ("Oslo", "p1@example.com")


@pytest.mark.rule(5)
@pytest.mark.parametrize("permanent", [True, False])
def test_deleted_people_are_deleted_under_every_address(
    two: tuple[Contact, Contact], permanent: bool
) -> None:
    merge(two)
    delete_contacts(Contact.objects.filter(pk=two[0].pk), permanent=permanent)
    stones = tombstones_of(["p1@example.com", "p3@example.com"])
    assert [stone.permanent for stone in stones.values()] == [permanent, permanent]
    assert not Merge.objects.exists(), "nothing is left of who went"


def test_who_unsubscribed_with_either_address_gets_no_email(two: tuple[Contact, Contact]) -> None:
    survivor, gone = (contact.pk for contact in two)
    opt_out("P3@example.com", OptOut.Source.LINK)
    assert opted_out([survivor, gone]) == {gone}
    done = merge(two)
    assert opted_out([survivor]) == {survivor}
    merging.undo(done.pk)
    assert opted_out([survivor, gone]) == {gone}


def test_an_address_that_is_another_contacts_is_not_entered_again(
    two: tuple[Contact, Contact], marketer: Client
) -> None:
    merge(two)
    form = {"email": "P3@example.com", "first_name": "A", "last_name": "B"}
    page = marketer.post("/admin/contacts/contact/add/", form).content.decode()
    # The name is a link to that contact.
    page = strip_tags(page)
    assert "This is a former address of First1 Last1 &lt;p1@example.com&gt;" in page
    found = marketer.get("/admin/contacts/contact/?q=p3@example.com").content.decode()
    assert "p1@example.com" in found


@pytest.mark.rule(8)
def test_a_merged_person_counts_once(world: World, two: tuple[Contact, Contact]) -> None:
    journal = counts(world.webinar.registrations.all())
    merge(two)
    after = counts(world.webinar.registrations.all())
    for audience in (Audience.REGISTERED, Audience.ATTENDED):
        assert after[audience] == journal[audience] - 1


def test_a_user_sees_both_merges_and_undoes(two: tuple[Contact, Contact], marketer: Client) -> None:
    survivor, gone = two
    action = {"action": "merge_two", "_selected_action": [str(survivor.pk), str(gone.pk)]}
    asked = marketer.post("/admin/contacts/contact/", action)
    address = f"/contacts/merge/{survivor.pk}/{gone.pk}/"
    assert asked["Location"] == address
    page = marketer.get(address).content.decode()
    assert "Both are registered for 1 webinar" in page and "+33 1" in page
    assert f"/contacts/merge/{gone.pk}/{survivor.pk}/" in page, "the other way round"
    shown = marketer.post(address, {"phone": "gone", "job_title": "survivor"}, follow=True)
    page = shown.content.decode()
    assert "Former addresses" in page and "Undo the merge" in page
    survivor.refresh_from_db()
    assert (survivor.phone, survivor.job_title) == ("+33 1", "")
    done = Merge.objects.get()
    assert done.created_by is not None
    back = marketer.post(f"/contacts/merge/{done.pk}/undo/", follow=True).content.decode()
    assert "is a separate contact again" in back
    history = marketer.get("/admin/admin/logentry/").content.decode()
    # Without a name, which would survive an erasure.
    assert "Another contact was merged into this one." in history
    assert "A merge was undone." in history and "First3" not in history
    twice = marketer.post(f"/contacts/merge/{done.pk}/undo/", follow=True).content.decode()
    assert "A merge can be undone for 30 days, and once." in twice


def test_exactly_two_are_merged(two: tuple[Contact, Contact], marketer: Client) -> None:
    action = {"action": "merge_two", "_selected_action": [str(two[0].pk)]}
    page = marketer.post("/admin/contacts/contact/", action, follow=True).content.decode()
    assert "Choose exactly two contacts to merge." in page
    assert marketer.get(f"/contacts/merge/{two[0].pk}/{two[0].pk}/").status_code == 404
    assert marketer.get(f"/contacts/merge/{two[0].pk}/0/").status_code == 404


def test_without_permission_to_delete_contacts_none_are_merged(
    two: tuple[Contact, Contact],
) -> None:
    assert signed_in(None).get(f"/contacts/merge/{two[0].pk}/{two[1].pk}/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_what_was_deleted_since_is_reported_and_nothing_is_half_undone(
    two: tuple[Contact, Contact], marketer: Client
) -> None:
    done = merge(two)
    Webinar.objects.filter(key="77").delete()
    page = marketer.post(f"/contacts/merge/{done.pk}/undo/", follow=True).content.decode()
    assert "Some data of the other contact no longer exists." in page
    assert Contact.objects.filter(pk=two[0].pk).exists()
    assert not Contact.objects.filter(pk=two[1].pk).exists()
    assert AlternateEmail.objects.exists()
