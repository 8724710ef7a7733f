"""The submitted values of every registration are read once, with calls that no one else needs."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.utils import timezone

from contacts.models import Contact, OptOut
from core.db_threads import database_in_thread
from core.models import CallCount
from core.rate_limit.database import Priority, SharedRateLimiter
from platforms.client_factory import rate_limiter_for
from platforms.gotowebinar import Client
from platforms.models import Connection
from registration_forms.models import Submission
from sync import opt_out_check, runs
from sync.models import SyncRun
from sync.pull.details_backfill import read_unread
from tests.factories import ContactFactory, RegistrationFactory, WebinarFactory, connection_in
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from tests.fixtures.world import signed_in
from webinars.analytics.registration_pace import sources
from webinars.models import Registration, Webinar
from webinars.profile_differences import differences
from webinarsync import roles

pytestmark = [pytest.mark.django_db, pytest.mark.rule(3)]
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def one_at_a_time(settings: Any) -> None:
    """Read one registrant after the other, so that the order of calls is known."""
    settings.GOTO_PARALLEL_CALLS = 1


@pytest.fixture
def webinar() -> Webinar:
    return make_webinar()


@pytest.fixture
def goto() -> FakeGoTo:
    return FakeGoTo()


def unread(webinar: Webinar, goto: FakeGoTo, count: int = 1, **values: Any) -> list[Registration]:
    """Register existing contacts: the list contains only their names."""
    made = []
    for number in range(count):
        at = timezone.now() - number * HOUR
        row = goto.register(f"p{len(goto.registrants)}@example.com", at, jobTitle="Director")
        made.append(
            RegistrationFactory.create(
                webinar=webinar,
                contact=ContactFactory.create(email=row["email"], job_title="Manager", phone=""),
                registrant_key=row["registrantKey"],
                registered_at=at,
                **{"details_read_at": None} | values,
            )
        )
    return made


def job(goto: FakeGoTo, **options: Any) -> int:
    with goto.in_place():
        return read_unread(**options)


def asked(goto: FakeGoTo) -> list[str]:
    """Return the keys of the registrants read, in order."""
    keys = [path.removeprefix("registrants/") for path in goto.calls]
    goto.calls.clear()
    return keys


def read() -> int:
    return Registration.objects.exclude(details_read_at=None).count()


# -- what is kept ----------------------------------------------------------------------------------


def test_all_that_a_known_contact_submitted_is_stored_and_offered(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    [registration] = unread(webinar, goto)
    goto.registrants[0] |= {
        "phone": "+44 1",
        "responses": [{"question": "Why?", "answer": "Because"}],
        "employeeCount": "11-50",
        "purchasingRole": "Decision maker",
        "implementationTimeFrame": "Within a year",
        "questionsAndComments": "Will there be slides?",
        "type": "LATE",
        "source": "Newsletter 12",
    }
    before = Contact.objects.values().get()
    assert job(goto) == 1
    assert Contact.objects.values().get() == before
    registration.refresh_from_db()
    assert registration.submitted == {
        "email": "p0@example.com",
        "first_name": registration.contact.first_name,
        "last_name": registration.contact.last_name,
        "job_title": "Director",
        "phone": "+44 1",
        "answers": [["Why?", "Because"]],
        "employees": "11-50",
        "purchasing_role": "Decision maker",
        "purchasing_time_frame": "Within a year",
        "comments": "Will there be slides?",
        "registration_type": "LATE",
    }
    offered = [(item.name, item.submitted) for item in differences(registration)]
    assert sorted(offered) == [("job_title", "Director"), ("phone", "+44 1")]
    assert sources(webinar) == [("Newsletter 12", 1)]
    assert registration.details_read_at is not None
    # Once, and not again.
    asked(goto)
    assert job(goto) == 0 and not asked(goto)


def test_a_new_contact_has_all_of_it_at_once(webinar: Webinar, goto: FakeGoTo) -> None:
    goto.register(
        "new@example.com", timezone.now(), numberOfEmployees=70, source="Fair", type="REGULAR"
    )
    goto.sync(webinar)
    registration = Registration.objects.get()
    assert registration.submitted["employees"] == "70"
    assert "registration_type" not in registration.submitted
    assert registration.referral_source == "Fair"
    assert registration.details_read_at is not None


@pytest.mark.parametrize("source", ["form", "marketer", "import"])
def test_existing_answers_stay_and_what_is_missing_is_added(
    webinar: Webinar, goto: FakeGoTo, source: str
) -> None:
    submitted = {"phone": "1", "answers": [["Why?", "Because"]]}
    [registration] = unread(
        webinar, goto, source=source, submitted=submitted, referral_source="our page"
    )
    goto.registrants[0] |= {
        "phone": "2",
        # Their contact's: it was sent from here.
        "city": registration.contact.city,
        "address": "1 Long Lane",
        "responses": [
            {"question": "Why?", "answer": "Other"}, {"question": "How?", "answer": "So"},
        ],
        "source": "GoTo's page",
    }  # fmt: skip
    job(goto)
    registration.refresh_from_db()
    assert registration.submitted == {
        "phone": "1",
        "job_title": "Director",
        "address": "1 Long Lane",
        "answers": [["Why?", "Because"], ["How?", "So"]],
    }
    assert registration.referral_source == "our page"


def test_what_a_form_of_ours_collected_later_stays_too(webinar: Webinar, goto: FakeGoTo) -> None:
    [registration] = unread(webinar, goto, submitted={"job_title": "Engineer"})
    Submission.objects.create(registration=registration, submitted=registration.submitted)
    job(goto)
    registration.refresh_from_db()
    assert registration.submitted["job_title"] == "Engineer"


@pytest.mark.rule(11)
def test_who_opted_out_there_is_opted_out_here(webinar: Webinar, goto: FakeGoTo) -> None:
    [registration] = unread(webinar, goto)
    goto.registrants[0]["unsubscribed"] = True
    job(goto)
    assert OptOut.objects.get().contact == registration.contact


def test_anyone_who_comes_back_with_another_key_is_read_again(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    now = timezone.now()
    [registration] = unread(webinar, goto, details_read_at=now, cancelled_at=now)
    goto.registrants.clear()
    goto.register("p0@example.com", now, registrantKey="2", jobTitle="Owner")
    with goto.in_place():
        runs.sync_webinar(webinar, trigger=SyncRun.Trigger.SCHEDULE)
    registration.refresh_from_db()
    assert (registration.registrant_key, registration.details_read_at) == ("2", None)
    job(goto)
    registration.refresh_from_db()
    assert registration.submitted["job_title"] == "Owner"


@pytest.mark.rule(11)
def test_what_is_read_before_an_email_goes_is_stored_too(webinar: Webinar, goto: FakeGoTo) -> None:
    [registration] = unread(webinar, goto)
    with goto.in_place():
        opt_out_check.refresh([registration])
    registration.refresh_from_db()
    assert registration.submitted["job_title"] == "Director"
    assert job(goto) == 0


# -- who is read, and in which order ---------------------------------------------------------------


def test_webinars_to_come_are_read_first_and_the_newest_registrations(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    past = unread(webinar, goto, 2)
    now = timezone.now()
    soon = WebinarFactory.create(
        connection=webinar.connection,
        sync_enabled=True,
        starts_at=now + HOUR,
        ends_at=now + 2 * HOUR,
    )
    coming = unread(soon, goto, 2)
    job(goto)
    assert asked(goto) == [row.registrant_key for row in (*coming, *past)]


@pytest.mark.parametrize(
    "change",
    [
        {"webinar": {"sync_enabled": False}},
        {"webinar": {"state": Webinar.State.GONE}},
        {"connection": connection_in(Connection.State.DISCONNECTED)},
        {"connection": connection_in(Connection.State.SIGN_IN_NEEDED)},
        {"registration": {"cancelled_at": timezone.now()}},
        {"registration": {"registrant_key": ""}},
    ],
)
@pytest.mark.rule(1)
def test_no_one_is_read_of_whom_nothing_is_asked(
    webinar: Webinar, goto: FakeGoTo, change: dict[str, dict[str, Any]]
) -> None:
    unread(webinar, goto)
    Webinar.objects.update(**change.get("webinar", {"sync_enabled": True}))
    Connection.objects.update(**change.get("connection", {"email": "o@example.com"}))
    Registration.objects.update(**change.get("registration", {"problem_code": ""}))
    assert job(goto) == 0
    assert not asked(goto)


def test_a_person_missing_there_has_no_details_and_is_not_cancelled(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    [registration] = unread(webinar, goto)
    goto.registrants.clear()
    job(goto)
    registration.refresh_from_db()
    assert registration.details_read_at is not None and registration.cancelled_at is None
    asked(goto)
    assert job(goto) == 0 and not asked(goto)


# -- errors ----------------------------------------------------------------------------------------


@pytest.mark.rule(10)
def test_a_person_who_cannot_be_read_does_not_block_the_others(
    webinar: Webinar, goto: FakeGoTo
) -> None:
    people = unread(webinar, goto, 4)
    bad = people[1].registrant_key
    goto.unreadable.add(bad)
    assert job(goto) == 3
    assert bad in asked(goto)
    # They are not read again for a while; then they are.
    assert job(goto) == 0 and not asked(goto)
    goto.unreadable.clear()
    with time_machine.travel(timezone.now() + HOUR):
        assert job(goto) == 1
    assert Registration.objects.exclude(details_read_at=None).count() == 4


@pytest.mark.rule(10)
def test_three_errors_in_a_row_end_the_job_for_now(webinar: Webinar, goto: FakeGoTo) -> None:
    people = unread(webinar, goto, 45)
    goto.unreadable |= {row.registrant_key for row in people[:20]}
    assert job(goto) == 0
    assert len(asked(goto)) == 20
    # The next one continues with the others.
    assert job(goto) == 25


# -- time and turns --------------------------------------------------------------------------------


def test_it_expires(webinar: Webinar, goto: FakeGoTo) -> None:
    unread(webinar, goto, 3)
    assert job(goto, at_most=dt.timedelta()) == 0
    assert not asked(goto) and read() == 0


def test_two_workers_never_read_the_same_people(webinar: Webinar, goto: FakeGoTo) -> None:
    unread(webinar, goto)
    Connection.objects.update(reading_until=timezone.now() + HOUR)
    assert job(goto) == 0 and not asked(goto)
    # A killed process loses it when it expires.
    Connection.objects.update(reading_until=timezone.now() - HOUR)
    assert job(goto) == 1
    assert Connection.objects.get().reading_until is None


@pytest.mark.rule(1)
def test_what_is_switched_off_in_the_meantime_is_not_read(
    transactional_db: None, webinar: Webinar, goto: FakeGoTo
) -> None:
    unread(webinar, goto, 45)

    class SwitchedOff(FakeGoTo):
        def send(self, *args: Any, **options: Any) -> Any:
            with database_in_thread():
                Webinar.objects.update(sync_enabled=False)
            return super().send(*args, **options)

    # The current batch is the last one.
    assert job(SwitchedOff(registrants=goto.registrants)) == 20


class Limited(FakeGoTo):
    """A GoTo with a shared rate limit: `before_call` is called before each call, with its
    number."""

    def __init__(self, goto: FakeGoTo, before_call: Callable[[int], None]) -> None:
        super().__init__(registrants=goto.registrants)
        self.before_call = before_call

    def client(
        self, connection: Any = None, priority: Any = None, *, wait_at_most: Any = None, **_: Any
    ) -> Client:
        client = super().client()
        assert priority is Priority.BACKFILL
        client._budget = rate_limiter_for(connection, priority, wait_at_most=wait_at_most)
        return client

    def send(self, *args: Any, **options: Any) -> Any:
        self.before_call(len(self.calls) + 1)
        return super().send(*args, **options)


@pytest.fixture
def limited(settings: Any, transactional_db: None) -> None:
    """A limit, stored in a table, which each of the calling threads reads."""
    settings.GOTO_CALLS_PER_SECOND = 1000


def test_it_stops_at_the_first_waiting_call_of_someone_else(
    webinar: Webinar, goto: FakeGoTo, limited: None
) -> None:
    unread(webinar, goto, 45)

    def push_at_the_fifth(number: int) -> None:
        if number == 5:
            rate_limiter_for(webinar.connection, Priority.SCHEDULED).acquire()

    busy = Limited(goto, push_at_the_fifth)
    assert job(busy) == 5
    assert len(asked(busy)) == 5
    # What was read is stored, and the rest is read when calls are available.
    quiet = Limited(goto, lambda number: None)
    with patch("core.rate_limit.database._QUIET", 0.0):
        assert job(quiet) == 40


def test_its_calls_are_counted_separately(webinar: Webinar, goto: FakeGoTo, limited: None) -> None:
    unread(webinar, goto, 3)
    job(Limited(goto, lambda number: None))
    counted = CallCount.objects.values_list("priority", "calls")
    assert dict(counted) == {"backfill": 3}


# -- in a sync -------------------------------------------------------------------------------------


def listed(goto: FakeGoTo, count: int) -> None:
    """Add contacts of ours to GoTo's list, without a registration here."""
    for number in range(count):
        row = goto.register(f"listed{number}@example.com", timezone.now(), jobTitle="Director")
        ContactFactory.create(email=row["email"])


