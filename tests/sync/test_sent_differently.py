"""Values that the platform would not accept: changed, recorded, and no difference later (rule
2)."""

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.models import PROPERTIES, Contact
from platforms.records import EXTRA_NAMES, NewAnswer
from registration_forms import fields as formfields
from registration_forms.new_registrant import new_registrant
from registration_forms.registrations import register_contacts, resubmit
from sync.pull.details_backfill import read_unread
from sync.push.push import push
from tests.factories import registration_in
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from tests.fixtures.world import signed_in
from webinars.models import Registration, Webinar
from webinars.profile_differences import differences
from webinars.sent_values import in_words
from webinarsync import roles

State = Registration.State
CONTACTS = "/admin/contacts/contact/"
ADA = {"first_name": "Ada", "last_name": "Lovelace"}
ASKED: list[dict[str, Any]] = [
    {"name": "country", "answers": ["Germany", "United States"]},
    {"name": "state", "answers": ["Alabama", "California"]},
    {"name": "industry", "answers": ["Computing", "Other"]},
    {"name": "job_title", "max_size": 64},
]


def form(*fields: dict[str, Any], questions: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    blank = {"required": False, "max_size": 128, "answers": []}
    return {"fields": [blank | item for item in fields], "questions": list(questions)}


def question(key: str, text: str, *answers: str, **more: Any) -> dict[str, Any]:
    kind = "multipleChoice" if answers else "shortAnswer"
    keyed = [[f"{key}{number}", answer] for number, answer in enumerate(answers)]
    blank = {"key": key, "question": text, "required": False, "kind": kind, "max_size": 20}
    return blank | {"answers": keyed} | more


@pytest.fixture
def webinar(db: None) -> Webinar:
    now = timezone.now()
    return make_webinar(starts_at=now + HOUR, ends_at=now + 2 * HOUR, form_fields=form(*ASKED))


@pytest.fixture
def contact(db: None) -> Contact:
    return Contact.objects.create(
        email="ada@example.com", country="DE", industry="Poetry", job_title="x" * 180, **ADA
    )


def pushed(webinar: Webinar, contact: Contact, goto: FakeGoTo) -> Registration:
    register_contacts(webinar, [contact.pk], Registration.Source.MARKETER)
    registration = Registration.objects.get()
    with goto.in_place():
        push(registration.pk)
    registration.refresh_from_db()
    return registration


def read_details(goto: FakeGoTo, **there: str) -> Registration:
    """Return the one registrant's values from the platform, and read them."""
    registration = Registration.objects.get()
    goto.register(
        "ada@example.com", timezone.now(), registrantKey=registration.registrant_key, **there
    )
    with goto.in_place():
        read_unread()
    registration = Registration.objects.select_related("contact").get()
    assert registration.details_read_at is not None
    return registration


# -- sending ---------------------------------------------------------------------------------------


@pytest.mark.rule(2)
@pytest.mark.rule(13)
def test_what_is_changed_is_stored_as_codes_and_reported_on_pages(
    webinar: Webinar, contact: Contact
) -> None:
    goto = FakeGoTo()
    registration = pushed(webinar, contact, goto)
    [body] = goto.posted
    assert (body["country"], body["jobTitle"]) == ("Germany", "x" * 63 + "…")
    assert "industry" not in body
    assert [(item["code"], item["name"]) for item in registration.sent_differently] == [
        ("matched", "country"), ("no-choice", "industry"), ("shortened", "job_title"),
    ]  # fmt: skip
    contact.refresh_from_db()
    assert (contact.country, contact.industry) == ("DE", "Poetry"), "a contact stays as it is"
    marketer = signed_in(roles.MARKETERS)
    sentences = in_words(registration.sent_differently)
    assert sentences[0] == "Country: “Germany” instead of “DE”"
    for address in (
        f"/webinars/{webinar.pk}/audience/registered/",
        f"{CONTACTS}{contact.pk}/change/",
        f"/admin/webinars/registration/{registration.pk}/change/",
    ):
        page = marketer.get(address).content.decode()
        assert all(sentence in page for sentence in sentences), address


@pytest.mark.rule(2)
def test_the_waiting_list_and_a_correction_send_what_is_accepted(
    webinar: Webinar, contact: Contact
) -> None:
    goto = FakeGoTo()
    register_contacts(webinar, [contact.pk], Registration.Source.IMPORT)
    Registration.objects.update(
        state=State.PENDING, submitted={"country": "germany"}, waiting_since=timezone.now()
    )
    with goto.in_place():
        push(Registration.objects.get().pk)
    Registration.objects.update(**registration_in(State.REJECTED))
    assert resubmit(Registration.objects.get(), {"country": "usa"})
    assert Registration.objects.get().sent_differently == [], "it has not been sent again yet"
    with goto.in_place():
        push(Registration.objects.get().pk)
    assert [body["country"] for body in goto.posted] == ["Germany", "United States"]


@pytest.mark.rule(2)
def test_answers_are_matched_and_shortened_too(webinar: Webinar, contact: Contact) -> None:
    asked = (
        question("1", "How big?", "Just me", "Many"),
        question("2", "Why?"),
        question("3", "Who?", "Me"),
    )
    webinar.form_fields = form(questions=asked)
    answers = [["How big?", "many"], ["Why?", "y" * 30], ["Who?", "You"], ["Gone?", "Yes"]]
    registration = Registration(contact=contact, webinar=webinar, submitted={"answers": answers})
    registrant, changes = new_registrant(registration)
    assert registrant.answers == (
        NewAnswer("1", choice_key="11"), NewAnswer("2", text="y" * 19 + "…"),
    )  # fmt: skip
    assert [(item["code"], item["name"]) for item in changes if "?" in item["name"]] == [
        ("matched", "How big?"), ("shortened", "Why?"), ("no-choice", "Who?"),
    ]  # fmt: skip
    webinar.form_fields = form(questions=(question("3", "Who?", "Me", required=True),))
    assert formfields.Form.of(webinar).missing({"answers": answers}, contact) == ["Who?"]


@pytest.mark.rule(2)
def test_before_sending_it_shows_who_lacks_what_and_what_is_changed(
    webinar: Webinar, contact: Contact
) -> None:
    fields = [*ASKED[1:], ASKED[0] | {"required": True}]
    Webinar.objects.update(form_fields=form(*fields))
    other = Contact.objects.create(email="b@example.com", country="Atlantis", **ADA)
    order = {
        "action": "register_for_webinar", "select_across": "0", "webinar": webinar.pk,
        "_selected_action": [contact.pk, other.pk],
    }  # fmt: skip
    marketer = signed_in(roles.MARKETERS)
    page = marketer.post(CONTACTS, order).content.decode()
    assert "1 person will be registered" in page and "1 person is left out" in page
    assert "Country (GoToWebinar does not accept “Atlantis”)" in page
    assert "Country: “Germany” instead of “DE”" in page
    assert "Industry: left out, “Poetry” is not one of the choices" in page
    assert "Industry: 1, Job title: 1, Country: 1" in " ".join(page.split())
    assert not Registration.objects.exists()
    marketer.post(CONTACTS, order | {"sure": "yes"})
    assert Registration.objects.get().contact == contact


# -- reading it back -------------------------------------------------------------------------------


@pytest.mark.rule(3)
def test_what_was_changed_on_sending_is_no_difference(webinar: Webinar, contact: Contact) -> None:
    goto = FakeGoTo()
    registration = pushed(webinar, contact, goto)
    # The current value is not the one sent then.
    Contact.objects.filter(pk=contact.pk).update(country="Chile")
    sent = {"country": "Germany", "jobTitle": goto.posted[0]["jobTitle"], "phone": "1"}
    registration = read_details(goto, **sent)
    assert registration.submitted == {"phone": "1"}
    assert [item.name for item in differences(registration)] == ["phone"]


@pytest.mark.rule(3)
def test_nor_after_an_interrupted_push(webinar: Webinar, contact: Contact) -> None:
    goto = FakeGoTo()
    pushed(webinar, contact, goto)
    Registration.objects.update(sent_differently=[])
    registration = read_details(goto, country="Germany", industry="Computing")
    assert registration.submitted == {"industry": "Computing"}


# -- whatever a contact has ------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
ODD = TEXT | st.sampled_from(["DE", "germany", "Bavaria", "CA", "x" * 255, "Poetry", "other", " "])
SIZES = st.integers(1, 255)
NAMES = sorted({"first_name", "last_name", *PROPERTIES, *EXTRA_NAMES} - {"email"})


def _asked(names: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    none: st.SearchStrategy[list[str]] = st.just([])
    choices = none | st.lists(ODD.filter(str.strip), min_size=1, max_size=5)
    row = st.fixed_dictionaries(
        {"name": st.sampled_from(names), "max_size": SIZES, "answers": choices,
         "required": st.booleans()}
    )  # fmt: skip
    return st.lists(row, unique_by=lambda item: item["name"])


@pytest.mark.rule(2)
@given(
    asked=_asked(NAMES),
    contact=st.dictionaries(st.sampled_from(["first_name", "last_name", *PROPERTIES]), ODD),
    posted=st.dictionaries(st.sampled_from(NAMES), ODD),
)
@settings(max_examples=300, deadline=None)
def test_for_any_contact_the_form_accepts_what_is_sent(
    asked: list[dict[str, Any]], contact: dict[str, str], posted: dict[str, str]
) -> None:
    person = Contact(email="ada@example.com", **contact)
    webinar = Webinar(form_fields=form(*asked))
    registrant, changes = new_registrant(
        Registration(contact=person, webinar=webinar, submitted=posted)
    )
    sent = registrant.properties | {
        name: value for name in ("first_name", "last_name") if (value := getattr(registrant, name))
    }
    for item in formfields.fields_of(webinar):
        value = sent.get(item.name)
        if value is not None and item.name in NAMES:
            # GoTo knows only choices of its list, and their size is not limited.
            assert value in item.choices if item.choices else 0 < len(value) <= item.longest
    assert all(len(value) <= formfields.LONGEST for name, value in sent.items()
               if name not in {row["name"] for row in asked})  # fmt: skip
    wanted = {name for name in NAMES if posted.get(name) or contact.get(name)}
    lost = {
        name for name in wanted
        if (posted.get(name) or contact.get(name, "")).strip() != sent.get(name, "").strip()
    }  # fmt: skip
    known = {*formfields.NEEDED, *PROPERTIES, *(i.name for i in formfields.fields_of(webinar))}
    assert lost & known == {item["name"] for item in changes}
