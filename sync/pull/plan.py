"""Plan the changes for a page of registrants. Pure: no I/O, no clock.

The rules are those of docs/concepts.md; each branch below names the one it implements.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contacts.models import Activity
from core.emails import email_key
from platforms.records import Registrant, RegistrantDetails, RegistrantStatus
from sync.pull.changes import (
    NewActivity,
    NewAlias,
    NewContact,
    NewRegistration,
    Plan,
    RegistrationChange,
)
from webinars.models import Registration
from webinars.models.conditions import LISTED_STATES

State = Registration.State
Kind = Activity.Kind

_STATES = {
    RegistrantStatus.APPROVED: State.REGISTERED,
    RegistrantStatus.AWAITING: State.AWAITING,
    RegistrantStatus.DENIED: State.DENIED,
}


class LocalRegistration(msgspec.Struct, frozen=True):
    """A registration of the webinar in the database."""

    id: int
    contact_id: int
    registrant_key: str
    state: str
    cancelled: bool
    join_url: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """A remembered deletion (rule 5)."""

    deleted_at: dt.datetime
    permanent: bool


@dataclass(slots=True)
class LocalSnapshot:
    """The data in the database about the people of one page."""

    # By registrant key, of a registration itself or of a further registrant.
    registrations: dict[str, LocalRegistration] = field(default_factory=dict)
    # Contact ids by email key, and this webinar's registrations of those contacts.
    contacts: dict[str, int] = field(default_factory=dict)
    of_contact: dict[int, LocalRegistration] = field(default_factory=dict)
    deletions: dict[str, Deletion] = field(default_factory=dict)

    def person(self, address: str) -> str:
        """Return one email key for all addresses of the same contact."""
        key = email_key(address)
        contact_id = self.contacts.get(key)
        if contact_id is None:
            return key
        return min(known for known, pk in self.contacts.items() if pk == contact_id)


def state_of(status: RegistrantStatus) -> State:
    """Return the state of a registration whose registrant has `status`."""
    return _STATES[status]


def can_go(registrant: Registrant) -> bool:
    """Return whether `registrant` has what is required to sync a person (rule 2)."""
    return bool(
        registrant.first_name.strip() and registrant.last_name.strip() and registrant.email.strip()
    )


def _is_on_the_list(known: LocalRegistration) -> bool:
    return bool(known.registrant_key) and not known.cancelled and known.state in LISTED_STATES


def stays_deleted(
    registrant: Registrant, deletions: Deletion | None, *, known: bool = False
) -> bool:
    """Return whether `registrant` was deleted here and stays deleted (rule 5).

    `known` means that there is a contact at that address: then someone has added them again, and
    only an erasure keeps registrations away.
    """
    if deletions is None or (known and not deletions.permanent):
        return False
    # The platform has times in whole seconds: within one second the registration counts as newer.
    older = registrant.registered_at < deletions.deleted_at.replace(microsecond=0)
    return older or (deletions.permanent and not known)


def new_people(page: Sequence[Registrant], local: LocalSnapshot) -> list[Registrant]:
    """Return those of `page` who will become new contacts, whose details must be read."""
    found: dict[str, Registrant] = {}
    for registrant in page:
        if registrant.key in local.registrations:
            continue
        person = email_key(registrant.email)
        if (
            person not in local.contacts
            and person not in found
            and can_go(registrant)
            and not stays_deleted(registrant, local.deletions.get(person))
        ):
            found[person] = registrant
    return list(found.values())


def in_turn(
    page: Sequence[Registrant], local: LocalSnapshot
) -> tuple[list[Registrant], list[Registrant], list[Registrant]]:
    """Split `page` into three parts, to be planned one after the other.

    The first needs no details; the second are new people, whose details are read; the third are
    further registrants of these people, whose details must be read first (rule 3).
    """
    strangers = new_people(page, local)
    keys = {item.key for item in strangers}
    people = {email_key(item.email) for item in strangers}
    known: list[Registrant] = []
    further: list[Registrant] = []
    for item in page:
        if item.key not in keys:
            later = item.key not in local.registrations and email_key(item.email) in people
            (further if later else known).append(item)
    return known, strangers, further


def plan_registrants(
    page: Sequence[Registrant],
    local: LocalSnapshot,
    details: Mapping[str, RegistrantDetails],
    *,
    webinar_key: str,
    now: dt.datetime,
    skip: Collection[str] = (),
    gone: Collection[str] = (),
) -> Plan:
    """Return the changes that sync a page of registrants.

    `details` are by registrant key. Registrants whose key is in `skip` are left for the next run
    (their details could not be read). Those in `gone` are not registered on the platform, and known
    only because they attended.
    """
    planner = _Planner(local, details, webinar_key, now, frozenset(gone))
    for registrant in page:
        if registrant.key not in skip:
            planner.plan_registrant(registrant)
    return planner.plan


def plan_cancellation(
    registration: LocalRegistration, *, webinar_key: str, now: dt.datetime
) -> Plan:
    """Return the changes for a registrant who is confirmed to be gone (rule 4): still registered
    here."""
    key = f"cancelled:{webinar_key}:{now.timestamp():.0f}"
    return Plan(
        changes=[RegistrationChange(registration.id, {"cancelled_at": now})],
        activities=[NewActivity(registration.contact_id, key, Kind.CANCELLED, now)],
    )


class _Planner:
    def __init__(
        self,
        local: LocalSnapshot,
        details: Mapping[str, RegistrantDetails],
        webinar_key: str,
        now: dt.datetime,
        gone: frozenset[str],
    ) -> None:
        self.plan = Plan()
        self._local = local
        self._details = details
        self._webinar = webinar_key
        self._now = now
        self._gone = gone
        # People registered by this page: a second registrant of theirs is a further one.
        self._registered: set[str] = set()
        # Keys already planned: a page of attendees has someone with two sessions twice.
        self._taken: set[str] = set()
        # Registrations by id, with the changes planned so far.
        self._changed: dict[int, LocalRegistration] = {}

    def plan_registrant(self, registrant: Registrant) -> None:
        if registrant.key in self._taken:
            return
        self._taken.add(registrant.key)
        details = self._details.get(registrant.key)
        if details is not None and details.unsubscribed:
            self.plan.opt_outs.append(registrant.email)
        known = self._local.registrations.get(registrant.key)
        if known is not None:
            self._update(self._changed.get(known.id, known), registrant)
        elif can_go(registrant):
            self._unknown_key(registrant, self._local.person(registrant.email))

    def _unknown_key(self, registrant: Registrant, person: str) -> None:
        contact_id = self._local.contacts.get(person)
        known = self._local.of_contact.get(contact_id) if contact_id is not None else None
        if known is not None:
            known = self._changed.get(known.id, known)
        deleted = stays_deleted(
            registrant,
            self._local.deletions.get(email_key(registrant.email)),
            known=contact_id is not None,
        )
        if person in self._registered or (known is not None and _is_on_the_list(known)):
            if not deleted:
                self._further(registrant, person)
        elif known is not None:
            self._adopt(known, registrant, person)
        elif not deleted:
            if contact_id is None:
                self._match(registrant)
            self._register(registrant, person)

    def _further(self, registrant: Registrant, person: str) -> None:
        self.plan.others.append(
            NewAlias(
                person,
                registrant.key,
                registrant.first_name.strip(),
                registrant.last_name.strip(),
                registrant.email.strip(),
                registrant.registered_at,
            )
        )

    def _match(self, registrant: Registrant) -> None:
        """Plan a contact with all details for an unknown registrant (rule 3)."""
        details = self._details.get(registrant.key)
        self.plan.contacts.append(
            NewContact(
                registrant.email.strip(),
                registrant.first_name.strip(),
                registrant.last_name.strip(),
                dict(details.properties) if details else {},
            )
        )

    def _register(self, registrant: Registrant, person: str) -> None:
        # An attendee who is not a registrant on the platform attended without registration.
        walk_in = registrant.key in self._gone
        state = State.WALK_IN if walk_in else state_of(registrant.status)
        self._registered.add(person)
        self.plan.registrations.append(
            NewRegistration(
                person=person,
                registrant_key=registrant.key,
                state=state,
                join_url=registrant.join_url,
                registered_at=registrant.registered_at,
                submitted=_submitted(registrant, self._details.get(registrant.key)),
                referral_source=source_of(self._details.get(registrant.key)),
                # No longer on the platform's list, or never.
                cancelled_at=self._now if walk_in else None,
                details_read_at=self._read_at(registrant),
            )
        )
        self._add_registered(person, registrant, state)

    def _read_at(self, registrant: Registrant) -> dt.datetime | None:
        """Return when the details of this registrant were read; None if they were not."""
        details = self._details.get(registrant.key)
        return self._now if details is not None and not details.by_event else None

    def _adopt(self, known: LocalRegistration, registrant: Registrant, person: str) -> None:
        """Save the key of someone who was pushed, was on the waiting list, or came back with a new
        key."""
        values: dict[str, Any] = {"registrant_key": registrant.key}
        if known.registrant_key:
            self.plan.others.append(NewAlias(person, known.registrant_key))
            # The details under the new key have not been read.
            values |= {"details_read_at": None, "details_try_at": None}
        self._change(known, registrant, values)
        self._registered.add(person)

    def _update(self, known: LocalRegistration, registrant: Registrant) -> None:
        if registrant.key != known.registrant_key:
            # Their own registrant decides the state; this one only if that is gone.
            if known.cancelled:
                # The link's registration was not made by our form.
                theirs = registrant.join_url and registrant.join_url != known.join_url
                source = {"source": Registration.Source.PLATFORM} if theirs else {}
                self._change(known, registrant, source)
            return
        self._change(known, registrant, {})

    def _change(
        self, known: LocalRegistration, registrant: Registrant, values: dict[str, Any]
    ) -> None:
        state = state_of(registrant.status)
        if known.state != state:
            values |= {"state": state, "next_push_at": None, "waiting_since": None}
            values |= {"problem_code": "", "problem_params": {}, "platform_message": ""}
        if registrant.join_url and known.join_url != registrant.join_url:
            values["join_url"] = registrant.join_url
        if known.cancelled and registrant.key not in self._gone:
            values["cancelled_at"] = None
            self._add_activity(
                known.contact_id,
                f"returned:{self._webinar}:{self._now.timestamp():.0f}",
                Kind.RETURNED,
                registrant.registered_at,
            )
        elif known.state == State.OVERFLOW and state == State.REGISTERED:
            self._add_activity(
                known.contact_id, f"promoted:{self._webinar}", Kind.PROMOTED, self._now
            )
        elif known.state != state:
            self._add_registered(known.contact_id, registrant, state)
        if values:
            self.plan.changes.append(RegistrationChange(known.id, values))
            self._changed[known.id] = msgspec.structs.replace(
                known,
                registrant_key=values.get("registrant_key", known.registrant_key),
                state=state,
                cancelled=known.cancelled and "cancelled_at" not in values,
                join_url=values.get("join_url", known.join_url),
            )

    def _add_registered(self, contact: str | int, registrant: Registrant, state: State) -> None:
        if state == State.AWAITING:
            kind, key = Kind.AWAITING, f"awaiting:{self._webinar}"
        else:
            kind, key = Kind.REGISTERED, f"registered:{self._webinar}"
        details = self._details.get(registrant.key)
        data = {"source": (details.source if details else "") or "", "state": str(state)}
        self._add_activity(contact, key, kind, registrant.registered_at, data)

    def _add_activity(
        self,
        contact: str | int,
        key: str,
        kind: Kind,
        at: dt.datetime,
        data: dict[str, Any] | None = None,
    ) -> None:
        self.plan.activities.append(NewActivity(contact, key, kind, at, data or {}))


def _submitted(registrant: Registrant, details: RegistrantDetails | None) -> dict[str, Any]:
    """Return what the person submitted, so that differences can be applied by hand (rule 3)."""
    submitted: dict[str, Any] = {
        "email": registrant.email,
        "first_name": registrant.first_name,
        "last_name": registrant.last_name,
    }
    if details is not None:
        submitted |= submitted_values(details)
    return submitted


def submitted_values(details: RegistrantDetails) -> dict[str, Any]:
    """Return all submitted values in `details` besides name and email."""
    submitted: dict[str, Any] = details.properties | details.extras
    if details.answers:
        submitted["answers"] = [[item.question, item.answer] for item in details.answers]
    return submitted


def source_of(details: RegistrantDetails | None) -> str:
    """Return the source of a registration, within the length of `Registration.referral_source`."""
    return details.source.strip()[:128] if details else ""
