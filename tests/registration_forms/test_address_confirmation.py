"""A throttled visitor registers by a link to their address, and the form reveals to a network only
of few people that they are registered."""

import datetime as dt
import re
import smtplib
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from contacts.deletion import delete_contacts
from contacts.models import Contact
from contacts.tombstones import email_hash
from operations.tasks import clean_up
from registration_forms import address_confirmation
from registration_forms.links import form_path
from registration_forms.models import AddressConfirmation, Submission
from registration_forms.tasks import send_confirmation_links
from tests.factories import registration_in
from tests.fixtures.form_posts import post
from tests.fixtures.world import World
from webinars.models import Registration, Webinar

SENDS = "we are sending a link to this address"


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.FORM_LEAST_SECONDS = 0
    settings.FORM_PER_EMAIL = 2


def held_up(visitor: Client, world: World, **submitted: str) -> str:
    """Submit until it is throttled, and return the resulting page."""
    for _ in range(2):
        assert post(visitor, world, **submitted).status_code == 302
    page = post(visitor, world, **submitted)
    assert page.status_code == 429
    return str(page.content.decode())


def link() -> str:
    """Send all pending emails, and return the query of the newest link."""
    send_confirmation_links()
    body = str(mail.outbox[-1].body)
    found = re.search(r"https://webinars\.example\.com(/register/\S+)(\?confirmed=\S+)", body)
    assert found is not None
    return found[2]


def test_the_link_takes_one_submission_of_its_address(world: World, visitor: Client) -> None:
    text = held_up(visitor, world)
    assert SENDS in text and "press the button again in" in text
    query = link()
    assert mail.outbox[0].to == ["ana@example.com"]
    # A link sent to an address is for that address.
    held_up(visitor, world, email="bo@example.com")
    assert post(visitor, world, query, email="bo@example.com").status_code == 429
    assert visitor.get(form_path(world.webinar) + query).status_code == 200
    assert post(visitor, world, query).status_code == 302
    assert post(visitor, world, query).status_code == 429


def test_it_lifts_the_limit_of_the_network_too(
    world: World, visitor: Client, settings: Any
) -> None:
    settings.FORM_PER_ADDRESS = 2
    for number in range(2):
        post(visitor, world, email=f"a{number}@example.com")
    assert SENDS in post(visitor, world).content.decode()
    assert not Contact.objects.filter(email_key="ana@example.com").exists()
    assert post(visitor, world, link()).status_code == 302
    assert Contact.objects.filter(email_key="ana@example.com").exists()


def test_nothing_that_a_stranger_typed_is_in_the_email(world: World, visitor: Client) -> None:
    Webinar.objects.filter(pk=world.webinar.pk).update(subject="A\nwebinar")
    world.webinar.refresh_from_db()
    held_up(visitor, world, last_name="Win at evil.example")
    link()
    message = mail.outbox[0]
    assert "evil" not in f"{message.subject} {message.body}" and "Ana" not in message.body
    assert message.subject == "Your registration for A webinar"


def test_it_is_sent_in_the_language_of_the_form(world: World, visitor: Client) -> None:
    for _ in range(3):
        post(visitor, world, "?lang=fr")
    assert AddressConfirmation.objects.get().language == "fr"


def test_an_expired_or_invented_link_lifts_nothing(world: World, visitor: Client) -> None:
    held_up(visitor, world)
    query = link()
    assert post(visitor, world, "?confirmed=made-up").status_code == 429
    past = timezone.now() - dt.timedelta(minutes=61)
    AddressConfirmation.objects.update(requested_at=past)
    assert post(visitor, world, query).status_code == 429
    AddressConfirmation.objects.update(requested_at=past)
    clean_up()
    assert not AddressConfirmation.objects.exists()


def test_no_mailbox_is_filled(world: World, visitor: Client) -> None:
    held_up(visitor, world)
    mailed = [SENDS in post(visitor, world).content.decode() for _ in range(4)]
    assert mailed == [True, True, False, False]
    assert send_confirmation_links() == len(mail.outbox) == address_confirmation.PER_ADDRESS
    # Nor from other networks.
    elsewhere = Client(REMOTE_ADDR="198.51.100.1")
    assert SENDS not in held_up(elsewhere, world)
    assert send_confirmation_links() == 0


@pytest.mark.parametrize(
    ("sender", "count"),
    [("created_by_form", address_confirmation.PER_NETWORK), ("", address_confirmation.IN_ALL)],
)
def test_neither_one_network_nor_the_whole_site_can_send_many(
    world: World, visitor: Client, sender: str, count: int
) -> None:
    for _ in range(2):
        post(visitor, world)
    created_by_form = Submission.objects.latest("pk").sender
    AddressConfirmation.objects.bulk_create(
        AddressConfirmation(
            webinar=world.webinar,
            email_hash=f"{n}",
            sender=created_by_form if sender else f"{n}",
            secret=f"{n}",
        )
        for n in range(count)
    )
    page = post(visitor, world)
    assert page.status_code == 429 and SENDS not in page.content.decode()