@pytest.mark.parametrize("trigger", [SyncRun.Trigger.SCHEDULE, SyncRun.Trigger.WEBHOOK])
def test_a_sync_that_no_one_waits_for_leaves_them_to_the_job(
    webinar: Webinar, goto: FakeGoTo, trigger: SyncRun.Trigger
) -> None:
    listed(goto, 2)
    with goto.in_place():
        run = runs.sync_webinar(webinar, trigger=trigger)
    assert run.state == SyncRun.State.DONE
    assert (Registration.objects.count(), read()) == (2, 0)
    assert job(goto) == 2


def test_a_sync_that_someone_waits_for_reads_a_few(webinar: Webinar, goto: FakeGoTo) -> None:
    unread(webinar, goto)
    listed(goto, 60)
    run = goto.sync(webinar)
    assert run.state == SyncRun.State.DONE
    assert read() == 50
    # They are no calls of the run, and existing people are the job's.
    assert Registration.objects.get(registrant_key="100").details_read_at is None
    assert job(goto) == 11


@pytest.mark.rule(10)
def test_who_cannot_be_read_then_does_not_fail_the_sync(webinar: Webinar, goto: FakeGoTo) -> None:
    listed(goto, 3)
    goto.unreadable.update({"100", "101", "102"})
    assert goto.sync(webinar).state == SyncRun.State.DONE
    assert read() == 0


