"""Rejected registrations of one cause are repaired together, and no one's change is overwritten."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from platforms.records import RegistrationField, RegistrationFields, RegistrationQuestion
from registration_forms import fields as formfields
from registration_forms.repair import causes
from tests.factories import registration_in
from tests.fixtures.world import World, signed_in
from tests.mailings.conftest import text_of
from webinars.models import Registration, Webinar

State = Registration.State
QUESTION = RegistrationQuestion("7", "Why do you come?", True, "shortAnswer", 128, ())


@pytest.fixture
def webinar(world: World) -> Webinar:
    """An upcoming webinar that requires a job title, an industry of a list, and an answer."""
    soon = timezone.now() + dt.timedelta(days=3)
    fields = RegistrationFields(
        fields=(
            RegistrationField("job_title", True, 128, ()),
            RegistrationField("industry", True, 128, ("Health", "Schools")),
        ),
        questions=(QUESTION,),
    )
    Webinar.objects.update(
        starts_at=soon, ends_at=soon + dt.timedelta(hours=1), form_fields=formfields.stored(fields)
    )
    world.webinar.refresh_from_db()
    return world.webinar


COMPLETE = {
    "job_title": "CTO", "industry": "Health", "answers": [[QUESTION.question, "To learn"]],
}  # fmt: skip


def reject(world: World, number: int, *without: str, **values: Any) -> Registration:
    registration = world.registrations[number]
    submitted = {name: value for name, value in COMPLETE.items() if name not in without}
    Registration.objects.filter(pk=registration.pk).update(
        **registration_in(
            State.REJECTED,
            problem_code="push.refused",
            join_url="",
            submitted=submitted | values.pop("submitted", {}),
            **values,
        )
    )
    registration.refresh_from_db()
    return registration


def address(webinar: Webinar) -> str:
    return f"/webinars/{webinar.pk}/rejected/"


def opened(client: Client, webinar: Webinar, place: int = 0) -> dict[str, str]:
    """Return the hidden fields of one cause's form on the page."""
    page = client.get(address(webinar)).content.decode()
    form = re.findall(r'<form method="post" novalidate>.*?</form>', page, re.DOTALL)[place]
    return dict(re.findall(r'name="(cause|seen-\d+)" value="([^"]*)"', form))


def test_registrations_are_grouped_by_what_they_lack(world: World, webinar: Webinar) -> None:
    reject(world, 0, "job_title")
    reject(world, 1, "job_title", rejected_fields=["job_title"])
    reject(world, 2, "answers")
    reject(world, 3, submitted={"industry": "Robots"})
    reject(world, 4, rejected_fields=["email"])
    reject(world, 5)
    found = {cause.names: len(cause.registrations) for cause in causes(webinar)}
    assert found == {
        ("job_title",): 2, ("question_7",): 1, ("industry",): 1, ("email",): 1, (): 1,
    }  # fmt: skip


def test_one_answer_for_all_and_some_of_their_own_are_sent_again(
    world: World, webinar: Webinar, marketer: Client
) -> None:
    people = [reject(world, number, "job_title", "answers") for number in range(3)]
    page = text_of(marketer.get(address(webinar)))
    assert "Missing or refused: Job title, Why do you come? 3 people" in page
    posted = opened(marketer, webinar) | {
        "all-job_title": "Nurse",
        "all-question_7": "A colleague said so",
        f"{people[1].pk}-job_title": "Doctor",
    }
    done: Any = marketer.post(address(webinar), posted)
    assert done.url == f"{address(webinar)}sent/"
    for person in people:
        person.refresh_from_db()
        assert person.state == State.PENDING and person.submitted["industry"] == "Health"
        assert person.submitted["answers"] == [[QUESTION.question, "A colleague said so"]]
        assert person.contact.job_title == "", "the contact stays as it is (rule 3)"
    assert [row.submitted["job_title"] for row in people] == ["Nurse", "Doctor", "Nurse"]

    result = marketer.get(done.url)
    assert "3 are on their way to GoToWebinar" in text_of(result)
    assert "data-live" in result.content.decode() and "live.js" in result.content.decode()
    Registration.objects.filter(pk=people[0].pk).update(
        **registration_in(State.REGISTERED, join_url="https://join.example/1")
    )
    Registration.objects.filter(pk__in=[row.pk for row in people[1:]]).update(
        **registration_in(State.REJECTED, problem_code="push.refused", platform_message="No")
    )
    result = marketer.get(done.url)
    text = text_of(result)
    assert "All have a result." in text and "Fix 2 rejected registrations" in text
    assert "GoToWebinar rejected this registration. Its message says why. “No”" in text
    assert "data-live" not in result.content.decode()


