"""A contact's page: details, actions, and the timeline by webinar."""

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Activity, Contact, OptOut
from contacts.opt_outs import opt_out
from core import dates
from tests.factories import (
    ConsentFactory,
    ContactFactory,
    RegistrationFactory,
    UserFactory,
    WebinarFactory,
)
from tests.fixtures.world import World, signed_in
from webinars.models import Registration, Webinar


def happened(world: World, key: str, kind: str, days_ago: int, webinar: Webinar | None) -> None:
    Activity.objects.create(
        contact=world.registrations[1].contact,
        key=key,
        kind=kind,
        happened_at=timezone.now() - dt.timedelta(days=days_ago),
        webinar_key=webinar.key if webinar else "",
        webinar_subject=webinar.subject if webinar else "",
        data={"question": f"Why {key}?", "answers": [], "subject": "Hello"},
    )


def shown(client: Client, world: World, query: str = "") -> str:
    pk = world.registrations[1].contact_id
    return client.get(f"/admin/contacts/contact/{pk}/change/{query}").content.decode()


@pytest.mark.time_machine(dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC), tick=False)
def test_the_figures(world: World, marketer: Client) -> None:
    Activity.objects.all().delete()
    happened(world, "q", "question", 3, world.webinar)
    happened(world, "m", "mailed", 1, None)
    page = shown(marketer, world)
    figures = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)(?:<small>([^<]*)</small>)?</dd>", page)
    assert [tuple(part.strip() for part in figure) for figure in figures[:4]] == [
        ("Registrations", "1", ""),
        ("Webinars attended", "1", "1 min"),
        ("Attendance rate", "100%", ""),
        ("Questions", "1", ""),
    ]
    # Receiving an email is no activity of theirs.
    assert "<dt>Last seen</dt><dd>Sun 15 Nov</dd>" in page


def test_the_timeline_is_grouped_by_webinar(world: World, marketer: Client) -> None:
    happened(world, "q", "question", 3, world.webinar)
    happened(world, "m", "mailed", 9, None)
    page = shown(marketer, world)
    assert '<section aria-label="A webinar" class="ws-group">' in page
    assert '<section aria-label="Without a webinar" class="ws-group">' in page


def test_the_timeline_is_narrowed_to_a_kind(world: World, marketer: Client) -> None:
    happened(world, "q", "question", 3, world.webinar)
    happened(world, "m", "mailed", 9, None)
    questions = shown(marketer, world, "?only=questions")
    assert "Why q?" in questions and "Email sent" not in questions
    assert "Email sent" in shown(marketer, world, "?only=mails")
    assert "No activity of this kind." in shown(marketer, world, "?only=answers")
    # An unknown value does not filter.
    assert "Why q?" in shown(marketer, world, "?only=x&from=-1")


def test_older_lines_are_a_page_further_and_stay_narrowed(world: World, marketer: Client) -> None:
    for number in range(101):
        happened(world, f"q{number}", "question", number, world.webinar)
    page = shown(marketer, world, "?only=questions")
    assert "?only=questions&amp;from=100#timeline-title" in page
    assert "Why q100?" in shown(marketer, world, "?only=questions&from=100")


@pytest.mark.rule(4)
def test_a_cancellation_is_shown_with_the_time_at_which_it_was_noticed(
    world: World, marketer: Client
) -> None:
    at = timezone.now() - dt.timedelta(days=3)
    Registration.objects.filter(pk=world.registrations[1].pk).update(cancelled_at=at)
    assert f"cancelled on GoToWebinar, seen {dates.day(at)}" in shown(marketer, world)


@pytest.mark.rule(4)
def test_the_timeline_shows_that_a_cancellation_was_noticed_then(
    world: World, marketer: Client
) -> None:
    happened(world, "c", "cancelled", 3, world.webinar)
    timeline = shown(marketer, world).split('id="timeline-title"', 1)[1]
    assert "Cancelled on GoToWebinar" in timeline
    assert "noticed" in timeline


@pytest.mark.rule(3)
def test_a_former_address_is_listed(world: World, marketer: Client) -> None:
    contact = world.registrations[1].contact
    contact.email = "new@example.com"
    contact.save()
    assert "p1@example.com" in shown(marketer, world)


