"""The form on other sites: frames, prefilling, consent, limits, dates, bad input."""

import datetime as dt
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from contacts.models import Contact
from operations.tasks import clean_up
from platforms.records import RegistrationField, RegistrationFields, RegistrationQuestion
from registration_forms import fields as formfields
from registration_forms import registrations, spam_protection
from registration_forms.links import form_path
from registration_forms.models import ConsentText, Submission
from tests.factories import (
    ContactFactory,
    RegistrationFactory,
    SubmissionFactory,
    registration_in,
)
from tests.fixtures.form_posts import ANA, post
from tests.fixtures.world import World
from webinars.models import Registration, Webinar

State = Registration.State
PURPOSE = ConsentText.Purpose


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    """Tests type faster than people."""
    settings.FORM_LEAST_SECONDS = 0


def set_fields(webinar: Webinar, *fields: RegistrationField, questions: Any = ()) -> None:
    names = [RegistrationField(name, True, 128, ()) for name in formfields.NEEDED]
    listed = RegistrationFields((*names, *fields), tuple(questions))
    Webinar.objects.filter(pk=webinar.pk).update(form_fields=formfields.stored(listed))


# -- what is asked ---------------------------------------------------------------------------------


def test_only_what_the_organizer_asks_is_asked(world: World, visitor: Client) -> None:
    set_fields(
        world.webinar,
        RegistrationField("job_title", True, 20, ()),
        RegistrationField("industry", False, 128, ("Software", "Banking")),
        questions=[
            RegistrationQuestion("5", "Why do you come?", True, "shortAnswer", 500, ()),
            RegistrationQuestion(
                "6", "Team?", False, "multipleChoice", 128, (("7", "Small"), ("8", "Big"))
            ),
        ],
    )
    text = visitor.get(form_path(world.webinar)).content.decode()
    assert 'name="job_title"' in text and 'maxlength="20"' in text
    assert 'name="country"' not in text
    assert '<option value="Banking">' in text and "Why do you come?" in text
    page = post(visitor, world, job_title="CTO", question_6="Huge")
    assert page.status_code == 422
    assert "Why do you come?: Please fill this in." in page.content.decode()
    assert "Please choose one of the answers" in page.content.decode()
    post(visitor, world, job_title="CTO", question_5="Curious", question_6="Big")
    submitted = Submission.objects.get().submitted
    assert submitted["answers"] == [["Why do you come?", "Curious"], ["Team?", "Big"]]
    assert Registration.objects.get(contact__email="ana@example.com").submitted == submitted


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"first_name": "x" * 10_000}, "at most 128 characters"),
        ({"email": "ana@" + "x" * 300 + ".example"}, "This is not an email address"),
        ({"email": "ana@example"}, "This is not an email address"),
        ({"email": "ana @example.com"}, "This is not an email address"),
        ({"last_name": "\x07\x1b"}, "Last name: Please fill this in."),
    ],
)
def test_bad_input_is_reported_at_its_field_and_stays_in_it(
    world: World, visitor: Client, wrong: dict[str, str], expected: str
) -> None:
    page = post(visitor, world, **wrong)
    assert page.status_code == 422 and expected in page.content.decode()
    assert "Núñez" in page.content.decode() or "last_name" in wrong
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["😀 Ana", "שָׁלוֹם", "عمر", "<b>Ana</b>", "=HYPERLINK(1)", "O'Brien-Ñ", "李 小龍", "%s{}"],  # noqa: RUF001
)
def test_people_are_called_what_they_call_themselves(
    world: World, visitor: Client, name: str
) -> None:
    answer = post(visitor, world, first_name=name)
    assert Submission.objects.get().submitted["first_name"] == name
    Registration.objects.filter(contact__email="ana@example.com").update(
        **registration_in(State.REGISTERED)
    )
    text = visitor.get(answer.url).content.decode()
    assert "<b>Ana</b>" not in text


def test_an_address_in_another_script_is_valid(world: World, visitor: Client) -> None:
    assert post(visitor, world, email="ana@münchen.example").status_code == 302


