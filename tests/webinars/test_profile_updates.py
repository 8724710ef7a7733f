"""Submitted data that differs from the contact is applied manually, or not at all."""

import datetime as dt
import json
import sys
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from contacts.events import CONTACT_CHANGED
from contacts.models import Activity, Contact
from core.models import OutboxEvent
from core.outbox import Reader
from tests.core.outbox_readers import RecordingReader, registered
from tests.fixtures.world import World, make_people, signed_in
from webinars import profile_differences, profile_updates
from webinars.models import Registration, Webinar

SubmittedValues = dict[str, Any]


def set_submitted(
    registration: Registration, submitted: SubmittedValues, **here: str
) -> profile_differences.Difference:
    """Let a registration have submitted other values than its contact has; return the first."""
    Registration.objects.filter(pk=registration.pk).update(submitted=submitted)
    Contact.objects.filter(pk=registration.contact_id).update(**here)
    return found(registration)[0]


def found(registration: Registration) -> list[profile_differences.Difference]:
    rows = Registration.objects.select_related("contact")
    return profile_differences.differences(rows.get(pk=registration.pk))


def manager(world: World, number: int = 0) -> profile_differences.Difference:
    return set_submitted(
        world.registrations[number], {"job_title": "Director"}, job_title="Manager"
    )


def address(world: World, end: str = "") -> str:
    return f"/webinars/{world.webinar.pk}/submitted-values/{end}"


def job_title(item: profile_differences.Difference) -> str:
    return Contact.objects.get(pk=item.contact_id).job_title


# -- what is a difference ------------------------------------------------------------------------

CASES: list[tuple[SubmittedValues, SubmittedValues, str, list[str]]] = [
    ({"job_title": "Director"}, {}, "Manager", ["job_title"]),
    ({"job_title": "Director"}, {}, "", ["job_title"]),
    ({"job_title": " Manager\t\u3000"}, {}, "Manager", []),
    ({"job_title": "manager"}, {}, "Manager", ["job_title"]),
    ({"job_title": "Manager"}, {}, "\u00a0Manager\n", []),
    ({"job_title": ""}, {}, "Manager", []),
    ({"job_title": " \u2028 "}, {}, "Manager", []),
    ({}, {}, "Manager", []),
    ({"job_title": "Director"}, {"job_title": "Director"}, "Manager", []),
    ({"job_title": "Boss"}, {"job_title": "Director"}, "Manager", ["job_title"]),
    ({"job_title": "x" * 300}, {}, "x" * 255, []),
    ({"job_title": "ä" * 254 + " ö"}, {}, "ä" * 254, []),
    ({"email": "other@example.com", "answers": [["a", "b"]]}, {}, "", []),
    ({"first_name": "Fyrst", "last_name": "Last0"}, {}, "", ["first_name"]),
    ({"job_title": 'It\'s 100% "quoted" \\'}, {}, "It's", ["job_title"]),
]


@pytest.mark.rule(3)
@pytest.mark.parametrize(("submitted", "dismissed", "here", "expected"), CASES)
def test_the_function_and_the_database_agree_on_what_differs(
    world: World,
    submitted: SubmittedValues,
    dismissed: SubmittedValues,
    here: str,
    expected: list[str],
) -> None:
    registration = world.registrations[0]
    Registration.objects.filter(pk=registration.pk).update(submitted=submitted, dismissed=dismissed)
    Contact.objects.filter(pk=registration.contact_id).update(job_title=here)
    rows = world.webinar.registrations.all()
    assert [item.name for item in found(registration)] == expected
    assert [name for name, count in profile_differences.counts(rows).items() if count] == expected
    assert profile_differences.with_differences(rows).count() == bool(expected)
    for name in profile_differences.TAKEN:
        assert profile_differences.with_differences(rows, name).count() == (name in expected)


def test_every_blank_that_python_knows_is_trimmed_in_the_database(world: World) -> None:
    blanks = [chr(n) for n in range(1, sys.maxunicode) if chr(n).isspace()]
    registrations = make_people(world.webinar, len(blanks), "blank")
    for registration, blank in zip(registrations, blanks, strict=True):
        registration.submitted = {"city": f"{blank}Oslo{blank}"}
        registration.contact.city = "Oslo"
    Registration.objects.bulk_update(registrations, ["submitted"])
    Contact.objects.bulk_update([item.contact for item in registrations], ["city"])
    assert not profile_differences.with_differences(world.webinar.registrations.all()).exists()


# -- the page of a webinar -----------------------------------------------------------------------


def test_the_page_shows_both_values_and_filters_by_property(world: World, marketer: Client) -> None:
    manager(world)
    set_submitted(world.registrations[1], {"job_title": "Boss", "city": "Oslo"})
    page = marketer.get(address(world))
    assert page.context["values"] == 3
    text = page.content.decode()
    assert "<strong>Job title</strong>: Manager → <strong>Director</strong>" in text
    assert "<strong>City</strong>: – → <strong>Oslo</strong>" in text
    page = marketer.get(address(world), {"property": "city"})
    assert [len(items) for _, items in page.context["people"]] == [1]
    assert "Director" not in page.content.decode()
    assert marketer.get(address(world), {"property": "nonsense"}).context["chosen"] == ""


