"""Data that two contacts have in common is merged without loss or duplicates."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from contacts import merge as merging
from contacts.models import Activity, Contact, Merge
from mailings.models import Mailing, Recipient
from platforms.records import Registrant, RegistrantStatus
from registration_forms import spam_protection
from sync.models import Reconciliation, ReconciliationDifference
from sync.pull import snapshot
from sync.pull.apply import apply_plan
from sync.pull.plan import plan_registrants
from tests.contacts.test_merge import everything
from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    ContactFactory,
    MailingFactory,
    RecipientFactory,
    RegistrationFactory,
    SessionFactory,
    SubmissionFactory,
)
from tests.fixtures.world import World
from webinars.models import RegistrantAlias, Registration

Pair = tuple[Contact, Contact]


@pytest.fixture
def pair(world: World) -> Pair:
    """Two contacts with only a name and an address."""
    survivor, gone = (
        ContactFactory.create(email=f"{name}@example.org", first_name="A", last_name="B")
        for name in ("survivor", "gone")
    )
    return survivor, gone


def merge(pair: Pair) -> Merge:
    return merging.merge(pair[0].pk, pair[1].pk, [], None)


def letters(pair: Pair, survivor: str, gone: str) -> Mailing:
    now = timezone.now()
    mailing = MailingFactory.create(state=Mailing.State.SENDING, started_at=now)
    for contact, state in zip(pair, (survivor, gone), strict=True):
        RecipientFactory.create(
            mailing=mailing,
            contact=contact,
            state=state,
            claimed_at=now,
            sent_at=now if state == Recipient.State.SENT else None,
            reason_code="left" if state in ("skipped", "failed", "unknown") else "",
        )
    return mailing


@pytest.mark.parametrize(
    ("survivor", "gone", "left"),
    [
        ("waiting", "sent", "sent"),
        ("waiting", "sending", "sending"),
        ("waiting", "unknown", "unknown"),
        ("sent", "waiting", "sent"),
        ("skipped", "waiting", "waiting"),
        ("failed", "skipped", "failed"),
    ],
)
def test_no_one_gets_an_email_again_after_a_merge(
    pair: Pair, survivor: str, gone: str, left: str
) -> None:
    mailing = letters(pair, survivor, gone)
    before = everything()
    done = merge(pair)
    assert mailing.recipients.get().state == left
    merging.undo(done.pk)
    assert everything() == before


def test_both_addresses_on_one_page_are_one_registration(world: World, pair: Pair) -> None:
    merge(pair)
    now = timezone.now().replace(microsecond=0)
    page = [
        Registrant(
            key=key,
            first_name="A",
            last_name="B",
            email=f"{key}@example.org",
            registered_at=now,
            status=RegistrantStatus.APPROVED,
            join_url="",
            time_zone="",
        )
        for key in ("gone", "survivor")
    ]
    here = snapshot.read_page(world.webinar, page)
    plan = plan_registrants(page, here, {}, webinar_key=world.webinar.key, now=now)
    assert apply_plan(world.webinar, plan).registrations == 1
    assert Registration.objects.get(contact=pair[0]).registrant_key == "gone"
    assert RegistrantAlias.objects.get().registrant_key == "survivor"


def test_the_timeline_shows_how_long_as_the_sums_do(world: World, pair: Pair) -> None:
    ended = timezone.now().replace(microsecond=0)
    session = SessionFactory.create(
        webinar=world.webinar, key="s", started_at=ended - dt.timedelta(hours=1)
    )
    zero = int(session.started_at.timestamp())
    for contact, stay in zip(pair, ([zero, zero + 600], [zero + 300, zero + 2400]), strict=True):
        seconds = stay[1] - stay[0]
        registration = RegistrationFactory.create(
            contact=contact, webinar=world.webinar, sessions_attended=1, seconds_attended=seconds
        )
        AttendanceFactory.create(registration=registration, session=session, intervals=[stay])
        ActivityFactory.create(
            contact=contact,
            key="attended:s",
            kind=Activity.Kind.ATTENDED,
            happened_at=session.started_at,
            data={"session": "s", "seconds": seconds},
        )
    before = everything()
    done = merge(pair)
    line = Activity.objects.get(contact=pair[0], key="attended:s")
    registration = Registration.objects.get(contact=pair[0])
    assert line.data["seconds"] == registration.seconds_attended == 2400
    merging.undo(done.pk)
    assert everything() == before


def answer(contact: Contact, *words: str) -> None:
    ActivityFactory.create(
        contact=contact,
        key="poll:s:q",
        kind=Activity.Kind.POLL,
        data={"question": "Q", "answers": list(words)},
    )


@pytest.mark.parametrize(("other", "lines"), [("no", 2), ("yes", 1)])
def test_lines_that_differ_are_side_by_side(pair: Pair, other: str, lines: int) -> None:
    answer(pair[0], "yes")
    answer(pair[1], other)
    before = everything()
    done = merge(pair)
    answers: list[Any] = [line.data["answers"] for line in pair[0].activities.all()]
    assert len(answers) == lines and ["yes"] in answers and [other] in answers
    merging.undo(done.pk)
    assert everything() == before


def test_a_place_on_the_waiting_list_is_not_lost(world: World, pair: Pair) -> None:
    now = timezone.now()
    for contact, hours in zip(pair, (1, 5), strict=True):
        RegistrationFactory.create(
            contact=contact,
            webinar=world.webinar,
            overflow=True,
            waiting_since=now - dt.timedelta(hours=hours),
        )
    before = everything()
    done = merge(pair)
    waiting = Registration.objects.get(contact=pair[0])
    assert waiting.waiting_since == now - dt.timedelta(hours=5)
    merging.undo(done.pk)
    assert everything() == before


def test_the_limit_of_the_form_knows_every_address(world: World, pair: Pair, settings: Any) -> None:
    settings.FORM_PER_EMAIL = 1
    merge(pair)
    SubmissionFactory.create(
        registration__contact=pair[0], registration__webinar=world.webinar, sender="sender"
    )
    assert all(spam_protection.throttle_seconds("sender", contact.email) for contact in pair)
    assert not spam_protection.throttle_seconds("sender", "somebody@example.org")


@pytest.mark.rule(5)
def test_deleted_a_person_is_in_no_comparison_by_any_address(world: World, pair: Pair) -> None:
    now = timezone.now()
    reconciliation = Reconciliation.objects.create(
        webinar=world.webinar,
        requested_at=now,
        started_at=now,
        finished_at=now,
        state=Reconciliation.State.DONE,
    )
    ReconciliationDifference.objects.create(
        reconciliation=reconciliation,
        reason="new since the last sync",
        side="platform",
        email="gone@example.org",
        email_key="gone@example.org",
        name="A B",
    )
    merge(pair)
    pair[0].delete()
    left = ReconciliationDifference.objects.get()
    assert (left.email, left.email_key, left.name) == ("", "", "")
