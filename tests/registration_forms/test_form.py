"""The public form: stored first, answered clearly, and never with someone else's join link."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import PROPERTIES
from contacts.tombstones import bury
from core.messages import text
from registration_forms import fields
from registration_forms.fields import LONGEST
from registration_forms.forms import RegistrationForm
from registration_forms.links import form_path
from registration_forms.models import Submission
from tests.factories import registration_in
from tests.fixtures.form_posts import ANA, post
from tests.fixtures.world import World
from webinars.models import Registration, Webinar

State = Registration.State
LINK = "https://join.example/of-ana"


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    """Tests type faster than people."""
    settings.FORM_LEAST_SECONDS = 0


def test_the_page_shows_the_webinar_and_needs_no_account(world: World, visitor: Client) -> None:
    page = visitor.get(form_path(world.webinar))
    text = page.content.decode()
    assert page.status_code == 200
    assert "A webinar" in text and "Europe/Berlin" in text
    assert page.headers["Cache-Control"].startswith("max-age=0")
    for name in ("first_name", "last_name", "email", *PROPERTIES):
        assert f'name="{name}"' in text


def test_the_time_shown_is_the_one_on_the_webinars_own_clock(world: World, visitor: Client) -> None:
    Webinar.objects.filter(pk=world.webinar.pk).update(
        times=[["2031-01-10T15:00:00+00:00", "2031-01-10T16:30:00+00:00"]],
        ends_at=dt.datetime(2031, 1, 10, 16, 30, tzinfo=dt.UTC),
    )
    text = visitor.get(form_path(world.webinar)).content.decode()
    assert "Friday, 10 January 2031, 16:00–17:30" in text
    assert 'datetime="2031-01-10T16:00:00+01:00"' in text


@pytest.mark.django_db(transaction=True)
def test_a_submission_is_stored_and_its_push_queued(world: World, visitor: Client) -> None:
    answer = post(visitor, world, organization=" Círculo ", country="Chile")
    submission = Submission.objects.get()
    registration = submission.registration
    assert registration.state == State.PENDING
    assert registration.source == Registration.Source.FORM
    assert submission.submitted == ANA | {"organization": "Círculo", "country": "Chile"}
    assert registration.contact.organization == "Círculo"
    assert OrmQ.objects.count() == 1
    assert answer.status_code == 302
    page = visitor.get(answer.url)
    assert b'http-equiv="refresh"' in page.content
    assert submission.secret in answer.url


@pytest.mark.rule(6)
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.REGISTERED, "You are registered"),
        (State.OVERFLOW, "on the waiting list (no. 1)"),
        (State.AWAITING, "The organizer has your registration"),
        (State.DENIED, "did not approve"),
        (State.REJECTED, "did not accept this registration"),
    ],
)
def test_the_answer_page_shows_the_result(
    world: World, visitor: Client, state: str, expected: str
) -> None:
    address = post(visitor, world).url
    Registration.objects.filter(contact__email_key=ANA["email"]).update(
        **registration_in(state, join_url=LINK, platform_message="<b>Their words</b>")
    )
    text = visitor.get(address).content.decode()
    assert expected in text
    assert (LINK in text) == (state == State.REGISTERED)
    assert ("data-status" in text) == (state == State.OVERFLOW)
    assert "<b>Their words</b>" not in text
    assert ("&lt;b&gt;Their words" in text) == (state == State.REJECTED)


@pytest.mark.rule(6)
def test_the_waiting_list_promises_no_more_than_the_switch_does(
    world: World, visitor: Client
) -> None:
    """Unless people are promoted automatically, a free seat is given by a colleague or to no
    one."""
    address = post(visitor, world).url
    Registration.objects.filter(contact__email_key=ANA["email"]).update(
        **registration_in(State.OVERFLOW)
    )
    pages = []
    for automatic in (True, False):
        Webinar.objects.update(auto_promote=automatic)
        text = visitor.get(address).content.decode()
        assert "on the waiting list (no. 1)" in text
        pages.append(text.split("<section", 1)[1].split("</section>", 1)[0])
    assert pages[0] != pages[1]


def test_while_goto_does_not_answer_the_page_reports_it(world: World, visitor: Client) -> None:
    address = post(visitor, world).url
    Registration.objects.filter(state=State.PENDING).update(push_attempts=3)
    text = visitor.get(address).content.decode()
    assert "We keep trying" in text
    assert 'http-equiv="refresh" content="20"' in text


def test_typing_someone_elses_address_does_not_reveal_their_link(
    world: World, visitor: Client
) -> None:
    first = post(visitor, world).url
    Registration.objects.filter(contact__email_key=ANA["email"]).update(
        **registration_in(State.REGISTERED, join_url=LINK)
    )
    second = post(visitor, world, email="ANA@example.com").url
    text = visitor.get(second).content.decode()
    assert "You are already registered" in text and LINK not in text
    assert LINK in visitor.get(first).content.decode()
    assert Submission.objects.count() == 2


def test_who_registered_on_goto_directly_is_not_revealed_either(
    world: World, visitor: Client
) -> None:
    text = visitor.get(post(visitor, world, email="P0@example.com").url).content.decode()
    assert "You are already registered" in text
    assert "https://join.example/secret" not in text


def test_a_submission_is_found_by_its_secret_only(world: World, visitor: Client) -> None:
    post(visitor, world)
    secret = Submission.objects.get().secret
    other = Webinar.objects.create(
        connection=world.webinar.connection, key="78", slug="another", subject="Another"
    )
    assert visitor.get(f"/register/{world.webinar.slug}/guessed/").status_code == 404
    assert visitor.get(f"/register/{other.slug}/{secret}/").status_code == 404


@pytest.mark.rule(5)
def test_a_permanently_erased_person_registers_like_a_new_one(
    world: World, visitor: Client
) -> None:
    bury("ana@example.com", permanent=True)
    assert post(visitor, world).status_code == 302
    assert Submission.objects.get().registration.contact.email_key == "ana@example.com"


def test_an_error_appears_at_its_field_and_nothing_is_stored(world: World, visitor: Client) -> None:
    page = post(visitor, world, first_name=" \x00 ", email="ana@", city="x" * (LONGEST + 1))
    text = page.content.decode()
    assert page.status_code == 422
    assert "First name: Please fill this in." in text
    assert 'aria-describedby="id_first_name_error"' in text
    assert 'id="id_first_name_error"' in text
    assert "This is not an email address" in text
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Ana \t María\r\n", "Ana María"),
        ("A\x00n\x1ba", "A n a"),
        ("=1+1", "=1+1"),
        ("李", "李"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_a_name_is_one_line_in_any_script(typed: str, stored: str) -> None:
    form = RegistrationForm(Webinar(), ANA | {"first_name": typed})
    assert form.is_valid(), form.errors
    assert form.submitted()["first_name"] == stored


@pytest.mark.parametrize(
    ("changed", "status", "expected"),
    [
        ({"form_enabled": False}, 404, "There is no registration form here"),
        ({"state": Webinar.State.GONE}, 410, "This webinar was cancelled"),
        ({"ends_at": timezone.now() - dt.timedelta(days=1)}, 410, "This webinar is over"),
    ],
)
def test_a_closed_form_explains_why_and_accepts_nothing(
    world: World, visitor: Client, changed: dict[str, Any], status: int, expected: str
) -> None:
    Webinar.objects.filter(pk=world.webinar.pk).update(**changed)
    assert expected in visitor.get(form_path(world.webinar)).content.decode()
    page = post(visitor, world)
    assert page.status_code == status
    assert not Submission.objects.exists()


def test_no_name_of_gotos_fields_is_shown() -> None:
    named = ["job_title", "responses", "q_17", "q_18"]
    sentence = text("push.fields-refused", {"fields": fields.as_parts(named)})
    assert sentence.endswith("of: Job title, Answers to the organizer's questions, Another field.")
