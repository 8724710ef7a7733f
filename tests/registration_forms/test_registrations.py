"""A marketer registers people, promotes them, and corrects refused registrations."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import Contact
from platforms.records import RegistrationField, RegistrationFields
from registration_forms import fields as formfields
from tests.factories import registration_in
from tests.fixtures.world import World, signed_in
from webinars.models import Registration, Webinar
from webinarsync import roles

State = Registration.State
CONTACTS = "/admin/contacts/contact/"


def register(client: Client, people: list[Contact], **more: Any) -> Any:
    return client.post(
        CONTACTS,
        {
            "action": "register_for_webinar",
            "_selected_action": [person.pk for person in people],
            "select_across": "0",
        }
        | more,
    )


@pytest.fixture
def people(world: World) -> list[Contact]:
    return [
        Contact.objects.create(email=f"n{n}@example.com", first_name="N", last_name=str(n))
        for n in range(3)
    ]


def test_contacts_are_registered_after_a_preview(
    world: World,
    marketer: Client,
    people: list[Contact],
    django_capture_on_commit_callbacks: Any,
) -> None:
    known = Contact.objects.get(email="p0@example.com")
    chosen = [*people, known]
    assert "4 people are selected" in register(marketer, chosen).content.decode()
    look = register(marketer, chosen, webinar=world.webinar.pk).content.decode()
    assert "3 people will be registered" in look and "1 person is registered already" in look
    assert Registration.objects.count() == 6, "nothing is done by looking"
    with django_capture_on_commit_callbacks(execute=True):
        done = register(marketer, chosen, webinar=world.webinar.pk, sure="yes")
    assert done.status_code == 302 and done.url.endswith("/audience/pending/")
    made = Registration.objects.filter(state=State.PENDING)
    assert made.count() == 3
    assert {item.source for item in made} == {Registration.Source.MARKETER}
    assert OrmQ.objects.filter(key="push").exists()


def test_all_that_a_filter_lists_are_registered(
    world: World, marketer: Client, people: list[Contact]
) -> None:
    marketer.post(
        CONTACTS + "?q=n",
        {
            "action": "register_for_webinar",
            "_selected_action": [people[0].pk],
            "select_across": "1",
            "webinar": world.webinar.pk,
            "sure": "yes",
        },
    )
    assert Registration.objects.filter(state=State.PENDING).count() == 3


def test_who_lacks_what_the_organizer_requires_is_named_and_left_out(
    world: World, marketer: Client, people: list[Contact]
) -> None:
    fields = RegistrationFields((RegistrationField("job_title", True, 128, ()),), ())
    Webinar.objects.filter(pk=world.webinar.pk).update(
        form_fields=formfields.stored(fields),
        newly_required={"job_title": timezone.now().isoformat()},
    )
    Contact.objects.filter(pk=people[0].pk).update(job_title="CTO")
    look = register(marketer, people, webinar=world.webinar.pk).content.decode()
    assert "2 people are left out" in look and "Job title" in look
    register(marketer, people, webinar=world.webinar.pk, sure="yes")
    assert Registration.objects.get(state=State.PENDING).contact == people[0]
    page = marketer.get(f"/admin/webinars/webinar/{world.webinar.pk}/change/").content.decode()
    assert "The organizer requires more than before" in page and "Job title" in page


def test_a_refused_registration_is_corrected_and_goes_again(world: World, marketer: Client) -> None:
    refused = world.registrations[0]
    Registration.objects.filter(pk=refused.pk).update(
        **registration_in(
            State.REJECTED,
            problem_code="push.refused",
            platform_message="Required <field>",
            submitted={"first_name": "First0", "last_name": "Last0", "job_title": ""},
        )
    )
    audience = marketer.get(f"/webinars/{world.webinar.pk}/audience/rejected/").content.decode()
    address = f"/webinars/registrations/{refused.pk}/correct/"
    assert address in audience
    page = marketer.get(address).content.decode()
    assert "Required &lt;field&gt;" in page and 'value="First0"' in page
    submitted = {"first_name": "", "last_name": "Last0", "email": "p0@example.com"}
    assert marketer.post(address, submitted).status_code == 422
    marketer.post(address, submitted | {"first_name": "First0", "job_title": "CTO"})
    refused.refresh_from_db()
    assert (refused.state, refused.submitted["job_title"]) == (State.PENDING, "CTO")
    assert refused.contact.job_title == "", "the contact stays as it is (rule 3)"
    assert marketer.get(address).status_code == 302


def test_the_waiting_list_is_shown_and_people_are_promoted(world: World, marketer: Client) -> None:
    now = timezone.now()
    for number, item in enumerate(world.registrations[:3]):
        Registration.objects.filter(pk=item.pk).update(
            state=State.OVERFLOW, waiting_since=now - dt.timedelta(days=number)
        )
    Webinar.objects.filter(pk=world.webinar.pk).update(
        registration_limit=100, registrant_count=98, capacity_read_at=now
    )
    address = f"/webinars/{world.webinar.pk}/waiting-list/"
    text = marketer.get(address).content.decode()
    assert "2 seats free" in text and "3 people waiting" in text
    assert text.index("p2@example.com") < text.index("p1@example.com") < text.index("p0@")
    marketer.post(address + "let-in/")
    assert OrmQ.objects.count() == 1
    marketer.post(address + "auto-promote/", {"on": "yes"})
    world.webinar.refresh_from_db()
    assert world.webinar.auto_promote
    assert marketer.get(address + "let-in/").status_code == 405


def test_lines_to_embed_the_form_are_shown(world: World, marketer: Client, settings: Any) -> None:
    settings.FORM_FRAME_ORIGINS = ["https://www.example.com"]
    page = marketer.get(f"/webinars/{world.webinar.pk}/form/").content.decode()
    assert "&lt;script src=&quot;http://testserver/static/webinarsync/embed.js&quot;" in page
    assert "&lt;iframe src=&quot;http://testserver/register/a-webinar-77/?embed=1" in page
    assert "https://www.example.com" in page


@pytest.mark.parametrize(
    "path", ["/webinars/{w}/waiting-list/", "/webinars/registrations/{r}/correct/"]
)
def test_staff_of_no_group_sees_none_of_it(world: World, path: str) -> None:
    address = path.format(w=world.webinar.pk, r=world.registrations[0].pk)
    assert signed_in(None).get(address).status_code == 403


def test_consent_texts_are_written_by_operators_and_never_rewritten(world: World) -> None:
    operator = signed_in(roles.OPERATORS)
    add = "/admin/registration_forms/consenttext/add/"
    new = {"purpose": "marketing", "language": "en", "text": "News by mail?", "in_use": "on"}
    assert operator.post(add, new).status_code == 302
    assert operator.post(add, new | {"text": "More news?"}).status_code == 302
    from registration_forms.models import ConsentText

    second = ConsentText.objects.get(version=2)
    change = f"/admin/registration_forms/consenttext/{second.pk}/change/"
    operator.post(change, {"text": "Rewritten", "in_use": ""})
    second.refresh_from_db()
    assert (second.text, second.in_use) == ("More news?", False)
    assert signed_in(roles.MARKETERS).get(add).status_code == 403


def test_submissions_are_seen_without_the_key_to_their_page(world: World, marketer: Client) -> None:
    from registration_forms.models import Submission

    submission = Submission.objects.create(
        registration=world.registrations[0],
        submitted={"first_name": "Ana", "answers": [["Why?", "Because"]]},
        origin={"utm_source": "mail"},
    )
    page = marketer.get(
        f"/admin/registration_forms/submission/{submission.pk}/change/"
    ).content.decode()
    assert "Because" in page and "Source: mail" in page
    assert submission.secret not in page


def test_pending_people_are_counted_while_they_are_sent(world: World, marketer: Client) -> None:
    Registration.objects.filter(pk__in=[item.pk for item in world.registrations[:2]]).update(
        **registration_in(State.PENDING)
    )
    address = f"/webinars/progress/?id={world.webinar.pk}"
    [item] = marketer.get(address).json()["webinars"]
    assert item["on_the_way"] == "2 people are on their way to GoToWebinar"
    page = marketer.get(f"/admin/webinars/webinar/{world.webinar.pk}/change/").content.decode()
    assert item["on_the_way"] in page


def test_a_webinar_that_has_ended_since_the_server_started_is_not_offered(
    world: World, marketer: Client, people: list[Contact]
) -> None:
    assert "<strong>A webinar</strong>" in register(marketer, people).content.decode()
    Webinar.objects.filter(pk=world.webinar.pk).update(ends_at=timezone.now())
    assert "<strong>A webinar</strong>" not in register(marketer, people).content.decode()


@pytest.mark.parametrize(
    ("term", "found"),
    [("P1@Example.com", 1), ("p1@ex", 1), ("@example.com", 6), ("first2", 1), ("nobody@x.y", 0)],
)
def test_people_are_found_by_address_in_whatever_case_and_by_words(
    world: World, marketer: Client, term: str, found: int
) -> None:
    page: Any = marketer.get(CONTACTS, {"q": term})
    assert len(page.context["cl"].result_list) == found
