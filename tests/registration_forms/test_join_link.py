"""The join link belongs to the submission that registered the person, regardless of who else types
the address.

Anyone can type any address. The page of a submission shows the link if the platform created the
registrant of that very submission, and as long as the registration is that registrant's.
"""

import datetime as dt
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone

from contacts import merge
from contacts.models import AlternateEmail, Contact
from platforms.errors import AlreadyRegistered
from registration_forms.links import own_link
from registration_forms.models import Submission
from registration_forms.registrations import FormData, resubmit, submit
from sync.push.push import push
from tests.factories import registration_in
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from webinars.models import Registration, Webinar

State = Registration.State
LINK = "https://join.example/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def goto() -> FakeGoTo:
    return FakeGoTo()


@pytest.fixture
def webinar() -> Webinar:
    now = timezone.now()
    return make_webinar(
        starts_at=now + HOUR,
        ends_at=now + 2 * HOUR,
        times=[[(now + HOUR).isoformat(), (now + 2 * HOUR).isoformat()]],
        form_enabled=True,
    )


def posted(
    webinar: Webinar, email: str = "ana@example.com", corrects: Submission | None = None
) -> Submission:
    submitted = {"first_name": "Ana", "last_name": "Núñez", "email": email}
    return submit(webinar, FormData(submitted, corrects=corrects))


def pushed(goto: FakeGoTo, submission: Submission) -> Registration:
    with goto.in_place():
        push(submission.registration_id)
    submission.registration.refresh_from_db()
    return submission.registration


def shown(*submissions: Submission) -> list[bool]:
    """Return for each submission whether its page, or its calendar file, has a join link."""
    found = []
    for item in submissions:
        slug = item.registration.webinar.slug
        page, file = (
            Client().get(f"/register/{slug}/{item.secret}/{name}").content.decode()
            for name in ("", "webinar.ics")
        )
        assert (LINK in page) == (LINK in file.replace("\r\n ", ""))
        found.append(LINK in page)
    return found


@pytest.mark.rule(3)
def test_who_registered_the_person_sees_it_and_no_one_else(
    goto: FakeGoTo, webinar: Webinar
) -> None:
    mine = posted(webinar)
    assert pushed(goto, mine).state == State.REGISTERED
    stranger = posted(webinar, "ANA@example.com")
    assert shown(mine, stranger) == [True, False]
    assert mine.secret in own_link(mine.registration), "mails lead to the page with the link"


@pytest.mark.parametrize("state", [State.REJECTED, State.OVERFLOW])
def test_a_person_who_typed_the_address_first_does_not_get_the_registrants_link(
    goto: FakeGoTo, webinar: Webinar, state: str
) -> None:
    stranger = posted(webinar)
    Registration.objects.update(**registration_in(state))
    mine = posted(webinar)
    pushed(goto, mine)
    assert shown(stranger, mine) == [False, True]


def test_nor_the_link_of_someone_who_cancelled_and_comes_back(
    goto: FakeGoTo, webinar: Webinar
) -> None:
    stranger = posted(webinar)
    pushed(goto, stranger)
    assert shown(stranger) == [True]
    Registration.objects.update(cancelled_at=timezone.now())
    mine = posted(webinar)
    pushed(goto, mine)
    assert shown(stranger, mine) == [False, True]


@pytest.mark.parametrize("state", [State.PENDING, State.REJECTED, State.OVERFLOW])
def test_nor_of_who_registered_on_goto_in_the_meantime(
    goto: FakeGoTo, webinar: Webinar, state: str
) -> None:
    stranger = posted(webinar)
    Registration.objects.update(**registration_in(state))
    goto.register("ana@example.com", timezone.now(), joinUrl=f"{LINK}real")
    goto.sync(webinar)
    registration = Registration.objects.get()
    assert (registration.state, registration.join_url) == (State.REGISTERED, f"{LINK}real")
    assert shown(stranger) == [False]


def test_nor_of_a_second_registrant_once_their_own_is_gone(
    goto: FakeGoTo, webinar: Webinar
) -> None:
    stranger = posted(webinar)
    pushed(goto, stranger)
    created_by_form = goto.register("ana@example.com", timezone.now(), registrantKey="777")
    goto.register(
        "ana@example.com", timezone.now(), registrantKey="2", joinUrl=f"{LINK}real", lastName="B"
    )
    goto.sync(webinar)
    assert shown(stranger) == [True]
    goto.registrants.remove(created_by_form)
    Registration.objects.update(cancelled_at=timezone.now())
    goto.sync(webinar)
    assert Registration.objects.get().join_url == f"{LINK}real"
    assert shown(stranger) == [False]