def test_they_are_registered_for_a_webinar_from_their_page(world: World, marketer: Client) -> None:
    Webinar.objects.update(ends_at=timezone.now() + dt.timedelta(days=1))
    assert 'value="register_for_webinar"' in shown(marketer, world)
    asked = marketer.post(
        "/admin/contacts/contact/",
        {
            "action": "register_for_webinar",
            "_selected_action": str(world.registrations[1].contact_id),
        },
    ).content.decode()
    assert "1 person is selected." in asked


# -- who it is ----------------------------------------------------------------------------------


def person(world: World, **values: Any) -> Contact:
    """Return the contact whose page `shown` opens, with `values`."""
    contact = world.registrations[1].contact
    Contact.objects.filter(pk=contact.pk).update(**values)
    contact.refresh_from_db()
    return contact


def test_the_page_shows_a_person_and_no_form(world: World, marketer: Client) -> None:
    person(world, job_title="Director", organization="Fjord", country="Chile", phone="+56 2 1")
    page = shown(marketer, world)
    assert '<h2 id="person-name">First1 Last1</h2>' in page
    assert "Director · Fjord · Chile" in page
    assert '<a class="ws-link" href="mailto:p1@example.com">p1@example.com</a>' in page
    assert ">FL</span>" in page and "<dt>Phone</dt><dd>+56 2 1</dd>" in page
    assert 'name="first_name"' not in page and 'name="_save"' not in page


def test_what_is_not_known_is_left_out(world: World, marketer: Client) -> None:
    person(world, country="", first_name="", last_name="")
    page = shown(marketer, world)
    assert '<h2 id="person-name">p1@example.com</h2>' in page
    assert "<dt>Phone</dt>" not in page and "<dt>Address</dt>" not in page


@pytest.mark.rule(11)
@pytest.mark.parametrize(
    ("granted", "opted_out", "badge"),
    [
        (None, False, "No marketing consent recorded"),
        (True, False, "Agreed to marketing"),
        (False, False, "Did not agree to marketing"),
        (True, True, "Unsubscribed"),
    ],
)
def test_a_badge_shows_whether_they_want_marketing(
    world: World, marketer: Client, granted: bool | None, opted_out: bool, badge: str
) -> None:
    if granted is not None:
        ConsentFactory.create(contact=person(world), granted=granted)
    if opted_out:
        opt_out("p1@example.com", OptOut.Source.COLLEAGUE)
    page = shown(marketer, world)
    assert re.findall(r'<li class="ws-status[^"]*">.*?</span>([^<]*)</li>', page) == [badge]


def test_the_actions_are_one_row_that_ends_with_deleting(world: World, marketer: Client) -> None:
    page = shown(marketer, world)
    row = page[page.index("ws-person-actions") : page.index("</header>", page.index("ws-person-"))]
    labels = re.findall(r"</span>([^<]+)</(?:button|a)>", row)
    assert labels == ["Email", "Register", "Edit", "Merge", "Delete"]


def test_view_permission_offers_nothing_else(world: World) -> None:
    viewer = UserFactory.create()
    viewer.user_permissions.add(Permission.objects.get(codename="view_contact"))
    client = Client()
    client.force_login(viewer)
    page = shown(client, world)
    assert '<h2 id="person-name">' in page and "Download personal data" not in page
    assert re.findall(r"</span>(?:Email|Register|Edit|Merge|Delete)</", page) == []
    # Nor by the URL.
    assert 'name="_save"' not in shown(client, world, "?edit=1")
    pk = person(world).pk
    assert client.post(f"/admin/contacts/contact/{pk}/change/", {}).status_code == 403
    assert client.get(f"/contacts/{pk}/merge/").status_code == 403


def test_a_page_without_contacts_leads_to_the_start(world: World, marketer: Client) -> None:
    for key in ("999999", "x"):
        assert marketer.get(f"/admin/contacts/contact/{key}/change/").status_code == 302
    assert (
        signed_in(None).get(f"/admin/contacts/contact/{person(world).pk}/change/").status_code
        == 403
    )


