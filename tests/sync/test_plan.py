"""Plans, whatever GoTo lists and whatever stands here."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.emails import email_key
from webinars.gotowebinar import Attendee, Interval, Registrant
from webinars.sync.attendance_plan import (
    LocalAttendance,
    LocalSession,
    merge,
    plan_attendance,
    seconds_in_room,
)
from webinars.sync.changes import Plan
from webinars.sync.plan import (
    Buried,
    Local,
    LocalRegistration,
    can_go,
    in_turn,
    new_people,
    plan_cancellation,
    plan_registrants,
    stays_deleted,
)

pytestmark = pytest.mark.pure
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOW = START + dt.timedelta(days=100)
MOMENTS = st.integers(0, 50).map(lambda days: START + dt.timedelta(days=days))
EMAILS = st.sampled_from(["a@x.example", "A@X.example ", "b@x.example", "c@x.example", ""])
REGISTRANTS = st.builds(
    Registrant,
    key=st.integers(1, 12).map(str),
    first_name=st.sampled_from(["Ann", "Bo", " "]),
    last_name=st.sampled_from(["X", "Y"]),
    email=EMAILS,
    registered_at=MOMENTS,
    status=st.sampled_from(["APPROVED", "WAITING", "DENIED"]),
    join_url=st.sampled_from(["", "https://j"]),
    time_zone=st.just("UTC"),
)
PAGES = st.lists(REGISTRANTS, max_size=8, unique_by=lambda item: item.key)
BURIED = st.dictionaries(
    st.sampled_from(["a@x.example", "b@x.example", "c@x.example"]),
    st.builds(Buried, MOMENTS, st.booleans()),
)


@st.composite
def locals_(draw: st.DrawFn) -> Local:
    """Some contacts, some of them registered, some deleted people."""
    local = Local(buried=draw(BURIED))
    for number, person in enumerate(["a@x.example", "b@x.example"], start=1):
        if draw(st.booleans()):
            local.contacts[person] = number
            local.buried.pop(person, None)
            if draw(st.booleans()):
                known = LocalRegistration(
                    number,
                    number,
                    draw(st.sampled_from(["", str(number), str(number + 50)])),
                    draw(st.sampled_from(["pending", "registered", "overflow", "rejected"])),
                    draw(st.booleans()),
                    "",
                )
                local.of_contact[number] = known
                if known.registrant_key:
                    local.registrations[known.registrant_key] = known
    return local


def planned(page: list[Registrant], local: Local) -> Plan:
    return plan_registrants(page, local, {}, webinar_key="7", now=NOW)


def applied(plan: Plan, local: Local) -> Local:
    """Return `local` as it stands after `plan` was written."""
    after = Local(
        dict(local.registrations),
        dict(local.contacts),
        dict(local.of_contact),
        dict(local.buried),
    )
    for contact in plan.contacts:
        person = email_key(contact.email)
        after.contacts[person] = 100 + len(after.contacts)
        after.buried.pop(person, None)
    by_id = {item.id: item for item in after.of_contact.values()}
    for change in plan.changes:
        values = dict(change.values)
        known = by_id[change.registration_id]
        if "cancelled_at" in values:
            known = replace(known, cancelled=values["cancelled_at"] is not None)
        wanted = ("registrant_key", "state", "join_url")
        known = replace(known, **{name: values[name] for name in wanted if name in values})
        by_id[known.id] = after.of_contact[known.contact_id] = known
        after.registrations[known.registrant_key] = known
    for new in plan.registrations:
        contact_id = after.contacts[new.person]
        known = LocalRegistration(
            1000 + contact_id, contact_id, new.registrant_key, new.state, False, new.join_url
        )
        after.of_contact[contact_id] = after.registrations[new.registrant_key] = known
    for other in plan.others:
        contact_id = after.contacts[other.person]
        after.registrations[other.registrant_key] = after.of_contact[contact_id]
    return after


@given(PAGES, locals_())
def test_planning_again_after_applying_changes_nothing(
    page: list[Registrant], local: Local
) -> None:
    after = applied(planned(page, local), local)
    second = planned(page, after)
    # A registrant older than a deletion is a further one once a newer one brought the person back.
    assert not second.contacts and not second.registrations
    third = planned(page, applied(second, after))
    assert not third


@pytest.mark.rule(3)
@given(PAGES, locals_())
def test_nobody_known_is_a_new_contact_and_details_are_for_new_ones(
    page: list[Registrant], local: Local
) -> None:
    plan = planned(page, local)
    people = [email_key(item.email) for item in plan.contacts]
    assert not set(people) & set(local.contacts)
    assert len(people) == len(set(people))
    assert {email_key(item.email) for item in new_people(page, local)} == set(people)


@pytest.mark.rule(2)
@pytest.mark.rule(5)
@given(PAGES, locals_())
def test_nobody_nameless_or_buried_comes_back(page: list[Registrant], local: Local) -> None:
    by_key = {item.key: item for item in page}
    plan = planned(page, local)
    assert all(can_go(by_key[item.registrant_key]) for item in plan.registrations)
    for contact in plan.contacts:
        person = email_key(contact.email)
        newest = max(i.registered_at for i in page if email_key(i.email) == person)
        buried = local.buried.get(person)
        assert buried is None or (not buried.for_good and newest >= buried.deleted_at)


@pytest.mark.rule(3)
def test_a_further_registrant_waits_for_the_details_of_the_first() -> None:
    page = [Registrant(key, "A", "B", "a@x.example", START, "APPROVED", "", "UTC") for key in "12"]
    known, strangers, further = in_turn(page, Local())
    assert (known, [item.key for item in strangers], [item.key for item in further]) == (
        [],
        ["1"],
        ["2"],
    )


def test_a_registrant_listed_twice_on_a_page_is_one() -> None:
    person = Registrant("1", "A", "B", "a@x.example", START, "APPROVED", "", "UTC")
    plan = planned([person, person], Local())
    assert (len(plan.registrations), plan.others) == (1, [])


@pytest.mark.rule(5)
def test_only_a_newer_registration_outlives_a_deletion() -> None:
    person = Registrant("1", "A", "B", "a@x.example", START, "APPROVED", "", "UTC")
    day = dt.timedelta(days=1)
    assert stays_deleted(person, Buried(START + day, for_good=False))
    assert not stays_deleted(person, Buried(START - day, for_good=False))
    assert stays_deleted(person, Buried(START - day, for_good=True))


@pytest.mark.rule(4)
def test_a_cancellation_leaves_the_registration_registered() -> None:
    known = LocalRegistration(1, 2, "9", "registered", False, "")
    plan = plan_cancellation(known, webinar_key="7", now=NOW)
    assert [change.values for change in plan.changes] == [{"cancelled_at": NOW}]


STAYS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(list))


@given(STAYS, STAYS)
def test_merging_stays_is_the_same_however_often_and_in_whatever_order(
    some: list[list[int]], more: list[list[int]]
) -> None:
    both = merge(some, more)
    assert both == merge(more, some) == merge(both, some) == merge(both, both)


@given(STAYS)
def test_time_in_the_room_counts_each_second_once(stays: list[list[int]]) -> None:
    there = {second for joined, left in stays for second in range(joined, left)}
    assert seconds_in_room(merge(stays, [])) == len(there)


@given(STAYS.filter(bool))
def test_attendance_planned_twice_is_written_once(stays: list[list[int]]) -> None:
    session = LocalSession(5, "s", START, START + dt.timedelta(hours=1))

    def moment(second: int) -> dt.datetime:
        return START + dt.timedelta(seconds=second)

    attendee = Attendee(
        "k", "s", "a@x.example", "A", "B", 0,
        tuple(Interval(moment(joined), moment(left)) for joined, left in stays),
    )  # fmt: skip
    local = LocalAttendance(people={"k": (1, 2)})
    [stay] = plan_attendance([attendee], {"s": session}, local).stays
    local.stays[1, 5] = 3, stay.intervals
    assert not plan_attendance([attendee, attendee], {"s": session}, local)