# -- where they come from --------------------------------------------------------------------------


def test_fields_are_filled_in_by_the_address_in_our_words_or_gotos(
    world: World, visitor: Client
) -> None:
    query = "?firstName=A%22%3E%3Cscript%3E&email=a@example.com&jobTitle=CTO&nonsense=1"
    text = visitor.get(form_path(world.webinar) + query).content.decode()
    assert 'value="a@example.com"' in text and 'value="CTO"' in text
    assert "<script>" not in text.replace("<script src", "")


def test_the_referrer_is_stored_and_the_source_shown(world: World, visitor: Client) -> None:
    query = f"?utm_source=mail&utm_campaign=spring&utm_evil=1&source={'n' * 300}"
    post(visitor, world, query, referrer="https://www.example.com/page")
    submission = Submission.objects.get()
    assert submission.origin == {
        "utm_source": "mail",
        "utm_campaign": "spring",
        "referrer": "https://www.example.com/page",
        "language": "en",
    }
    assert submission.registration.referral_source == "n" * 128


def test_what_no_line_of_text_has_is_dropped_from_where_they_came_from(
    world: World, visitor: Client
) -> None:
    names = [f"utm_{name}" for name in ("source", "medium", "campaign", "term", "content")]
    odd = "%1B%5B31mma%0D%0Ail%7F%C2%85%E2%80%A8"
    query = "&".join(f"{name}={odd}" for name in names)
    post(visitor, world, f"?{query}&utm_id=1", referrer="https://a.example/\x1b\r\nb")
    submission = Submission.objects.get()
    origin_data = submission.origin
    assert [origin_data[name] for name in names] == ["[31mma il"] * 5
    assert origin_data["referrer"] == "https://a.example/ b"
    assert submission.registration.referral_source == "[31mma il"


def test_a_value_of_another_type_is_none(world: World, visitor: Client) -> None:
    post(visitor, world, "?utm_source=%01%02&utm_term=%0A")
    assert Submission.objects.get().origin == {"language": "en"}


# -- consent ---------------------------------------------------------------------------------------


def consent(purpose: str, version: int, language: str = "en", **values: Any) -> ConsentText:
    return ConsentText.objects.create(
        purpose=purpose, version=version, language=language, text=f"I agree {version}", **values
    )


def test_without_consent_no_one_is_registered_and_marketing_is_separate(
    world: World, visitor: Client
) -> None:
    consent(PURPOSE.REGISTERING, 1)
    current = consent(PURPOSE.REGISTERING, 2, link="https://example.com/privacy")
    marketing = consent(PURPOSE.MARKETING, 1)
    page = post(visitor, world)
    assert page.status_code == 422
    assert "We can only register you if you agree" in page.content.decode()
    post(visitor, world, consent="on")
    submission = Submission.objects.get()
    assert (submission.consent, submission.marketing_consent) == (current, None)
    post(visitor, world, consent="on", marketing_consent="on", email="bo@example.com")
    assert Submission.objects.latest("pk").marketing_consent == marketing
    lines = Submission.objects.latest("pk").registration.contact.activities
    assert lines.get(kind="submitted").data == {"marketing": True}


def test_consent_is_asked_in_the_readers_language_where_there_is_a_text(
    world: World, visitor: Client
) -> None:
    consent(PURPOSE.REGISTERING, 1)
    consent(PURPOSE.REGISTERING, 1, "fr", link="")
    ConsentText.objects.filter(language="fr").update(text="Je suis d'accord")
    address = form_path(world.webinar)
    assert "Je suis d&#x27;accord" in visitor.get(address + "?lang=fr").content.decode()
    assert "I agree 1" in visitor.get(address).content.decode()