def test_a_long_list_is_paged_in_a_few_queries(
    world: World, marketer: Client, django_assert_max_num_queries: Any
) -> None:
    people = make_people(world.webinar, 120, "q")
    for number, registration in enumerate(people):
        registration.submitted = {"city": f"City {number}", "job_title": f"Title {number}"}
    Registration.objects.bulk_update(people, ["submitted"])
    with django_assert_max_num_queries(14):
        page = marketer.get(address(world), {"page": "3"})
    assert (len(page.context["people"]), page.context["values"]) == (20, 240)
    assert "Page 3 of 3" in page.content.decode()
    assert "Update all 240 listed" in page.content.decode()


@pytest.mark.rule(3)
def test_viewing_a_page_applies_nothing(world: World, marketer: Client) -> None:
    item = manager(world)
    for end in ("", "all/"):
        assert marketer.get(address(world, end)).status_code == 200
    marketer.get(f"/admin/contacts/contact/{item.contact_id}/change/")
    assert job_title(item) == "Manager"


@pytest.mark.rule(3)
def test_applying_writes_contact_timeline_and_history_once(world: World, marketer: Client) -> None:
    item = manager(world)
    before = Contact.objects.get(pk=item.contact_id).updated_at
    for expected in ("1 value was updated", "decided already"):
        page = marketer.post(address(world), {"apply": item.token}, follow=True)
        assert expected in page.content.decode()
    contact = Contact.objects.get(pk=item.contact_id)
    assert contact.job_title == "Director"
    assert contact.updated_at > before
    line = contact.activities.get(kind=Activity.Kind.PROFILE_UPDATED)
    assert line.data == {
        "changes": [{"property": "job_title", "old": "Manager", "new": "Director"}]
    }
    assert line.webinar_subject == "A webinar"
    entry = LogEntry.objects.get(object_id=str(contact.pk))
    assert entry.get_change_message() == "Changed Job title."
    assert entry.user.username == "user-of-Marketers"


@pytest.mark.rule(3)
def test_a_contact_changed_in_between_is_not_overwritten(world: World, marketer: Client) -> None:
    item = manager(world)
    Contact.objects.filter(pk=item.contact_id).update(job_title="Head")
    for button in ("apply", "dismiss"):
        page = marketer.post(address(world), {button: item.token}, follow=True)
        assert "First0 Last0 (Job title)" in page.content.decode()
    assert job_title(item) == "Head"
    assert Registration.objects.get(pk=item.registration_id).dismissed == {}
    assert not Activity.objects.filter(kind="profile_updated").exists()


def test_those_selected_are_applied_together(world: World, marketer: Client) -> None:
    items = [manager(world, number) for number in range(3)]
    set_submitted(world.registrations[0], {"job_title": "Director", "city": "Oslo"})
    tokens = [item.token for item in found(world.registrations[0])] + [items[1].token]
    page = marketer.post(address(world), {"do": "apply", "selected": tokens}, follow=True)
    assert "3 values were updated" in page.content.decode()
    assert [job_title(item) for item in items] == ["Director", "Director", "Manager"]
    # One timeline entry for all values applied of one registration.
    assert Activity.objects.filter(kind="profile_updated").count() == 2


def test_pressing_a_button_with_nothing_selected_reports_it(world: World, marketer: Client) -> None:
    item = manager(world)
    page = marketer.post(address(world), {"do": "apply"}, follow=True)
    assert "Nothing was selected" in page.content.decode()
    for nonsense in ("", "12", "x:y:z", f"{item.registration_id}:email:00", "9" * 40 + ":city:00"):
        marketer.post(address(world), {"do": "apply", "selected": [nonsense]})
    assert job_title(item) == "Manager"


@pytest.mark.rule(3)
def test_a_dismissed_value_is_no_difference_until_another_one_is_submitted(
    world: World, marketer: Client
) -> None:
    item = manager(world)
    page = marketer.post(address(world), {"dismiss": item.token}, follow=True)
    assert "1 value was kept" in page.content.decode()
    assert page.context["values"] == 0
    assert job_title(item) == "Manager"
    again = set_submitted(world.registrations[0], {"job_title": "Boss"})
    assert (again.here, again.submitted) == ("Manager", "Boss")


def test_all_that_are_listed_are_applied_after_the_number_was_seen(
    world: World, marketer: Client
) -> None:
    people = make_people(world.webinar, 450, "q")
    for number, registration in enumerate(people):
        registration.submitted = {"city": f"City {number}", "job_title": "Director"}
    Registration.objects.bulk_update(people, ["submitted"])
    page = marketer.get(address(world, "all/") + "?property=city")
    assert "Update 450 values" in page.content.decode()
    listed = {"listed": page.context["listed"]}
    # One more was added in the meantime: the confirmed number is outdated.
    late = set_submitted(world.registrations[0], {"city": "Oslo"})
    page = marketer.post(address(world, "all/") + "?property=city", listed)
    assert "nothing was updated" in page.content.decode()
    assert not Contact.objects.filter(city="City 1").exists()
    page = marketer.post(
        address(world, "all/") + "?property=city", {"listed": page.context["listed"]}, follow=True
    )
    assert "451 values were updated" in page.content.decode()
    assert Contact.objects.filter(city__startswith="City ").count() == 450
    assert Contact.objects.get(pk=late.contact_id).city == "Oslo"
    assert not Contact.objects.filter(job_title="Director").exists()
    assert Activity.objects.filter(kind="profile_updated").count() == 451


