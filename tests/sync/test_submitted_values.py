"""The values that a person submitted: sent, stored, and matched to the right contact (rules 2 and
3)."""

from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Contact
from core.emails import email_key
from registration_forms.registrations import register_contacts
from sync.push.push import push
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from webinars.models import Registration, Webinar
from webinars.profile_differences import differences


@pytest.fixture
def webinar(db: None) -> Webinar:
    """An upcoming webinar whose form has choices and limits."""
    now = timezone.now()

    def offered(name: str, *answers: str, longest: int = 128) -> dict[str, Any]:
        return {"name": name, "required": False, "max_size": longest, "answers": list(answers)}

    fields = [
        offered("country", "Germany", "United States"),
        offered("state", "Alabama", "Alaska"),
        offered("industry", "Computing", "Other"),
        offered("job_title", longest=64),
        offered("phone", longest=20),
        offered("city"),
    ]
    return make_webinar(
        starts_at=now + HOUR,
        ends_at=now + 2 * HOUR,
        form_fields={"fields": fields, "questions": []},
    )


def sent(webinar: Webinar, **properties: str) -> dict[str, Any]:
    """Register a contact with `properties`; return what GoTo is sent."""
    contact = Contact.objects.create(
        email="ada@example.com", first_name="Ada", last_name="Lovelace", **properties
    )
    goto = FakeGoTo()
    register_contacts(webinar, [contact.pk], Registration.Source.MARKETER)
    with goto.in_place():
        push(Registration.objects.get().pk)
    [body] = goto.posted
    assert (body["firstName"], body["lastName"], body["email"]) == (
        "Ada", "Lovelace", "ada@example.com",
    )  # fmt: skip
    return body


@pytest.mark.rule(2)
def test_a_value_that_the_platform_accepts_is_sent_as_it_is(webinar: Webinar) -> None:
    body = sent(webinar, country="Germany", job_title="Countess", city="London")
    assert (body["country"], body["jobTitle"], body["city"]) == ("Germany", "Countess", "London")


@pytest.mark.rule(2)
@pytest.mark.parametrize(
    ("name", "here", "there"),
    [
        ("country", "DE", "Germany"),
        ("country", "germany", "Germany"),
        ("state", "Bavaria", None),
        ("industry", "Poetry", None),
        ("phone", "+49 " + "1" * 40, None),
    ],
)
def test_a_value_is_matched_to_an_accepted_choice_or_left_out(
    webinar: Webinar, name: str, here: str, there: str | None
) -> None:
    assert sent(webinar, **{name: here}).get(name) == there


@pytest.mark.rule(2)
def test_a_job_title_that_is_too_long_is_cut(webinar: Webinar) -> None:
    assert len(sent(webinar, job_title="x" * 180)["jobTitle"]) <= 64


# -- matching --------------------------------------------------------------------------------------


@pytest.mark.rule(3)
def test_addresses_are_trimmed_and_lower_cased() -> None:
    assert email_key(" Ada@Example.COM ") == email_key("ada@example.com")


@pytest.mark.rule(3)
def test_two_mailboxes_do_not_become_one_person() -> None:
    assert email_key("strasse@example.com") != email_key("straße@example.com")


@pytest.mark.rule(3)
def test_a_domain_is_compared_by_idna_2008() -> None:
    assert email_key("ada@bücher.example") == email_key("ada@xn--bcher-kva.example")


# -- what the registration gave --------------------------------------------------------------------


@pytest.mark.rule(3)
def test_an_unknown_registrant_becomes_a_contact_with_all_values(webinar: Webinar) -> None:
    goto = FakeGoTo()
    goto.register("ada@example.com", timezone.now(), jobTitle="Director", phone="+44 1")
    goto.sync(webinar)
    contact = Contact.objects.get()
    assert (contact.job_title, contact.phone) == ("Director", "+44 1")
    assert Registration.objects.get().submitted["job_title"] == "Director"


@pytest.mark.rule(3)
def test_what_a_known_contact_submitted_is_stored_and_offered(webinar: Webinar) -> None:
    contact = Contact.objects.create(
        email="ada@example.com", first_name="Ada", last_name="Lovelace", job_title="Manager"
    )
    goto = FakeGoTo()
    goto.register(
        "ada@example.com",
        timezone.now(),
        jobTitle="Director",
        responses=[{"question": "Why?", "answer": "Because"}],
    )
    goto.sync(webinar)
    contact.refresh_from_db()
    if contact.job_title != "Manager":
        pytest.fail("a sync never changes an existing contact")
    registration = Registration.objects.select_related("contact").get()
    assert [item.submitted for item in differences(registration)] == ["Director"]
    assert registration.submitted["answers"] == [["Why?", "Because"]]