def test_without_a_mail_server_nothing_is_promised(
    world: World, visitor: Client, settings: Any
) -> None:
    settings.MAIL_READY = False
    assert SENDS not in held_up(visitor, world)
    assert not AddressConfirmation.objects.exists()


def test_what_the_mail_server_refuses_is_given_up(
    world: World,
    visitor: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuses(*_args: Any) -> None:
        raise smtplib.SMTPRecipientsRefused({"ana@example.com": (550, b"ana@example.com")})

    held_up(visitor, world)
    with monkeypatch.context() as patched:
        patched.setattr(address_confirmation, "send_mail", refuses)
        assert send_confirmation_links() == 0
    assert "SMTPRecipientsRefused" in caplog.text and "ana@" not in caplog.text
    assert SENDS in post(visitor, world).content.decode()
    assert send_confirmation_links() == 1


@pytest.mark.rule(5)
def test_the_address_is_stored_until_the_email_is_sent_and_no_longer_than_the_person(
    world: World, visitor: Client
) -> None:
    held_up(visitor, world)
    row = AddressConfirmation.objects.get()
    assert (row.email, row.email_hash) == ("ana@example.com", email_hash("ana@example.com"))
    link()
    assert AddressConfirmation.objects.get().email == ""
    delete_contacts(Contact.objects.filter(email_key="ana@example.com"), permanent=True)
    assert not AddressConfirmation.objects.exists()


# -- who takes part --------------------------------------------------------------------------------


def answer_to(visitor: Client, world: World, email: str, query: str = "") -> tuple[str, str, bool]:
    """Submit, and return what the answer page, its status and the calendar file reveal."""
    path = post(visitor, world, query, email=email)["Location"].partition("?")[0]
    Registration.objects.filter(contact__email_key=email).update(
        **registration_in(Registration.State.REGISTERED, join_url="https://join.example/of-them")
    )
    page = re.sub(r"/register/[^\"]*", "", visitor.get(path).content.decode())
    mark = visitor.get(f"{path}status/").json()["mark"]
    file = visitor.get(f"{path}webinar.ics").content.decode().replace("\r\n ", "")
    return page, mark, "of-them" in file


def test_a_network_learns_of_few_people_that_they_are_registered(
    world: World, visitor: Client, settings: Any
) -> None:
    settings.FORM_KNOWN_PER_ADDRESS = 3
    for number in range(3):
        page, _mark, _join = answer_to(visitor, world, f"p{number}@example.com")
        assert "You are already registered" in page
    # From now on an unknown visitor gets the same answer as a registered one.
    known, unknown = (
        answer_to(visitor, world, email) for email in ("p3@example.com", "new@example.com")
    )
    assert "We have what you sent" in known[0]
    assert known == unknown and not known[2]
    assert Registration.objects.filter(contact__email_key="new@example.com").exists()
    # Other networks see the same, and this one too an hour later.
    elsewhere = Client(REMOTE_ADDR="198.51.100.1")
    assert "already registered" in answer_to(elsewhere, world, "p4@example.com")[0]
    Submission.objects.update(submitted_at=timezone.now() - dt.timedelta(minutes=61))
    assert "already registered" in answer_to(visitor, world, "p5@example.com")[0]


def test_who_asks_for_the_same_person_again_learns_nothing_new(
    world: World, visitor: Client, settings: Any
) -> None:
    settings.FORM_KNOWN_PER_ADDRESS, settings.FORM_PER_EMAIL = 2, 0
    for _ in range(4):
        assert "already registered" in answer_to(visitor, world, "p0@example.com")[0]


def test_a_personal_link_shows_the_same_answer(
    world: World, visitor: Client, settings: Any
) -> None:
    settings.FORM_KNOWN_PER_ADDRESS = 1
    mine = post(visitor, world)["Location"].rstrip("/").rpartition("/")[2]
    answer_to(visitor, world, "p0@example.com")
    page, _mark, join = answer_to(visitor, world, "ana@example.com", f"?again={mine}")
    assert "You are registered" in page and join


def test_without_limits_everyone_is_emailed(world: World, visitor: Client, settings: Any) -> None:
    settings.FORM_KNOWN_PER_ADDRESS, settings.FORM_PER_ADDRESS = 1, 0
    for number in range(3):
        assert "already registered" in answer_to(visitor, world, f"p{number}@example.com")[0]
