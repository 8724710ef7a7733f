"""Why the two lists differ, person by person, from the lists themselves (rule 9).

Here stands every registration of the webinar; there, every registrant on GoTo's list. Whoever is
on one side only gets a reason; whether the numbers add up is computed, never assumed.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from contacts.deletion import tombstones_of
from contacts.emails import email_key
from webinars.gotowebinar import Client, NotFound, Registrant
from webinars.models import OtherRegistrant, Registration, SyncRun, Webinar
from webinars.sync.plan import Buried, can_go, stays_deleted

State = Registration.State


class Reason(StrEnum):
    """Why a person is on one side only, in the words that commands print."""

    CANCELLED = "cancelled there"
    DELETED = "deleted here"
    OVERFLOW = "overflow"
    PENDING = "pending"
    REJECTED = "rejected"
    NEW = "new since the last sync"
    TWICE = "same e-mail twice"
    NAMELESS = "no name or e-mail"
    UNEXPLAINED = "unexplained"


class Side(StrEnum):
    """Where a person is who is not on the other side."""

    HERE = "here"
    GOTO = "goto"


@dataclass(frozen=True, slots=True)
class Difference:
    """One person (or one further registrant of a person) on one side only."""

    email: str
    reason: Reason
    side: Side


@dataclass(slots=True)
class Comparison:
    """The two totals and what lies between them."""

    here: int = 0
    goto: int = 0
    both: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def adds_up(self) -> bool:
        """Each side is those on both plus those on it alone, and every difference has a reason."""
        alone = {side: sum(item.side == side for item in self.differences) for side in Side}
        return (
            self.here == self.both + alone[Side.HERE]
            and self.goto == self.both + alone[Side.GOTO]
            and all(item.reason != Reason.UNEXPLAINED for item in self.differences)
        )


_WHY_HERE = {
    State.OVERFLOW: Reason.OVERFLOW,
    State.PENDING: Reason.PENDING,
    State.REJECTED: Reason.REJECTED,
}


@dataclass(frozen=True, slots=True)
class _Here:
    email: str
    state: str
    key: str
    cancelled: bool


def compare(webinar: Webinar, client: Client) -> Comparison:
    """Read GoTo's list now and compare it with ours. Raises GoToError."""
    here = {row.email.strip().casefold(): row for row in _here(webinar)}
    owner = {row.key: person for person, row in here.items() if row.key}
    owner |= _further(webinar)
    comparison = Comparison(here=len(here))
    matched: set[str] = set()
    strangers: list[Registrant] = []
    seen: set[str] = set()
    for page in client.registrants(webinar.key):
        for registrant in page:
            if registrant.key in seen:
                continue
            seen.add(registrant.key)
            comparison.goto += 1
            person = owner.get(registrant.key) or email_key(registrant.email)
            if person not in here:
                strangers.append(registrant)
            elif person in matched:
                comparison.differences.append(Difference(registrant.email, Reason.TWICE, Side.GOTO))
            else:
                matched.add(person)
    comparison.both = len(matched)
    comparison.differences += _only_there(webinar, strangers)
    for person, row in here.items():
        if person in matched:
            continue
        if _still_there(webinar, client, row):
            comparison.goto += 1
            comparison.both += 1
        else:
            comparison.differences.append(Difference(row.email, _why_here(row), Side.HERE))
    return comparison


def _here(webinar: Webinar) -> Iterator[_Here]:
    rows = Registration.objects.filter(webinar=webinar).order_by("pk")
    for email, state, key, cancelled_at in rows.values_list(
        "contact__email", "state", "registrant_key", "cancelled_at"
    ).iterator(chunk_size=2000):
        yield _Here(email, state, key, cancelled_at is not None)


def _further(webinar: Webinar) -> dict[str, str]:
    rows = OtherRegistrant.objects.filter(webinar=webinar)
    return dict(rows.values_list("registrant_key", "registration__contact__email_key"))


def _still_there(webinar: Webinar, client: Client, row: _Here) -> bool:
    """Ask GoTo for one who should be on its list and was on no page: pages shift."""
    if row.cancelled or not row.key or row.state in _WHY_HERE:
        return False
    try:
        client.registrant(webinar.key, row.key)
    except NotFound:
        return False
    return True


def _why_here(row: _Here) -> Reason:
    if row.state in _WHY_HERE:
        return _WHY_HERE[State(row.state)]
    return Reason.CANCELLED if row.key else Reason.UNEXPLAINED


def _only_there(webinar: Webinar, strangers: list[Registrant]) -> Iterator[Difference]:
    level_at = _last_level(webinar)
    stones = tombstones_of({email_key(item.email) for item in strangers})
    met: set[str] = set()
    for registrant in strangers:
        person = email_key(registrant.email)
        stone = stones.get(person)
        buried = Buried(stone.deleted_at, stone.for_good) if stone else None
        if not can_go(registrant):
            reason = Reason.NAMELESS
        elif stays_deleted(registrant, buried):
            reason = Reason.DELETED
        elif person in met:
            reason = Reason.TWICE
        elif level_at is None or registrant.registered_at >= level_at or buried:
            reason = Reason.NEW
        else:
            reason = Reason.UNEXPLAINED
        met.add(person)
        yield Difference(registrant.email, reason, Side.GOTO)


def _last_level(webinar: Webinar) -> dt.datetime | None:
    """Return the second in which the last run began that brought everything; None: none has.

    Whole seconds, because GoTo tells the time of a registration in them.
    """
    done = webinar.sync_runs.filter(state=SyncRun.State.DONE).order_by("-started_at").first()
    return done.started_at.replace(microsecond=0) if done else None