# -- the page of a contact -----------------------------------------------------------------------


@pytest.fixture
def second(world: World) -> Registration:
    """A later registration of the first person, for another webinar."""
    other = Webinar.objects.create(
        connection=world.webinar.connection, key="78", slug="another-78", subject="Another"
    )
    return Registration.objects.create(
        contact=world.registrations[0].contact,
        webinar=other,
        state=Registration.State.REGISTERED,
        registered_at=timezone.now() + dt.timedelta(days=1),
        submitted={"job_title": "Boss"},
    )


def test_a_contacts_page_offers_the_newest_first(
    world: World, marketer: Client, second: Registration
) -> None:
    older = manager(world)
    person = f"/admin/contacts/contact/{older.contact_id}/change/"
    page = marketer.get(person)
    assert [item.submitted for item, _ in page.context["differences"]] == ["Boss", "Director"]
    assert "for “Another”" in page.content.decode()
    # Both at once: the newest wins, and the other does not overwrite it.
    tokens = [item.token for item, _ in page.context["differences"]]
    post = {"do": "apply", "selected": tokens}
    page = marketer.post(f"/contacts/{older.contact_id}/submitted-values/", post, follow=True)
    assert page.request["PATH_INFO"] == person
    assert job_title(older) == "Boss"
    text = page.content.decode()
    assert "1 value was updated" in text
    assert "it has changed since you opened the page" in text
    assert "Job title: Manager → Boss" in text
    # Their earlier values are settled by that: no one has to decide again.
    assert profile_differences.of_contact(older.contact_id) == []


def test_applying_an_older_value_leaves_the_newer_to_be_decided(
    world: World, second: Registration
) -> None:
    older = manager(world)
    user = User.objects.create_user("mia")
    assert profile_updates.apply([older.token], user.pk).count == 1
    assert [
        (item.here, item.submitted) for item, _ in profile_differences.of_contact(older.contact_id)
    ] == [("Director", "Boss")]


def test_what_was_given_twice_alike_is_decided_once(
    world: World, marketer: Client, second: Registration
) -> None:
    manager(world)
    Registration.objects.filter(pk=second.pk).update(submitted={"job_title": " Director "})
    offered = profile_differences.of_contact(second.contact_id)
    assert [(item.submitted, registration) for item, registration in offered] == [
        ("Director", second)
    ]
    marketer.post(
        f"/contacts/{second.contact_id}/submitted-values/", {"dismiss": offered[0][0].token}
    )
    assert profile_differences.of_contact(second.contact_id) == []


def test_a_contact_without_differences_has_no_such_section(world: World, marketer: Client) -> None:
    person = world.registrations[0].contact_id
    page = marketer.get(f"/admin/contacts/contact/{person}/change/")
    assert "differs from this contact" not in page.content.decode()
    assert marketer.get("/admin/contacts/contact/add/").status_code == 200


# -- who may -------------------------------------------------------------------------------------


def test_only_users_who_may_change_contacts_apply_values(world: World) -> None:
    item = manager(world)
    looker = signed_in(None)
    user = User.objects.get(username="user-of-None")
    user.user_permissions.add(Permission.objects.get(codename="view_registration"))
    # A change of permissions has ended the session.
    looker.force_login(user)
    page = looker.get(address(world))
    assert "Director" in page.content.decode()
    assert item.token not in page.content.decode()
    for client, answer in ((Client(), 302), (looker, 403)):
        for where in (address(world), f"/contacts/{item.contact_id}/submitted-values/"):
            assert client.post(where, {"apply": item.token}).status_code == answer
        assert client.get(address(world, "all/")).status_code == answer
    assert Client().get(address(world)).status_code == 302
    assert job_title(item) == "Manager"


def test_history_is_written_as_the_admins_own_pages_write_it(world: World) -> None:
    item = manager(world)
    user = User.objects.create_user("mia")
    assert profile_updates.apply([item.token], user.pk).count == 1
    entry = LogEntry.objects.get()
    assert json.loads(entry.change_message) == [{"changed": {"fields": ["Job title"]}}]


# -- other readers ---------------------------------------------------------------------------------


def test_the_outbox_has_which_properties_were_applied(world: World) -> None:
    item = manager(world)
    user = User.objects.create(username="somebody")
    with registered(Reader("one", frozenset({CONTACT_CHANGED}), RecordingReader())):
        profile_updates.apply([item.token], user.pk)
        profile_updates.apply([item.token], user.pk)
    (event,) = OutboxEvent.objects.all()
    assert (event.subject, event.data) == (str(item.contact_id), {"fields": ["job_title"]})
