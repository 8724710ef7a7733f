"""Why the two lists differ, person by person, computed from the lists themselves (rule 9).

Here are all registrations of the webinar; there, all registrants on the platform's list. Everyone
on one side only gets a reason; whether the numbers add up is computed, never assumed.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from contacts.matching import ids_by_email
from contacts.models import AlternateEmail
from contacts.tombstones import tombstones_of
from core.emails import email_key
from platforms.contract import Client
from platforms.errors import NotFound
from platforms.records import Registrant
from sync.models import Reason, Side
from sync.models.reconciliation import Counts, adds_up
from sync.opt_out_check import save_opt_outs
from sync.pull.plan import Deletion, can_go, stays_deleted
from webinars.models import RegistrantAlias, Registration, Webinar

State = Registration.State


@dataclass(frozen=True, slots=True)
class Difference:
    """One person (or one further registrant of a person) on one side only."""

    email: str
    reason: Reason
    side: Side
    # The contact here, if there is one, and the platform's registrant, if that is what differs.
    registration_id: int | None = None
    registrant: Registrant | None = None


@dataclass(slots=True)
class Compared:
    """The two totals and the differences between them."""

    here: int = 0
    on_platform: int = 0
    both: int = 0
    # Of those on both: awaiting the organizer's approval, or denied.
    awaiting: int = 0
    denied: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        return Counter((item.side.value, item.reason.value) for item in self.differences)

    @property
    def adds_up(self) -> bool:
        return adds_up(self.here, self.on_platform, self.both, self.counts)


_WHY_HERE = {
    State.OVERFLOW: Reason.OVERFLOW,
    State.PENDING: Reason.PENDING,
    State.REJECTED: Reason.REJECTED,
    State.WALK_IN: Reason.WALK_IN,
}


@dataclass(frozen=True, slots=True)
class _Here:
    registration_id: int
    email: str
    state: str
    key: str
    cancelled: bool
    internal: bool


def compare(webinar: Webinar, client: Client) -> Compared:
    """Read the platform's list now and compare it with ours. Raises PlatformError.

    A change while this reads counts for one of the two: whoever registers in the meantime is new,
    whoever cancels in the meantime still counts. So the numbers always add up.
    """
    # Before the registrations: people of a sync that ends in the meantime must not look old.
    synced_at = _last_sync(webinar)
    here = {email_key(row.email): row for row in _here(webinar)}
    owner = {row.key: person for person, row in here.items() if row.key}
    owner |= _further(webinar)
    also = _also_known_as(webinar)
    compared = Compared(here=len(here))
    matched: set[str] = set()
    strangers: list[Registrant] = []
    seen: set[str] = set()
    for page in client.registrants(webinar.key):
        for registrant in page:
            if registrant.key in seen:
                continue
            seen.add(registrant.key)
            compared.on_platform += 1
            address = email_key(registrant.email)
            person = owner.get(registrant.key) or also.get(address, address)
            if person not in here:
                strangers.append(registrant)
            elif person in matched:
                compared.differences.append(_twice(registrant, here[person]))
            else:
                matched.add(person)
    compared.differences += _only_there(strangers, synced_at)
    for person, row in here.items():
        if person in matched:
            continue
        if _still_there(webinar, client, row):
            compared.on_platform += 1
            matched.add(person)
        else:
            why = _why_here(row)
            compared.differences.append(
                Difference(row.email, why, Side.HERE, registration_id=row.registration_id)
            )
    compared.both = len(matched)
    undecided = Counter(here[person].state for person in matched if not here[person].cancelled)
    compared.awaiting, compared.denied = undecided[State.AWAITING], undecided[State.DENIED]
    return compared


def _here(webinar: Webinar) -> Iterator[_Here]:
    rows = Registration.objects.filter(webinar=webinar).order_by("pk")
    for pk, email, state, key, cancelled_at, internal in rows.values_list(
        "pk", "contact__email", "state", "registrant_key", "cancelled_at", "is_internal"
    ).iterator(chunk_size=2000):
        yield _Here(pk, email, state, key, cancelled_at is not None, internal)


def _further(webinar: Webinar) -> dict[str, str]:
    rows = RegistrantAlias.objects.filter(webinar=webinar)
    return dict(rows.values_list("registrant_key", "registration__contact__email_key"))


def _also_known_as(webinar: Webinar) -> dict[str, str]:
    """Return the email key of each registered person by each of their former addresses."""
    rows = AlternateEmail.objects.filter(contact__registrations__webinar=webinar)
    return dict(rows.values_list("email_key", "contact__email_key"))


def _twice(registrant: Registrant, row: _Here) -> Difference:
    return Difference(
        registrant.email, Reason.TWICE, Side.PLATFORM, row.registration_id, registrant=registrant
    )


def _still_there(webinar: Webinar, client: Client, row: _Here) -> bool:
    """Read one registrant who should be on the list and was on no page: pages shift."""
    if row.cancelled or not row.key or row.state in _WHY_HERE:
        return False
    try:
        save_opt_outs([client.registrant(webinar.key, row.key)])
    except NotFound:
        return False
    return True


def _why_here(row: _Here) -> Reason:
    if row.internal:
        return Reason.INTERNAL
    if row.state in _WHY_HERE:
        return _WHY_HERE[State(row.state)]
    return Reason.CANCELLED if row.key else Reason.UNEXPLAINED


def _only_there(strangers: list[Registrant], synced_at: dt.datetime | None) -> Iterator[Difference]:
    people = {email_key(item.email) for item in strangers}
    stones, contacts = tombstones_of(people), ids_by_email(people)
    met: set[str] = set()
    for registrant in strangers:
        person = email_key(registrant.email)
        stone = stones.get(person)
        deletions = Deletion(stone.deleted_at, stone.permanent) if stone else None
        if stays_deleted(registrant, deletions, known=person in contacts):
            reason = Reason.DELETED
        elif not can_go(registrant):
            reason = Reason.NAMELESS
        elif person in met:
            reason = Reason.TWICE
        elif synced_at is None or registrant.registered_at >= synced_at or deletions:
            reason = Reason.NEW
        else:
            reason = Reason.UNEXPLAINED
        met.add(person)
        yield Difference(registrant.email, reason, Side.PLATFORM, registrant=registrant)


def _last_sync(webinar: Webinar) -> dt.datetime | None:
    """Return the second in which the last complete run began; None if there is none.

    In whole seconds, because the platform has registration times in seconds.
    """
    done = webinar.sync_runs.done().order_by("-started_at").first()
    return done.started_at.replace(microsecond=0) if done else None