def test_next_and_previous_keep_the_filters_of_the_list(world: World, marketer: Client) -> None:
    page = shown(marketer, world, "?_changelist_filters=q%3Dp")
    for way, other in (("next", 0), ("prev", 2)):
        pk = world.registrations[other].contact_id
        address = f"/admin/contacts/contact/{pk}/change/?_changelist_filters=q%3Dp"
        assert re.search(rf'<a href="{re.escape(address)}"[^>]*rel="{way}"', page)


def test_the_figure_counts_what_is_listed(world: World, marketer: Client) -> None:
    for values in ({"overflow": True}, {"state": Registration.State.AWAITING}):
        webinar = WebinarFactory.create(connection=world.webinar.connection)
        RegistrationFactory.create(contact=person(world), webinar=webinar, **values)
    page = shown(marketer, world)
    assert "<dt>Registrations</dt><dd>3</dd>" in page
    assert page.count('<span class="ws-status ') == 3


# -- editing ------------------------------------------------------------------------------------


def test_editing_is_asked_for_and_leads_back(world: World, marketer: Client) -> None:
    contact = person(world)
    address = f"/admin/contacts/contact/{contact.pk}/change/"
    form = shown(marketer, world, "?edit=1")
    assert 'name="first_name"' in form and ">Cancel<" in "".join(form.split())
    sent = {"first_name": "Ida", "last_name": "Last1", "email": contact.email, "tag_names": "VIP"}
    answer = marketer.post(f"{address}?edit=1", sent | {"_save": "Save"})
    assert (answer.status_code, answer["Location"]) == (302, address)
    page = shown(marketer, world)
    assert (
        '<h2 id="person-name">Ida Last1</h2>' in page and '<span class="ws-tag">VIP</span>' in page
    )


def test_an_error_shows_the_form_again_with_all_that_was_written(
    world: World, marketer: Client
) -> None:
    contact = person(world)
    address = f"/admin/contacts/contact/{contact.pk}/change/?edit=1"
    sent = {"first_name": "Ida", "last_name": "", "email": "p2@example.com", "phone": "+1 2"}
    answer = marketer.post(address, sent | {"_save": "Save"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "This field is required" in page and "This is the address of" in page
    for value in ("Ida", "p2@example.com", "+1 2"):
        assert f'value="{value}"' in page
    contact.refresh_from_db()
    assert contact.first_name == "First1"


def test_a_new_contact_is_shown_once_saved(world: World, marketer: Client) -> None:
    sent = {"first_name": "Ida", "last_name": "New", "email": "ida@example.com", "_save": "Save"}
    answer = marketer.post("/admin/contacts/contact/add/", sent)
    new = Contact.objects.get(email="ida@example.com")
    assert answer["Location"] == f"/admin/contacts/contact/{new.pk}/change/"


# -- merging ------------------------------------------------------------------------------------


def test_whom_to_merge_is_found_by_name_at_first(world: World, marketer: Client) -> None:
    contact = person(world)
    same = ContactFactory.create(first_name="First1", last_name="Last1", organization="Fjord")
    address = f"/contacts/{contact.pk}/merge/"
    page = marketer.get(address).content.decode()
    assert f'href="/contacts/merge/{contact.pk}/{same.pk}/"' in page and "Fjord" in page
    assert f"/contacts/merge/{contact.pk}/{contact.pk}/" not in page
    other = marketer.get(address, {"q": "p3@"}).content.decode()
    assert f"/contacts/merge/{contact.pk}/{world.registrations[3].contact_id}/" in other
    assert "No other contact matches." in marketer.get(address, {"q": "?"}).content.decode()


# -- queries ------------------------------------------------------------------------------------


@pytest.mark.pure
def test_the_page_asks_as_often_however_much_happened(world: World, marketer: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(marketer, world)
        return len(queries)

    asked()
    few = asked()
    for number in range(20):
        webinar = WebinarFactory.create(connection=world.webinar.connection, past=True)
        RegistrationFactory.create(contact=person(world), webinar=webinar, attended=number % 2 == 0)
        happened(world, f"q{number}", "question", number, webinar)
    assert asked() <= few <= 20