def test_a_sync_leaves_them_to_the_job_where_calls_are_needed(
    webinar: Webinar, goto: FakeGoTo, limited: None, settings: Any
) -> None:
    listed(goto, 2)
    pushes = SharedRateLimiter(f"gotowebinar:{settings.GOTO_CLIENT_ID}", 10, sleep=lambda _: None)
    for _ in range(50):
        pushes.acquire()
    busy = Limited(goto, lambda number: None)
    with goto.in_place(), patch("sync.pull.details_backfill.client_for", busy.client):
        assert runs.sync_webinar(webinar, trigger=SyncRun.Trigger.MANUAL).state == "done"
    assert read() == 0 and not busy.calls


# -- pages in the meantime -------------------------------------------------------------------------


def test_pages_show_what_is_not_read_yet(webinar: Webinar, goto: FakeGoTo) -> None:
    marketer = signed_in(roles.MARKETERS)
    [registration, _] = unread(webinar, goto, 2)
    goto.registrants[0] |= {
        "jobTitle": "Manager",
        "responses": [{"question": "Why?", "answer": "Because"}],
        "purchasingRole": "Decision maker",
        "type": "LATE",
        "source": "Newsletter 12",
    }
    goto.registrants[1]["jobTitle"] = "Manager"
    submitted = f"/webinars/{webinar.pk}/submitted-values/"
    contact = f"/admin/contacts/contact/{registration.contact_id}/change/"
    page = marketer.get(submitted).content.decode()
    assert "The details of 2 registrations are not read yet" in page
    assert "No differences to review" not in page and "No differences so far" in page
    assert "details not read yet" in marketer.get(contact).content.decode()
    Webinar.objects.update(sync_enabled=False)
    assert "They are read when the sync of this webinar is on." in (
        marketer.get(submitted).content.decode()
    )
    Webinar.objects.update(sync_enabled=True)
    job(goto)
    page = marketer.get(submitted).content.decode()
    assert "not read yet" not in page and "No differences to review" in page
    page = marketer.get(contact).content.decode()
    assert "not read yet" not in page
    for text in (
        "Why?: Because",
        "Role in buying: Decision maker",
        "Source: Newsletter 12",
        "Registered: after the webinar, for its recording",
    ):
        assert text in page