def test_anyone_who_lacks_an_answer_still_is_not_sent(
    world: World, webinar: Webinar, marketer: Client
) -> None:
    people = [reject(world, number, "job_title") for number in range(2)]
    posted = opened(marketer, webinar) | {f"{people[0].pk}-job_title": "Doctor"}
    page = text_of(marketer.post(address(webinar), posted, follow=True))
    assert "1 person still lacks an answer and was not sent again." in page
    assert "1 registration is being sent again." in page
    assert [Registration.objects.get(pk=row.pk).state for row in people] == ["pending", "rejected"]
    page = text_of(marketer.post(address(webinar), opened(marketer, webinar), follow=True))
    assert "1 person still lacks an answer" in page and "being sent again" not in page


def test_a_registration_that_changed_in_the_meantime_is_not_overwritten(
    world: World, webinar: Webinar, marketer: Client
) -> None:
    people = [reject(world, number, "job_title") for number in range(3)]
    posted = opened(marketer, webinar) | {"all-job_title": "Nurse"}
    # A colleague has sent two of them again; one was refused again for the same reason.
    Registration.objects.filter(pk=people[0].pk).update(
        **registration_in(State.PENDING, submitted=COMPLETE | {"job_title": "Surgeon"})
    )
    Registration.objects.filter(pk=people[1].pk).update(
        registered_at=timezone.now(), submitted=COMPLETE | {"job_title": "Head"},
        rejected_fields=["job_title"],
    )  # fmt: skip
    page = text_of(marketer.post(address(webinar), posted, follow=True))
    assert "2 registrations were changed by a colleague in the meantime" in page
    assert "1 registration is being sent again." in page
    titles = [Registration.objects.get(pk=row.pk).submitted["job_title"] for row in people]
    assert titles == ["Surgeon", "Head", "Nurse"]


def test_mistakes_appear_at_their_field(world: World, webinar: Webinar, marketer: Client) -> None:
    person = reject(world, 0, rejected_fields=["email"])
    posted = opened(marketer, webinar)
    page = marketer.get(address(webinar)).content.decode()
    assert f'name="{person.pk}-email" value="p0@example.com"' in page, "as it was sent"
    assert "One answer for all" not in page, "an address is each person's own"
    answer = marketer.post(address(webinar), posted | {f"{person.pk}-email": "nobody"})
    assert answer.status_code == 422
    assert "Nothing was sent yet" in text_of(answer)
    assert "not an email address" in text_of(answer)
    person.refresh_from_db()
    assert person.state == State.REJECTED
    marketer.post(address(webinar), posted | {f"{person.pk}-email": "ann@example.com"})
    person.refresh_from_db()
    assert (person.state, person.submitted["email"]) == (State.PENDING, "ann@example.com")


def test_a_refused_value_is_shown_and_no_answer(
    world: World, webinar: Webinar, marketer: Client
) -> None:
    person = reject(world, 0, submitted={"industry": "Robots"})
    assert "Refused: “Robots”" in text_of(marketer.get(address(webinar)))
    posted = opened(marketer, webinar)
    assert "still lacks" in text_of(marketer.post(address(webinar), posted, follow=True))
    marketer.post(address(webinar), posted | {"all-industry": "Schools"})
    person.refresh_from_db()
    assert (person.state, person.submitted["industry"]) == (State.PENDING, "Schools")