# -- robots ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stamp",
    ["", "forged", signing.dumps(["x", 0.0], salt="webinars.form")],
    ids=["none", "forged", "signed for another form"],
)
def test_a_forged_stamp_is_answered_with_a_valid_one_and_nothing_is_lost(
    world: World, visitor: Client, stamp: str
) -> None:
    page = post(visitor, world, stamp=stamp)
    assert page.status_code == 422
    assert "Nothing is lost" in page.content.decode()
    form = page.context["form"]
    assert form["first_name"].value() == "Ana"
    again = visitor.post(form_path(world.webinar), ANA | {"stamp": form["stamp"].value()})
    assert again.status_code == 302


def test_a_submission_faster_than_a_person_is_asked_to_confirm(
    world: World, visitor: Client, settings: Any
) -> None:
    settings.FORM_LEAST_SECONDS = 60
    page = post(visitor, world)
    assert page.status_code == 422 and "That was very quick" in page.content.decode()


def test_what_only_robots_see_is_shown_to_who_filled_it_in(world: World, visitor: Client) -> None:
    page = post(visitor, world, website="https://spam.example")
    assert page.status_code == 422
    assert "Only robots fill this in" in page.content.decode()
    assert not Submission.objects.exists()


def test_over_the_limit_a_person_sees_when_to_retry_and_keeps_what_was_typed(
    world: World, visitor: Client, settings: Any, time_machine: TimeMachineFixture
) -> None:
    settings.FORM_PER_ADDRESS = 3
    for number in range(3):
        assert post(visitor, world, email=f"a{number}@example.com").status_code == 302
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    Submission.objects.update(submitted_at=now)
    page = post(visitor, world, email="late@example.com")
    assert page.status_code == 429
    assert page["Retry-After"] == "600"
    text = page.content.decode()
    assert "press the button again in 10 minutes" in text and "late@example.com" in text
    time_machine.shift(dt.timedelta(minutes=11))
    assert post(visitor, world, email="late@example.com").status_code == 302


def test_one_email_has_a_limit_of_its_own_and_another_address_is_not_held_up(
    world: World, visitor: Client, settings: Any
) -> None:
    settings.FORM_PER_EMAIL, settings.FORM_PER_ADDRESS = 2, 3
    assert post(visitor, world).status_code == 302
    assert post(visitor, world, email="ANA@example.com").status_code == 302
    assert post(visitor, world).status_code == 429
    assert post(visitor, world, email="bo@example.com").status_code == 302
    assert post(visitor, world, email="cy@example.com").status_code == 429
    other = Client(REMOTE_ADDR="203.0.113.9")
    assert post(other, world, email="cy@example.com").status_code == 302


def test_a_sender_is_stored_as_a_hash_of_their_network(rf: Any, settings: Any) -> None:
    settings.BEHIND_PROXY = True
    senders = {
        spam_protection.sender_hash(rf.get("/", headers={"X-Forwarded-For": f"6.6.6.6, {address}"}))
        for address in ("2001:db8::1", "[2001:db8::2]:443")
    }
    assert len(senders) == 1
    assert "2001:db8" not in senders.pop()


def test_a_stranger_locks_no_one_out(world: World, visitor: Client, settings: Any) -> None:
    settings.FORM_PER_EMAIL = 5
    stranger = Client(REMOTE_ADDR="198.51.100.1")
    assert [post(stranger, world).status_code for _ in range(6)] == [302] * 5 + [429]
    assert post(visitor, world).status_code == 302


def test_ones_own_link_lifts_the_limit_of_ones_address(
    world: World, visitor: Client, settings: Any
) -> None:
    settings.FORM_PER_EMAIL, settings.FORM_PER_ADDRESS = 2, 5

    def by_link(answer: Any, email: str = "ana@example.com") -> int:
        secret = answer["Location"].rstrip("/").rpartition("/")[2]
        return int(post(visitor, world, f"?again={secret}", email=email).status_code)

    mine = post(visitor, world)
    # A visitor in the same office submits the same address.
    theirs = post(visitor, world)
    assert post(visitor, world).status_code == 429
    # Their own submission created no registration, and no one's link is for other people.
    assert by_link(theirs) == 429
    SubmissionFactory.create_batch(
        2,
        registration=RegistrationFactory.create(
            webinar=world.webinar, contact__email="bo@example.com"
        ),
        sender=Submission.objects.filter(sender__gt="")[0].sender,
    )
    assert by_link(mine, "bo@example.com") == 429
    assert by_link(mine) == 302
    # Many requests by one's own link are throttled, too.
    assert by_link(mine) == 429


