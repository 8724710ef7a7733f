"""Plans, for any list of GoTo and any stored data."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.emails import email_key
from platforms.records import Answer, Registrant, RegistrantDetails
from platforms.records import RegistrantStatus as Status
from sync.pull.changes import (
    NewActivity,
    NewAlias,
    NewContact,
    NewRegistration,
    Plan,
    RegistrationChange,
)
from sync.pull.plan import (
    Deletion,
    LocalRegistration,
    LocalSnapshot,
    can_go,
    in_turn,
    new_people,
    plan_cancellation,
    plan_registrants,
    state_of,
    stays_deleted,
)

pytestmark = pytest.mark.pure
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOW = START + dt.timedelta(days=100)
# The values submitted with a new key are to be read.
UNREAD = {"details_read_at": None, "details_try_at": None}
MOMENTS = st.integers(0, 50).map(lambda days: START + dt.timedelta(days=days))
EMAILS = st.sampled_from(["a@x.example", "A@X.example ", "b@x.example", "c@x.example", ""])
REGISTRANTS = st.builds(
    Registrant,
    key=st.integers(1, 12).map(str),
    first_name=st.sampled_from(["Ann", "Bo", " "]),
    last_name=st.sampled_from(["X", "Y"]),
    email=EMAILS,
    registered_at=MOMENTS,
    status=st.sampled_from(Status),
    join_url=st.sampled_from(["", "https://j"]),
    time_zone=st.just("UTC"),
)
PAGES = st.lists(REGISTRANTS, max_size=8, unique_by=lambda item: item.key)
BURIED = st.dictionaries(
    st.sampled_from(["a@x.example", "b@x.example", "c@x.example"]),
    st.builds(Deletion, MOMENTS, st.booleans()),
)


@st.composite
def locals_(draw: st.DrawFn) -> LocalSnapshot:
    """Some contacts, some of them registered, some deleted people."""
    local = LocalSnapshot(deletions=draw(BURIED))
    for number, person in enumerate(["a@x.example", "b@x.example"], start=1):
        if draw(st.booleans()):
            local.contacts[person] = number
            local.deletions.pop(person, None)
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


def planned(page: list[Registrant], local: LocalSnapshot) -> Plan:
    return plan_registrants(page, local, {}, webinar_key="7", now=NOW)


def applied(plan: Plan, local: LocalSnapshot) -> LocalSnapshot:
    """Return `local` after applying `plan`."""
    after = LocalSnapshot(
        dict(local.registrations),
        dict(local.contacts),
        dict(local.of_contact),
        dict(local.deletions),
    )
    for contact in plan.contacts:
        person = email_key(contact.email)
        after.contacts[person] = 100 + len(after.contacts)
        after.deletions.pop(person, None)
    by_id = {item.id: item for item in after.of_contact.values()}
    for change in plan.changes:
        values = dict(change.values)
        known = by_id[change.registration_id]
        if "cancelled_at" in values:
            known = msgspec.structs.replace(known, cancelled=values["cancelled_at"] is not None)
        wanted = ("registrant_key", "state", "join_url")
        known = msgspec.structs.replace(
            known, **{name: values[name] for name in wanted if name in values}
        )
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
    page: list[Registrant], local: LocalSnapshot
) -> None:
    after = applied(planned(page, local), local)
    second = planned(page, after)
    # A registrant older than a deletion is an alias once a newer one restored the person.
    assert not second.contacts and not second.registrations
    third = planned(page, applied(second, after))
    assert not third


@pytest.mark.rule(3)
@given(PAGES, locals_())
def test_an_unknown_person_is_a_new_contact_and_details_are_for_new_ones(
    page: list[Registrant], local: LocalSnapshot
) -> None:
    plan = planned(page, local)
    people = [email_key(item.email) for item in plan.contacts]
    assert not set(people) & set(local.contacts)
    assert len(people) == len(set(people))
    assert {email_key(item.email) for item in new_people(page, local)} == set(people)


@pytest.mark.rule(2)
@pytest.mark.rule(5)
@given(PAGES, locals_())
def test_no_one_nameless_or_suppressed_comes_back(
    page: list[Registrant], local: LocalSnapshot
) -> None:
    by_key = {item.key: item for item in page}
    plan = planned(page, local)
    assert all(can_go(by_key[item.registrant_key]) for item in plan.registrations)
    for contact in plan.contacts:
        person = email_key(contact.email)
        newest = max(i.registered_at for i in page if email_key(i.email) == person)
        deletions = local.deletions.get(person)
        assert deletions is None or (not deletions.permanent and newest >= deletions.deleted_at)


@pytest.mark.rule(3)
def test_a_further_registrant_waits_for_the_details_of_the_first() -> None:
    page = [
        Registrant(key, "A", "B", "a@x.example", START, Status.APPROVED, "", "UTC") for key in "12"
    ]
    known, strangers, further = in_turn(page, LocalSnapshot())
    assert (known, [item.key for item in strangers], [item.key for item in further]) == (
        [],
        ["1"],
        ["2"],
    )


def test_a_registrant_listed_twice_on_a_page_is_one() -> None:
    person = Registrant("1", "A", "B", "a@x.example", START, Status.APPROVED, "", "UTC")
    plan = planned([person, person], LocalSnapshot())
    assert (len(plan.registrations), plan.others) == (1, [])


@pytest.mark.rule(5)
def test_only_a_newer_registration_restores_a_deleted_contact() -> None:
    person = Registrant("1", "A", "B", "a@x.example", START, Status.APPROVED, "", "UTC")
    day = dt.timedelta(days=1)
    assert stays_deleted(person, Deletion(START + day, permanent=False))
    assert not stays_deleted(person, Deletion(START - day, permanent=False))
    assert stays_deleted(person, Deletion(START - day, permanent=True))


@pytest.mark.rule(4)
def test_a_cancellation_leaves_the_registration_registered() -> None:
    known = LocalRegistration(1, 2, "9", "registered", False, "")
    plan = plan_cancellation(known, webinar_key="7", now=NOW)
    assert [change.values for change in plan.changes] == [{"cancelled_at": NOW}]


def registrant(
    key: str = "1",
    email: str = "a@x.example",
    *,
    first_name: str = "Ann",
    last_name: str = "Lee",
    status: Status = Status.APPROVED,
    join_url: str = "https://join/1",
    registered_at: dt.datetime = START,
) -> Registrant:
    return Registrant(key, first_name, last_name, email, registered_at, status, join_url, "UTC")


def other(key: str) -> NewAlias:
    """Return the alias that `registrant(key)` becomes."""
    return NewAlias("a@x.example", key, "Ann", "Lee", "a@x.example", START)


def registered(
    *,
    key: str = "1",
    state: str = "registered",
    cancelled: bool = False,
    join_url: str = "https://join/1",
) -> LocalRegistration:
    return LocalRegistration(10, 20, key, state, cancelled, join_url)


def local_with(known: LocalRegistration, *alias_keys: str) -> LocalSnapshot:
    """Return the local data if only a@x.example is registered."""
    keys = [key for key in (known.registrant_key, *alias_keys) if key]
    return LocalSnapshot(
        registrations=dict.fromkeys(keys, known),
        contacts={"a@x.example": 20},
        of_contact={20: known},
    )


GIVEN = {"email": "a@x.example", "first_name": "Ann", "last_name": "Lee"}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.APPROVED, "registered"),
        (Status.AWAITING, "awaiting"),
        (Status.DENIED, "denied"),
    ],
)
def test_each_status_has_a_state(status: Status, state: str) -> None:
    assert state_of(status) == state


@pytest.mark.rule(2)
@pytest.mark.parametrize("missing", ["first_name", "last_name", "email"])
@pytest.mark.parametrize("blank", ["", " "])
def test_names_and_email_are_all_required(missing: str, blank: str) -> None:
    assert can_go(registrant())
    incomplete = msgspec.structs.replace(registrant(), **{missing: blank})
    assert not can_go(incomplete)
    assert not planned([incomplete], LocalSnapshot())
    assert new_people([incomplete], LocalSnapshot()) == []


@pytest.mark.rule(3)
def test_a_new_registrant_becomes_a_contact_with_a_registration_and_an_activity() -> None:
    person = registrant(email=" Ann@X.example ", first_name=" Ann", last_name="Lee ")
    details = RegistrantDetails(person, {"city": "Rome"}, "news", (Answer("Why?", "Because"),))
    plan = plan_registrants([person], LocalSnapshot(), {"1": details}, webinar_key="7", now=NOW)
    assert plan == Plan(
        contacts=[NewContact("Ann@X.example", "Ann", "Lee", {"city": "Rome"})],
        registrations=[
            NewRegistration(
                person="ann@x.example",
                registrant_key="1",
                state="registered",
                join_url="https://join/1",
                registered_at=START,
                submitted={
                    "email": " Ann@X.example ",
                    "first_name": " Ann",
                    "last_name": "Lee ",
                    "city": "Rome",
                    "answers": [["Why?", "Because"]],
                },
                referral_source="news",
                details_read_at=NOW,
            )
        ],
        activities=[
            NewActivity(
                "ann@x.example",
                "registered:7",
                "registered",
                START,
                {"source": "news", "state": "registered"},
            )
        ],
    )


@pytest.mark.rule(3)
def test_a_known_contact_is_registered_and_not_changed() -> None:
    plan = planned([registrant(status=Status.DENIED)], LocalSnapshot(contacts={"a@x.example": 20}))
    assert plan == Plan(
        registrations=[
            NewRegistration("a@x.example", "1", "denied", "https://join/1", START, GIVEN)
        ],
        activities=[
            NewActivity(
                "a@x.example",
                "registered:7",
                "registered",
                START,
                {"source": "", "state": "denied"},
            )
        ],
    )


def test_a_new_registrant_without_details_has_no_properties_and_no_source() -> None:
    plan = planned([registrant(status=Status.AWAITING)], LocalSnapshot())
    assert plan == Plan(
        contacts=[NewContact("a@x.example", "Ann", "Lee", {})],
        registrations=[
            NewRegistration("a@x.example", "1", "awaiting", "https://join/1", START, GIVEN)
        ],
        activities=[
            NewActivity(
                "a@x.example",
                "awaiting:7",
                "awaiting",
                START,
                {"source": "", "state": "awaiting"},
            )
        ],
    )


def test_details_without_answers_add_only_their_properties() -> None:
    person = registrant()
    details = RegistrantDetails(person, {"city": "Rome"}, "", ())
    [new] = plan_registrants(
        [person], LocalSnapshot(), {"1": details}, webinar_key="7", now=NOW
    ).registrations
    assert new.submitted == GIVEN | {"city": "Rome"}


@pytest.mark.rule(4)
def test_an_attendee_who_left_the_list_is_registered_as_cancelled() -> None:
    page = [registrant(), registrant("2", "b@x.example")]
    plan = plan_registrants(page, LocalSnapshot(), {}, webinar_key="7", now=NOW, gone=["1"])
    assert [new.cancelled_at for new in plan.registrations] == [NOW, None]
    assert [activity.kind for activity in plan.activities] == ["registered", "registered"]


@pytest.mark.rule(4)
def test_a_cancelled_registrant_who_is_still_off_the_list_stays_cancelled() -> None:
    known = registered(cancelled=True)
    page = [registrant()]
    plan = plan_registrants(page, local_with(known), {}, webinar_key="7", now=NOW, gone=["1"])
    assert not plan


def test_skipped_registrants_are_read_in_the_next_run() -> None:
    page = [registrant(), registrant("2", "b@x.example")]
    plan = plan_registrants(page, LocalSnapshot(), {}, webinar_key="7", now=NOW, skip=["1"])
    assert [new.registrant_key for new in plan.registrations] == ["2"]


@pytest.mark.rule(4)
def test_a_cancellation_is_written_to_the_timeline_of_the_contact() -> None:
    known = registered()
    assert plan_cancellation(known, webinar_key="7", now=NOW) == Plan(
        changes=[RegistrationChange(10, {"cancelled_at": NOW})],
        activities=[
            NewActivity(20, f"cancelled:7:{int(NOW.timestamp())}", "cancelled", NOW),
        ],
    )


@pytest.mark.rule(4)
def test_a_cancelled_registrant_on_the_list_again_has_returned() -> None:
    later = START + dt.timedelta(days=3)
    # Within a second the key stays the same, so that planning again writes no second line.
    now = NOW + dt.timedelta(milliseconds=400)
    plan = plan_registrants(
        [registrant(registered_at=later)],
        local_with(registered(cancelled=True)),
        {},
        webinar_key="7",
        now=now,
    )
    assert plan == Plan(
        changes=[RegistrationChange(10, {"cancelled_at": None})],
        activities=[NewActivity(20, f"returned:7:{int(NOW.timestamp())}", "returned", later)],
    )


def test_an_overflow_registration_is_promoted() -> None:
    plan = planned([registrant()], local_with(registered(key="", state="overflow", join_url="")))
    assert plan == Plan(
        changes=[
            RegistrationChange(
                10,
                {
                    "registrant_key": "1",
                    "state": "registered",
                    "next_push_at": None,
                    "problem_code": "",
                    "problem_params": {},
                    "platform_message": "",
                    "waiting_since": None,
                    "join_url": "https://join/1",
                },
            )
        ],
        activities=[NewActivity(20, "promoted:7", "promoted", NOW)],
    )


def test_a_registration_from_the_waiting_list_that_awaits_approval_is_not_promoted() -> None:
    plan = planned(
        [registrant(status=Status.AWAITING)],
        local_with(registered(key="", state="overflow")),
    )
    assert [activity.kind for activity in plan.activities] == ["awaiting"]


def test_a_pushed_registration_that_is_found_on_the_list_is_registered() -> None:
    plan = planned([registrant()], local_with(registered(key="", state="pending")))
    assert plan == Plan(
        changes=[
            RegistrationChange(
                10,
                {
                    "registrant_key": "1",
                    "state": "registered",
                    "next_push_at": None,
                    "problem_code": "",
                    "problem_params": {},
                    "platform_message": "",
                    "waiting_since": None,
                },
            )
        ],
        activities=[
            NewActivity(
                20, "registered:7", "registered", START, {"source": "", "state": "registered"}
            )
        ],
    )


def test_approval_changes_the_state_once() -> None:
    page = [registrant(), registrant()]
    plan = planned(page, local_with(registered(state="awaiting")))
    assert [change.values["state"] for change in plan.changes] == ["registered"]
    assert [activity.key for activity in plan.activities] == ["registered:7"]


@pytest.mark.parametrize(
    ("listed", "changes"), [("", []), ("https://new", [{"join_url": "https://new"}])]
)
def test_a_join_link_is_replaced_and_never_emptied(
    listed: str, changes: list[dict[str, str]]
) -> None:
    plan = planned([registrant(join_url=listed)], local_with(registered()))
    assert [change.values for change in plan.changes] == changes
    assert plan.activities == []


@pytest.mark.parametrize("state", ["registered", "awaiting", "denied"])
def test_a_second_registrant_of_a_person_on_the_list_is_an_alias(state: str) -> None:
    plan = planned([registrant("2")], local_with(registered(state=state)))
    assert plan == Plan(others=[other("2")])


@pytest.mark.parametrize(
    "known",
    [registered(cancelled=True), registered(state="rejected"), registered(state="pending")],
    ids=["cancelled", "rejected", "pending"],
)
def test_a_person_who_came_back_takes_the_new_key_and_keeps_the_former(
    known: LocalRegistration,
) -> None:
    plan = planned([registrant("2")], local_with(known))
    assert plan.others == [NewAlias("a@x.example", "1")]
    assert [change.values["registrant_key"] for change in plan.changes] == ["2"]
    assert plan.registrations == []


def test_of_two_registrants_who_came_back_the_first_is_used_and_the_second_is_an_alias() -> None:
    page = [registrant("2"), registrant("3")]
    plan = planned(page, local_with(registered(cancelled=True)))
    assert [change.values["registrant_key"] for change in plan.changes] == ["2"]
    assert [item.registrant_key for item in plan.others] == ["1", "3"]


def test_a_person_who_returned_on_this_page_is_on_the_list_for_an_alias() -> None:
    page = [registrant("1"), registrant("2")]
    plan = planned(page, local_with(registered(cancelled=True)))
    assert [change.values for change in plan.changes] == [{"cancelled_at": None}]
    assert plan.others == [other("2")]
    assert [activity.kind for activity in plan.activities] == ["returned"]


def test_an_alias_reports_nothing_while_the_primary_registrant_is_on_the_list() -> None:
    known = registered()
    page = [registrant("2", status=Status.DENIED, join_url="https://join/2")]
    assert not planned(page, local_with(known, "2"))


@pytest.mark.rule(4)
def test_a_further_registrant_keeps_a_person_whose_own_was_cancelled() -> None:
    page = [registrant("2"), registrant("3", status=Status.DENIED)]
    plan = planned(page, local_with(registered(cancelled=True), "2", "3"))
    assert [change.values for change in plan.changes] == [{"cancelled_at": None}]
    assert [activity.kind for activity in plan.activities] == ["returned"]


def test_a_person_who_adopted_a_key_on_this_page_is_not_changed_by_the_former_key() -> None:
    page = [
        registrant("2", join_url="https://join/2"),
        registrant("1", status=Status.DENIED),
    ]
    plan = planned(page, local_with(registered(cancelled=True)))
    assert [change.values for change in plan.changes] == [
        UNREAD | {"registrant_key": "2", "join_url": "https://join/2", "cancelled_at": None}
    ]


def test_two_addresses_of_one_contact_are_one_person() -> None:
    local = LocalSnapshot(contacts={"b@x.example": 20, "a@x.example": 20, "0@x.example": 21})
    page = [registrant("1", "B@x.example"), registrant("2", "a@x.example")]
    plan = planned(page, local)
    assert plan.contacts == []
    assert [(new.person, new.registrant_key) for new in plan.registrations] == [
        ("a@x.example", "1")
    ]
    assert plan.others == [other("2")]


def test_two_new_registrants_of_one_address_are_one_contact() -> None:
    page = [registrant("1", "A@x.example"), registrant("2"), registrant("3", "b@x.example")]
    plan = planned(page, LocalSnapshot())
    assert [contact.email for contact in plan.contacts] == ["A@x.example", "b@x.example"]
    assert [new.registrant_key for new in plan.registrations] == ["1", "3"]
    assert plan.others == [other("2")]


@pytest.mark.rule(5)
def test_a_registration_in_the_second_of_the_deletion_counts_as_newer() -> None:
    deletions = Deletion(START + dt.timedelta(milliseconds=900), permanent=False)
    assert not stays_deleted(registrant(), deletions)
    assert stays_deleted(registrant(registered_at=START - dt.timedelta(seconds=1)), deletions)
    assert not stays_deleted(registrant(), None)


@pytest.mark.rule(5)
def test_a_deleted_person_does_not_block_others_of_the_page() -> None:
    local = LocalSnapshot(deletions={"a@x.example": Deletion(NOW, permanent=False)})
    page = [registrant(), registrant("2", "b@x.example")]
    assert [new.registrant_key for new in planned(page, local).registrations] == ["2"]
    assert [item.key for item in new_people(page, local)] == ["2"]


def test_details_are_fetched_only_for_new_people_and_once_for_each() -> None:
    known = registered()
    local = local_with(known)
    local.contacts["c@x.example"] = 30
    page = [
        registrant("1"),
        registrant("2", "c@x.example"),
        registrant("3", "b@x.example"),
        registrant("4", "B@x.example"),
        registrant("5", "d@x.example"),
    ]
    assert [item.key for item in new_people(page, local)] == ["3", "5"]


def test_a_known_key_is_no_new_person_under_any_address() -> None:
    page = [registrant("1", "changed@x.example")]
    assert new_people(page, local_with(registered())) == []


def test_a_page_is_split_into_known_new_and_alias_people() -> None:
    page = [
        registrant("1"),
        registrant("2", "b@x.example"),
        registrant("3", "B@x.example"),
    ]
    local = local_with(registered())
    parts = in_turn(page, local)
    assert [[item.key for item in part] for part in parts] == [["1"], ["2"], ["3"]]
    # An existing key needs no details, though its address belongs to a new person.
    local = local_with(registered(), "3")
    parts = in_turn(page, local)
    assert [[item.key for item in part] for part in parts] == [["1", "3"], ["2"], []]


@pytest.mark.rule(4)
@pytest.mark.parametrize("link", ["https://join/1", "https://new"])
def test_an_alias_on_the_list_counts_after_the_primary_registrant_is_gone(
    link: str,
) -> None:
    page = [
        registrant("1", status=Status.DENIED, join_url=link),
        registrant("2", status=Status.DENIED, join_url=link),
    ]
    plan = plan_registrants(
        page,
        local_with(registered(cancelled=True, state="denied"), "2"),
        {},
        webinar_key="7",
        now=NOW,
        gone=["1"],
    )
    # The link is written once, by the first of the two.
    written = [{"join_url": link}] if link == "https://new" else []
    assert [change.values for change in plan.changes] == [*written, {"cancelled_at": None}]
    assert [activity.kind for activity in plan.activities] == ["returned"]


def test_a_changed_state_leaves_the_join_link_unchanged() -> None:
    page = [
        registrant("1", status=Status.DENIED),
        registrant("2", status=Status.DENIED),
    ]
    plan = plan_registrants(
        page,
        local_with(registered(cancelled=True), "2"),
        {},
        webinar_key="7",
        now=NOW,
        gone=["1"],
    )
    assert [change.values.get("state") for change in plan.changes] == ["denied", None]
    assert plan.changes[1].values == {"cancelled_at": None}


def test_a_refused_person_who_is_on_the_list_after_all_needs_no_other_key() -> None:
    page = [registrant("1"), registrant("2")]
    plan = planned(page, local_with(registered(state="rejected")))
    assert [change.values["state"] for change in plan.changes] == ["registered"]
    assert plan.others == [other("2")]


def test_of_two_attendees_who_left_the_list_the_first_key_is_used() -> None:
    plan = plan_registrants(
        [registrant("2"), registrant("3")],
        local_with(registered(cancelled=True)),
        {},
        webinar_key="7",
        now=NOW,
        gone=["2", "3"],
    )
    assert [change.values for change in plan.changes] == [UNREAD | {"registrant_key": "2"}]
    assert [item.registrant_key for item in plan.others] == ["1", "3"]