def test_without_a_named_field_all_are_sent_again_as_they_are(
    world: World, webinar: Webinar, marketer: Client
) -> None:
    person = reject(world, 0, platform_message="Try again")
    page = text_of(marketer.get(address(webinar)))
    assert "GoToWebinar did not say which field is wrong." in page and "“Try again”" in page
    marketer.post(address(webinar), opened(marketer, webinar))
    person.refresh_from_db()
    assert person.state == State.PENDING and person.submitted == COMPLETE


def test_more_people_than_the_page_shows_get_the_answer_for_all(
    world: World, webinar: Webinar, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registration_forms.views import repair

    monkeypatch.setattr(repair, "_SHOWN", 1)
    people = [reject(world, number, "job_title") for number in range(3)]
    assert "2 more people get the answer for all." in text_of(marketer.get(address(webinar)))
    marketer.post(address(webinar), opened(marketer, webinar) | {"all-job_title": "Nurse"})
    states = {Registration.objects.get(pk=row.pk).state for row in people}
    assert states == {State.PENDING}


def test_very_many_are_repaired_batch_by_batch(
    world: World, webinar: Webinar, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registration_forms import repair
    from registration_forms.views import repair as views

    for module in (repair, views):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    for number in range(3):
        reject(world, number, "job_title")
    page = text_of(marketer.get(address(webinar)))
    assert "2 people" in page and "1 more registration is shown once these are sent." in page
    marketer.post(address(webinar), opened(marketer, webinar) | {"all-job_title": "Nurse"})
    assert "more registration" not in text_of(marketer.get(address(webinar)))
    assert webinar.registrations.pending().count() == 2


def test_nothing_to_fix_leads_back(world: World, webinar: Webinar, marketer: Client) -> None:
    audience = f"/webinars/{webinar.pk}/audience/rejected/"
    assert marketer.get(address(webinar)).headers["Location"] == audience
    reject(world, 0, "job_title")
    assert address(webinar) in marketer.get(audience).content.decode()
    assert marketer.post(address(webinar), {"cause": "x"}).headers["Location"] == address(webinar)
    for wrong in ("x", "", "9999-99-99T00:00:00"):
        posted = {f"seen-{world.registrations[0].pk}": wrong, "seen-x": wrong}
        posted |= {"cause": opened(marketer, webinar)["cause"], "all-job_title": "Nurse"}
        marketer.post(address(webinar), posted)
    assert Registration.objects.get(pk=world.registrations[0].pk).state == State.REJECTED
    Webinar.objects.update(ends_at=timezone.now() - dt.timedelta(hours=1), starts_at=None)
    assert marketer.get(address(webinar)).headers["Location"] == audience
    assert address(webinar) not in marketer.get(audience).content.decode()
    assert "pending" in marketer.get(f"{address(webinar)}sent/").headers["Location"]


def test_only_users_who_may_change_registrations_repair_them(
    world: World, webinar: Webinar
) -> None:
    reject(world, 0, "job_title")
    without_rights = signed_in(None)
    assert without_rights.get(address(webinar)).status_code == 403
    assert without_rights.get(f"{address(webinar)}sent/").status_code == 403


def test_the_form_of_one_begins_with_what_is_wrong_and_overwrites_no_one(
    world: World, webinar: Webinar, marketer: Client
) -> None:
    person = reject(world, 0, "job_title")
    form = f"/webinars/registrations/{person.pk}/correct/"
    page = text_of(marketer.get(form))
    assert page.index("Job title") < page.index("The other fields") < page.index("First name")
    values = {
        "first_name": "First0", "last_name": "Last0", "email": "p0@example.com",
        "job_title": "Nurse", "industry": "Health", "question_7": "To learn",
        "seen": person.registered_at.isoformat(),
    }  # fmt: skip
    Registration.objects.filter(pk=person.pk).update(registered_at=timezone.now())
    page = text_of(marketer.post(form, values, follow=True))
    assert "someone else has changed this registration in the meantime" in page
    person.refresh_from_db()
    assert person.state == State.REJECTED


def test_more_people_need_no_more_queries(world: World, webinar: Webinar, marketer: Client) -> None:
    counts = []
    for number in range(4):
        reject(world, number, "job_title")
        marketer.get(address(webinar))
        with CaptureQueriesContext(connection) as queries:
            assert marketer.get(address(webinar)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[-1]
