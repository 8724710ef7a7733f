"""The seeded account: the same for the same seed, with all features of real data."""

from __future__ import annotations

import msgspec
import pytest

from simulators.gotowebinar.options import parse_moment
from simulators.gotowebinar.records import Account, Webinar, union_seconds
from simulators.gotowebinar.seed import PLAN, seeded

NOW = parse_moment("2026-03-01T12:00:00Z")


@pytest.fixture(scope="module")
def account() -> Account:
    return seeded(1, NOW, 2 * len(PLAN), 2000)


def labelled(account: Account, label: str) -> Webinar:
    return next(webinar for webinar in account.webinars if webinar.label == label)


def emails(webinar: Webinar) -> list[str]:
    return [person.email for person in webinar.registrants]


def test_the_same_seed_and_time_give_the_same_account(account: Account) -> None:
    encode = msgspec.json.encode
    assert encode(seeded(1, NOW, 2 * len(PLAN), 2000)) == encode(account)
    assert encode(seeded(2, NOW, 2 * len(PLAN), 2000)) != encode(account)


@pytest.mark.parametrize("size", [0, 1, 7, 2000])
def test_the_big_webinar_has_as_many_as_asked_for(size: int) -> None:
    assert len(seeded(3, NOW, 1, size).webinars[0].registrants) == size


def test_webinars_of_every_kind(account: Account) -> None:
    for label, _, kind in PLAN:
        assert labelled(account, label).kind == kind
    assert labelled(account, "big").is_over(NOW)
    assert labelled(account, "live").is_live()
    assert labelled(account, "full").is_full()
    assert not labelled(account, "full").is_over(NOW)
    assert labelled(account, "cancelled").deleted
    series = [labelled(account, label) for label in ("series", "series:2", "series:3")]
    assert len({webinar.recurrence_key for webinar in series}) == 1
    assert len({webinar.key for webinar in series}) == 3
    assert len(labelled(account, "sequence").times) == 3
    assert len(labelled(account, "sequence").ended_sessions()) == 2


def test_keys_are_unique_and_beyond_a_float(account: Account) -> None:
    keys = [person.key for webinar in account.webinars for person in webinar.registrants]
    keys += [webinar.key for webinar in account.webinars]
    assert len(set(keys)) == len(keys)
    assert all(2**53 < key < 2**63 for key in keys)


def test_odd_addresses_and_names(account: Account) -> None:
    people = labelled(account, "big").registrants
    addresses = [person.email for person in people]
    assert any(email.isupper() for email in addresses)
    assert any("+" in email for email in addresses)
    assert any("'" in email for email in addresses)
    assert any(not email.isascii() for email in addresses)
    assert any(email.startswith("office@") for email in addresses)
    names = "".join(person.first_name + person.last_name for person in people)
    for letter in "üŁйαさ伟فנप김'":
        assert letter in names


def test_one_address_twice_in_one_webinar_and_people_in_several(account: Account) -> None:
    big = [email.casefold() for email in emails(labelled(account, "big"))]
    assert len(big) - len(set(big)) == 1
    assert set(big) & {email.casefold() for email in emails(labelled(account, "past"))}


def test_people_cancelled_before_the_webinar(account: Account) -> None:
    big = labelled(account, "big")
    assert big.cancelled
    assert all((person.cancelled_at or 0) <= big.times[-1][1] for person in big.cancelled)
    assert not {one.key for one in big.cancelled} & {one.key for one in big.registrants}


def test_attendance_questions_polls_and_surveys(account: Account) -> None:
    (session,) = labelled(account, "big").ended_sessions()
    assert 0.4 < len(session.attendances) / 2000 < 0.5
    visits = [attendance.intervals for attendance in session.attendances]
    assert any(len(one) == 3 for one in visits)
    assert any(sum(end - start for start, end in one) > union_seconds(one) for one in visits)
    for one in visits:
        for start, end in one:
            assert session.started_at <= start < end <= (session.ended_at or 0)
    answered = [bool(asked.answers) for asked in session.questions]
    assert True in answered
    assert False in answered
    webinars = [webinar for webinar in account.webinars if webinar.ended_sessions()]
    with_polls = [bool(one.polls) for webinar in webinars for one in webinar.ended_sessions()]
    assert True in with_polls
    assert False in with_polls


def test_a_session_with_a_survey_and_no_poll() -> None:
    for seed in (1, 5, 7):
        other = seeded(seed, NOW, len(PLAN), 10)
        (session,) = labelled(other, "series").ended_sessions()
        assert (len(session.polls), len(session.surveys)) == (0, 2)
        assert not any(one.polls for one in session.attendances)
        answered = [one for one in session.attendances if one.surveys]
        assert 0 < len(answered) < len(session.attendances)


def test_overlaps_count_once() -> None:
    assert union_seconds([]) == 0
    assert union_seconds([(10, 20), (0, 5)]) == 15
    assert union_seconds([(0, 10), (5, 20), (6, 7)]) == 20


def test_the_clock_of_the_options_reads_iso() -> None:
    assert parse_moment("2026-03-01T13:00:00+01:00") == NOW
    assert parse_moment("2026-03-01 12:00") == NOW
    assert parse_moment("2026-03-01") == NOW - 12 * 3600
    with pytest.raises(ValueError, match="noon"):
        parse_moment("noon")
