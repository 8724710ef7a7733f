"""Who asked something, and who has had no answer?"""

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Activity
from tests.fixtures.world import World, signed_in


@pytest.fixture
def asked(world: World) -> World:
    contact = world.registrations[0].contact
    for number, answers in enumerate(
        ([], [{"answer": "Yes.", "answered_by": "Ann"}], [{"answer": "No.", "answered_by": "337"}])
    ):
        Activity.objects.create(
            contact=contact, key=f"q{number}", kind="question", happened_at=timezone.now(),
            webinar_key=world.webinar.key, data={"question": f"=Why {number}?", "answers": answers},
        )  # fmt: skip
    for number, answer in enumerate((["Blue"], ["Red", "Blue"])):
        Activity.objects.create(
            contact=world.registrations[number].contact, key="p", kind="poll",
            happened_at=timezone.now(), webinar_key=world.webinar.key,
            data={"question": "Which?", "answers": answer},
        )  # fmt: skip
    return world


def address(world: World, rest: str = "") -> str:
    return f"/webinars/{world.webinar.pk}/questions/{rest}"


def test_questions_are_shown_with_their_answers(asked: World, marketer: Client) -> None:
    page = marketer.get(address(asked)).content.decode()
    assert "Why 0?" in page and "Not answered yet" in page
    assert "Answer by Ann: Yes." in page
    # A number is nobody's name.
    assert "Answer: No." in page and "by 337" not in page
    assert f"/admin/contacts/contact/{asked.registrations[0].contact_id}/change/" in page


def test_only_those_without_an_answer(asked: World, marketer: Client) -> None:
    page = marketer.get(address(asked, "?show=unanswered")).content.decode()
    assert "Why 0?" in page and "Why 1?" not in page


def test_polls_are_counted(asked: World, marketer: Client) -> None:
    response = marketer.get(address(asked))
    (poll,) = response.context["polls"]
    assert (poll.question, poll.people, poll.counted) == ("Which?", 2, [("Blue", 2), ("Red", 1)])


def test_the_file_holds_what_is_shown_and_no_formula(asked: World, marketer: Client) -> None:
    rows = marketer.get(address(asked, "export.csv?show=unanswered")).getvalue().decode("utf-8-sig")
    assert len(rows.strip().splitlines()) == 2
    assert "'=Why 0?" in rows and "p0@example.com" in rows


def test_a_webinar_without_questions_says_so(world: World, marketer: Client) -> None:
    assert "No questions yet." in marketer.get(address(world)).content.decode()


def test_who_may_not_see_registrations_sees_no_questions(world: World) -> None:
    assert signed_in(None).get(address(world)).status_code == 403