def test_the_same_submission_twice_is_one_registration(world: World, visitor: Client) -> None:
    assert post(visitor, world).status_code == post(visitor, world).status_code == 302
    assert Registration.objects.filter(contact__email="ana@example.com").count() == 1


def test_two_submissions_at_the_same_moment_are_one_contact(
    world: World, visitor: Client, monkeypatch: Any
) -> None:
    def created_after_this_look(keys: list[str]) -> dict[str, Contact]:
        ContactFactory.create(email="ana@example.com")
        return {}

    monkeypatch.setattr(registrations, "contacts_by_email", created_after_this_look)
    assert post(visitor, world).status_code == 302
    contact = Contact.objects.get(email_key="ana@example.com")
    assert Submission.objects.get().registration.contact == contact


def test_a_submission_needs_few_queries(
    world: World, visitor: Client, django_assert_max_num_queries: Any
) -> None:
    # Savepoints are included: two of a test, and two each of contact and registration.
    with django_assert_max_num_queries(21):
        assert post(visitor, world).status_code == 302


# -- frames ----------------------------------------------------------------------------------------


def test_it_is_framed_only_where_the_operator_allows_it(
    world: World, visitor: Client, settings: Any
) -> None:
    page = visitor.get(form_path(world.webinar))
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page
    settings.FORM_FRAME_ORIGINS = ["https://www.example.com"]
    page = visitor.get(form_path(world.webinar) + "?embed=1")
    assert page["Content-Security-Policy"].endswith("'self' https://www.example.com")
    assert visitor.get("/admin/login/")["X-Frame-Options"] == "DENY"


