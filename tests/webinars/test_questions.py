"""Who asked a question, and who has no answer yet."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from contacts.activities import record_activities
from contacts.models import Activity
from core.audit import in_words
from mailings.models import Mailing
from tests.factories import ActivityFactory, UserFactory
from tests.fixtures.world import World, signed_in
from webinars.analytics.questions import unanswered


@pytest.fixture
def asked(world: World) -> World:
    contact = world.registrations[0].contact
    for number, answers in enumerate(
        ([], [{"answer": "Yes.", "answered_by": "Ann"}], [{"answer": "No.", "answered_by": "337"}])
    ):
        Activity.objects.create(
            contact=contact, key=f"q{number}", kind="question", happened_at=timezone.now(),
            webinar_key=world.webinar.key, data={"question": f"=Why {number}?", "answers": answers},
            is_unanswered=not answers,
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
    # A number is not a name.
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


def test_a_webinar_without_questions_reports_it(world: World, marketer: Client) -> None:
    assert "No questions yet." in marketer.get(address(world)).content.decode()


def test_without_permission_to_view_registrations_no_questions_are_shown(world: World) -> None:
    assert signed_in(None).get(address(world)).status_code == 403


def test_a_question_is_marked_as_answered_and_stays_so(asked: World, marketer: Client) -> None:
    question = Activity.objects.get(key="q0")
    page = marketer.get(address(asked, "?show=unanswered")).content.decode()
    assert f"mailto:{question.contact.email}" in page
    answer = marketer.post(address(asked, f"{question.pk}/answered/"), follow=True)
    assert "Every question has an answer." in answer.content.decode()
    assert "Marked as answered on" in marketer.get(address(asked)).content.decode()
    # The next sync reads the same question, still without an answer there.
    again = Activity(
        contact=question.contact, key="q0", kind="question", happened_at=question.happened_at,
        webinar_key=asked.webinar.key, data=question.data,
    )  # fmt: skip
    record_activities([again], replace=True)
    assert not unanswered(Activity.objects.all()).exists()
    assert "A question was marked as answered." in in_words(LogEntry.objects.get()).sentence


def test_an_answer_that_arrives_later_closes_the_question(asked: World) -> None:
    question = Activity.objects.get(key="q0")
    assert list(unanswered(Activity.objects.all())) == [question]
    answers = [{"answer": "Yes.", "answered_by": "Ann"}]
    question.data = {"question": "Why?", "answers": answers}
    record_activities([question], replace=True)
    assert not unanswered(Activity.objects.all()).exists()


def test_view_permission_allows_no_marking(asked: World, client: Client) -> None:
    question = Activity.objects.get(key="q0")
    reader = UserFactory.create(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_registration"))
    client.force_login(reader)
    assert client.post(address(asked, f"{question.pk}/answered/")).status_code == 403
    assert "Mark as answered" not in client.get(address(asked)).content.decode()


def test_those_who_asked_are_emailed(world: World, marketer: Client) -> None:
    asked = [
        ActivityFactory.create(
            contact=world.registrations[number].contact,
            webinar=world.webinar,
            question=True,
            key=f"question:{place}",
            is_unanswered=place > 0,
        )
        for place, number in enumerate((0, 1, 1, 2))
    ]
    address = f"/webinars/{world.webinar.pk}/questions/"
    email = {"action": "write_to_contacts"}
    not_asked = world.registrations[5].contact_id
    # A person who asked twice counts once, and one who did not ask cannot be chosen.
    chosen = [asked[1].contact_id, asked[2].contact_id, not_asked]
    answer = marketer.post(address, email | {"_selected_action": chosen})
    mailing = Mailing.objects.get()
    assert answer["Location"] == f"/mailings/{mailing.pk}/"
    assert [row.contact_id for row in mailing.recipients.all()] == [asked[1].contact_id]
    # "All" are all that are shown.
    marketer.post(f"{address}?show=unanswered", email | {"select_across": "1"})
    recipients = Mailing.objects.latest("pk").recipients
    assert {row.contact_id for row in recipients.all()} == {item.contact_id for item in asked[1:]}
    before = Mailing.objects.count()
    for query in ("?show=x", ""):
        shown = marketer.post(address + query, email, follow=True).content.decode()
        assert "Select people first." in shown
    marketer.post(f"{address}?show=x", email | {"select_across": "1"})
    assert Mailing.objects.count() == before
