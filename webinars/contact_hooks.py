"""The contact hooks of registrations and attendance."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet

from contacts.contact_hooks import ContactHooks, Join, People, register
from contacts.merge_journal import Journal
from contacts.models import Activity
from core import audit
from core.emails import email_key
from webinars import internal
from webinars.attendance import (
    attended_key,
    attended_line,
    merge_intervals,
    missed_key,
    seconds_in_room,
)
from webinars.models import (
    Attendance,
    InternalAddress,
    RegistrantAlias,
    Registration,
    Speaker,
)

State = Registration.State

# The state of a registration on the platform: these columns are taken over together.
_STATUS_FIELDS = (
    "state", "registrant_key", "join_url", "cancelled_at", "problem_code", "problem_params",
    "platform_message", "rejected_fields", "next_push_at", "push_attempts", "waiting_since",
    "submitted", "submitted_email_key", "sent_differently",
)  # fmt: skip
# Of two registrations the one whose state comes first here is the one that counts.
RANK = (
    State.REGISTERED, State.AWAITING, State.PENDING, State.OVERFLOW, State.REJECTED, State.WALK_IN,
)  # fmt: skip


def join_registrations(journal: Journal, row: Registration, twin: Registration) -> None:
    """Merge two registrations for one webinar: the better state counts, and all intervals."""
    journal.absorb(row, twin)
    key, submitted = row.registrant_key, row.submitted
    if _rank(row) < _rank(twin):
        key, submitted = twin.registrant_key, twin.submitted
        journal.change(twin, **{name: getattr(row, name) for name in _STATUS_FIELDS})
    elif not twin.registrant_key and key:
        journal.change(twin, registrant_key=key, join_url=row.join_url)
        key = ""
    if key:
        # The sync continues to treat both of the platform's registrants as this person.
        names = {
            name: str(submitted.get(name, ""))[:254]
            for name in ("first_name", "last_name", "email")
        }
        journal.make(
            RegistrantAlias(webinar=twin.webinar, registration=twin, registrant_key=key, **names)
        )
    stays = list(twin.attendances.all())
    waits = twin.state == State.OVERFLOW
    since = [at for at in (twin.waiting_since, row.waiting_since) if at and waits]
    joined = [at for at in (twin.first_joined_at, row.first_joined_at) if at]
    left = [at for at in (twin.last_left_at, row.last_left_at) if at]
    journal.change(
        twin,
        registered_at=min(twin.registered_at, row.registered_at),
        referral_source=twin.referral_source or row.referral_source,
        waiting_since=min(since, default=twin.waiting_since),
        sessions_attended=len(stays) or max(twin.sessions_attended, row.sessions_attended),
        seconds_attended=sum(stay.seconds for stay in stays)
        or max(twin.seconds_attended, row.seconds_attended),
        first_joined_at=min(joined, default=None),
        last_left_at=max(left, default=None),
    )
    if twin.sessions_attended:
        key = missed_key(twin.webinar.key)
        for line in Activity.objects.filter(contact__in=[twin.contact_id, row.contact_id], key=key):
            journal.remove(line)


def _rank(registration: Registration) -> tuple[int, bool]:
    state = State(registration.state)
    place = RANK.index(state) if state in RANK else len(RANK)
    return place, registration.cancelled_at is not None


def join_attendances(journal: Journal, row: Attendance, twin: Attendance) -> None:
    """Recompute the attendance in the sum and in the timeline entry."""
    stays = merge_intervals(twin.intervals, row.intervals)
    seconds = seconds_in_room(stays)
    estimated = twin.estimated or row.estimated
    journal.change(
        twin,
        intervals=stays,
        seconds=seconds,
        by_registrant=twin.by_registrant | row.by_registrant,
        estimated=estimated,
    )
    session = twin.session
    line = Activity.objects.filter(
        contact=twin.registration.contact_id, key=attended_key(session.key)
    ).first()
    if line is not None:
        joined_at, data = attended_line(
            session.key, session.started_at, session.ended_at, stays, seconds, estimated=estimated
        )
        journal.change(line, data=data, happened_at=joined_at)
    journal.absorb(row, twin)


@register
class WebinarHooks(ContactHooks):
    joins: Mapping[type[Model], Join] = {
        Registration: join_registrations,
        Attendance: join_attendances,
    }

    def known_as(self, contact_ids: Collection[int]) -> People:
        rows = Registration.objects.filter(contact__in=contact_ids)
        emails, names, keys = set(), set(), set()
        for submitted, key in rows.values_list("submitted", "registrant_key"):
            emails.add(email_key(str(submitted.get("email", ""))))
            names |= {str(submitted.get(name, "")) for name in ("first_name", "last_name")}
            keys.add(key)
        others = RegistrantAlias.objects.filter(registration__contact__in=contact_ids)
        for key, email, *called in others.values_list(
            "registrant_key", "email", "first_name", "last_name"
        ):
            keys.add(key)
            emails.add(email_key(email))
            names |= set(called)
        return People(
            emails=frozenset(emails - {""}),
            names=frozenset(names - {""}),
            registrant_keys=frozenset(keys - {""}),
        )

    def scrub(self, people: People) -> Mapping[str, int]:
        """Remove their speakers and internal addresses, and the names of these in the audit log."""
        speakers, addresses = _named(people)
        return {
            audit.LABEL: audit.leave_out_named(InternalAddress, people.emails),
            Speaker._meta.label: speakers.delete()[0],
            InternalAddress._meta.label: addresses.delete()[0],
        }

    def rows_about(self, people: People) -> Iterable[QuerySet[Any]]:
        return _named(people)

    def addresses_changed(self, contact_ids: Collection[int]) -> None:
        internal.refresh(Registration.objects.filter(contact__in=contact_ids))

    def heard_since(self, moment: dt.datetime) -> Iterable[Any]:
        """People who registered for a webinar are expected until it is over."""
        expected = Registration.objects.filter(contact=OuterRef("pk"), webinar__ends_at__gte=moment)
        return [Exists(expected)]


def _named(people: People) -> tuple[QuerySet[Speaker], QuerySet[InternalAddress]]:
    return (
        Speaker.objects.filter(email_key__in=people.emails),
        InternalAddress.objects.filter(text__in=people.emails),
    )