def test_nor_of_people_whom_goto_already_had(goto: FakeGoTo, webinar: Webinar) -> None:
    stranger = posted(webinar)
    goto.register("ana@example.com", timezone.now() - dt.timedelta(days=1), registrantKey="5")
    with patch(
        "platforms.gotowebinar.Client.create_registrant",
        side_effect=AlreadyRegistered("there", status=409, registrant_key="5"),
    ):
        pushed(goto, stranger)
    assert Registration.objects.get().registrant_key == "5"
    assert shown(stranger) == [False]


@pytest.mark.rule(3)
@pytest.mark.parametrize("known_here", [True, False])
def test_nor_of_someone_whom_goto_mistakes_for_them(
    goto: FakeGoTo, webinar: Webinar, known_here: bool
) -> None:
    """GoTo may ignore case: its "already registered" is then about another mailbox, whose link is
    in no column of this person, and so in no email of ours."""
    goto.register("ana@strasse.example", timezone.now(), registrantKey="5", joinUrl=f"{LINK}theirs")
    if known_here:
        goto.sync(webinar)
    mine = posted(webinar, "ana@straße.example")
    with patch(
        "platforms.gotowebinar.Client.create_registrant",
        side_effect=AlreadyRegistered("there", status=409, registrant_key="5"),
    ):
        registration = pushed(goto, mine)
    assert (registration.state, registration.registrant_key) == (State.REJECTED, "")
    assert registration.join_url == ""
    assert "similar" in registration.problem
    assert shown(mine) == [False]
    goto.sync(webinar)
    theirs = Registration.objects.get(registrant_key="5")
    assert theirs.contact.email == "ana@strasse.example"


def test_nor_of_a_registrant_who_is_known_here_as_another_contact(
    goto: FakeGoTo, webinar: Webinar
) -> None:
    """A colleague has changed that contact's address, and removed the former one."""
    goto.register("ana@example.com", timezone.now(), registrantKey="5", joinUrl=f"{LINK}theirs")
    goto.sync(webinar)
    Contact.objects.update(email="new@example.com", email_key="new@example.com")
    AlternateEmail.objects.all().delete()
    mine = posted(webinar)
    with patch(
        "platforms.gotowebinar.Client.create_registrant",
        side_effect=AlreadyRegistered("there", status=409, registrant_key="5"),
    ):
        registration = pushed(goto, mine)
    assert (registration.state, registration.join_url) == (State.REGISTERED, "")
    assert shown(mine) == [False]
    assert Registration.objects.get(registrant_key="5").join_url == f"{LINK}theirs"


def test_a_sync_that_is_quicker_than_the_answer_removes_nothing(
    goto: FakeGoTo, webinar: Webinar
) -> None:
    mine = posted(webinar)
    goto.register("ana@example.com", timezone.now(), registrantKey="777", joinUrl=f"{LINK}777")
    ask = goto.client().create_registrant

    def slowly(_client: object, *arguments: object) -> object:
        created = ask(*arguments)  # type: ignore[arg-type]
        goto.sync(webinar)
        return created

    with patch("platforms.gotowebinar.Client.create_registrant", slowly):
        pushed(goto, mine)
    assert shown(mine) == [True]


def test_two_people_who_are_merged_keep_their_links_apart(goto: FakeGoTo, webinar: Webinar) -> None:
    first, second = posted(webinar), posted(webinar, "second@example.com")
    for number, item in enumerate((first, second)):
        pushed(goto, item)
        Registration.objects.filter(pk=item.registration_id).update(
            registrant_key=str(number), join_url=f"{LINK}{number}"
        )
        Submission.objects.filter(pk=item.pk).update(registrant_key=str(number))
    assert shown(first, second) == [True, True]
    merge.merge(first.registration.contact_id, second.registration.contact_id, (), None)
    for item in (first, second):
        item.refresh_from_db()
    assert shown(first, second) == [True, False]


def test_who_corrects_their_own_submission_keeps_the_link(goto: FakeGoTo, webinar: Webinar) -> None:
    first = posted(webinar)
    before = posted(webinar, corrects=first)
    pushed(goto, first)
    first.refresh_from_db()
    after = posted(webinar, corrects=first)
    assert shown(first, before, after) == [True, True, True]


def test_a_submission_that_a_colleague_corrected_to_another_address_shows_no_link(
    goto: FakeGoTo, webinar: Webinar
) -> None:
    stranger = posted(webinar)
    Registration.objects.update(**registration_in(State.REJECTED))
    submitted = stranger.submitted | {"email": "boss@example.com"}
    stranger.registration.refresh_from_db()
    assert resubmit(stranger.registration, submitted)
    pushed(goto, stranger)
    assert goto.posted[-1]["email"] == "boss@example.com"
    assert shown(stranger) == [False]


def test_a_lookalike_is_another_person_with_their_own_link(
    goto: FakeGoTo, webinar: Webinar
) -> None:
    one, other = posted(webinar, "ana@straße.example"), posted(webinar, "ana@strasse.example")
    assert one.registration_id != other.registration_id
    pushed(goto, one)
    assert shown(one, other) == [True, False]