def test_a_frame_needs_no_cookie_and_stays_a_frame(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = post(strict, world, "?embed=1&lang=fr&utm_source=x")
    assert answer.status_code == 302 and answer.url.endswith("?embed=1&lang=fr")
    assert not strict.cookies
    assert "embedded.js" in strict.get(answer.url).content.decode()


# -- dates -----------------------------------------------------------------------------------------


@pytest.fixture
def series(world: World) -> list[Webinar]:
    """Two dates of a series beside the world's own webinar, which is the first."""
    now = timezone.now()
    common = {"recurrence_key": "s", "recurrence_type": "series", "form_enabled": True}
    Webinar.objects.filter(pk=world.webinar.pk).update(**common)
    made = []
    for days in (7, 14):
        start, end = now + dt.timedelta(days=days), now + dt.timedelta(days=days, hours=1)
        made.append(
            Webinar.objects.create(
                connection=world.webinar.connection,
                key=f"s{days}",
                slug=f"s{days}",
                subject="A series",
                starts_at=start,
                ends_at=end,
                times=[[start.isoformat(), end.isoformat()]],
                **common,
            )
        )
    return made


def test_a_visitor_of_a_series_chooses_the_date(
    world: World, visitor: Client, series: list[Webinar]
) -> None:
    text = visitor.get(form_path(world.webinar)).content.decode()
    assert text.count('name="occurrence"') == 3 and 'value="s14"' in text
    answer = post(visitor, world, occurrence="s14")
    assert answer.url.startswith("/register/s14/")
    assert Submission.objects.get().registration.webinar == series[1]
    assert post(visitor, world, occurrence="unknown", email="bo@example.com").status_code == 302


def test_a_visitor_who_is_too_late_is_offered_the_next_one(
    world: World, visitor: Client, series: list[Webinar]
) -> None:
    Webinar.objects.filter(pk=world.webinar.pk).update(ends_at=timezone.now())
    page = visitor.get(form_path(world.webinar))
    assert page.status_code == 410
    assert "/register/s7/" in page.content.decode() and "A series" in page.content.decode()


def test_a_sequence_lists_all_its_dates(world: World, visitor: Client) -> None:
    day = dt.timedelta(days=1)
    start = dt.datetime(2031, 1, 1, 12, tzinfo=dt.UTC)
    times = [
        [(start + n * day).isoformat(), (start + n * day + day / 24).isoformat()] for n in range(20)
    ]
    Webinar.objects.filter(pk=world.webinar.pk).update(times=times, recurrence_type="sequence")
    text = visitor.get(form_path(world.webinar)).content.decode()
    assert text.count("data-own-time") == 20 and "20 January 2031" in text


# -- the answer ------------------------------------------------------------------------------------


def test_the_answer_page_polls_the_status(world: World, visitor: Client) -> None:
    address = post(visitor, world).url
    before = visitor.get(f"{address}status/").json()["mark"]
    assert f'data-mark="{before}"' in visitor.get(address).content.decode()
    Registration.objects.filter(contact__email="ana@example.com").update(
        **registration_in(State.OVERFLOW)
    )
    assert visitor.get(f"{address}status/").json()["mark"] != before
    assert visitor.get(f"/register/{world.webinar.slug}/guessed/status/").status_code == 404


def test_the_calendar_file_has_the_time_and_the_owners_link(world: World, visitor: Client) -> None:
    mine, other = post(visitor, world).url, post(visitor, world).url
    Registration.objects.filter(contact__email="ana@example.com").update(
        **registration_in(State.REGISTERED, join_url="https://join.example/of-ana")
    )
    file = visitor.get(f"{mine}webinar.ics")
    assert file["Content-Type"].startswith("text/calendar")
    text = file.content.decode().replace("\r\n ", "")
    assert "SUMMARY:A webinar" in text and "https://join.example/of-ana" in text
    assert "https://join.example/of-ana" not in visitor.get(f"{other}webinar.ics").content.decode()


def test_who_was_refused_corrects_it_from_their_own_page(world: World, visitor: Client) -> None:
    address = post(visitor, world, organization="Acme").url
    Registration.objects.filter(contact__email="ana@example.com").update(
        **registration_in(State.REJECTED)
    )
    secret = Submission.objects.get().secret
    assert f"?again={secret}" in visitor.get(address).content.decode()
    text = visitor.get(f"{form_path(world.webinar)}?again={secret}").content.decode()
    assert 'value="Acme"' in text and 'value="ana@example.com"' in text
    post(visitor, world, f"?again={secret}", job_title="CTO")
    registration = Registration.objects.get(contact__email="ana@example.com")
    assert (registration.state, registration.submitted["job_title"]) == (State.PENDING, "CTO")
    assert Submission.objects.latest("pk").created_by_form


def test_another_visitor_does_not_become_the_owner_by_a_foreign_secret(
    world: World, visitor: Client
) -> None:
    post(visitor, world)
    post(visitor, world, email="eve@example.com")
    eve = Submission.objects.latest("pk").secret
    post(visitor, world, f"?again={eve}")
    assert not Submission.objects.latest("pk").created_by_form


def test_both_languages_are_offered(world: World, visitor: Client) -> None:
    page = visitor.get(form_path(world.webinar) + "?source=x")
    assert "français" in page.content.decode() and "?source=x&amp;lang=fr" in page.content.decode()
    french = visitor.get(form_path(world.webinar) + "?lang=fr")
    assert french["Content-Language"] == "fr" and '<html lang="fr"' in french.content.decode()


def test_from_where_a_submission_came_is_forgotten(world: World, visitor: Client) -> None:
    post(visitor, world)
    post(visitor, world, email="bo@example.com")
    old = Submission.objects.earliest("pk")
    Submission.objects.filter(pk=old.pk).update(submitted_at=timezone.now() - dt.timedelta(hours=1))
    clean_up()
    assert [bool(item.sender) for item in Submission.objects.order_by("pk")] == [False, True]
