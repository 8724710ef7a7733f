"""Apply plans in bulk. Call these functions inside a transaction; they can be repeated."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from contacts import opt_outs
from contacts.activities import record_activities, withdraw_activities
from contacts.matching import ids_by_email
from contacts.models import PROPERTIES, Activity, Contact, OptOut
from core.emails import email_key
from core.lookups import AnyOf
from platforms.records import Session as RemoteSession
from sync.pull.changes import AttendancePlan, NewActivity, NewContact, NewRegistration, Plan
from webinars import internal, sessions
from webinars.attendance import attended_key
from webinars.models import Attendance, RegistrantAlias, Registration, Session, Webinar
from webinars.registration_events import STATE_FIELDS, registrations_changed

_BATCH = 500


@dataclass(slots=True)
class ApplyStats:
    """How many rows of each kind were new."""

    contacts: int = 0
    registrations: int = 0
    attendances: int = 0
    activities: int = 0
    changed: int = 0

    def add(self, other: "ApplyStats") -> None:
        self.contacts += other.contacts
        self.registrations += other.registrations
        self.attendances += other.attendances
        self.activities += other.activities
        self.changed += other.changed


def apply_plan(webinar: Webinar, plan: Plan) -> ApplyStats:
    """Write a plan for a page of registrants."""
    Contact.objects.bulk_create(
        [_contact(item) for item in plan.contacts], batch_size=_BATCH, ignore_conflicts=True
    )
    people = _ids(plan)
    Registration.objects.bulk_create(
        [_registration(webinar, item, people[item.person]) for item in plan.registrations],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
    for change in plan.changes:
        Registration.objects.filter(pk=change.registration_id).update(**change.values)
    new = Q(webinar=webinar, contact__in=[people[item.person] for item in plan.registrations])
    submitted_anew = [item.registration_id for item in plan.changes if "submitted" in item.values]
    internal.refresh(Registration.objects.filter(new | Q(pk__in=submitted_anew)))
    moved = [item.registration_id for item in plan.changes if STATE_FIELDS & item.values.keys()]
    if plan.registrations or moved:
        registrations_changed(Registration.objects.filter(new | Q(pk__in=moved)))
    _write_aliases(webinar, plan, people)
    activities = upsert_activities(webinar, plan.activities, people)
    if plan.opt_outs:
        opt_outs.opt_out_many(plan.opt_outs, OptOut.Source.PLATFORM)
    return ApplyStats(
        contacts=len(plan.contacts),
        registrations=len(plan.registrations),
        activities=activities,
        # A further registrant's key is a change too: attendance is looked up by it.
        changed=len(plan.changes) + len(plan.others),
    )


def _contact(item: NewContact) -> Contact:
    limits = {name: item.properties.get(name, "")[:255] for name in PROPERTIES}
    return Contact(
        email=item.email,
        email_key=email_key(item.email),
        first_name=item.first_name[:255],
        last_name=item.last_name[:255],
        source=Contact.Source.PLATFORM,
        **limits,
    )


def _registration(webinar: Webinar, item: NewRegistration, contact_id: int) -> Registration:
    return Registration(
        webinar=webinar,
        contact_id=contact_id,
        state=item.state,
        source=Registration.Source.PLATFORM,
        registrant_key=item.registrant_key,
        join_url=item.join_url,
        registered_at=item.registered_at,
        cancelled_at=item.cancelled_at,
        submitted=item.submitted,
        referral_source=item.referral_source,
        details_read_at=item.details_read_at,
    )


def _ids(plan: Plan) -> dict[str, int]:
    """Return the contact ids of the people named in `plan` by email key."""
    people = {item.person for item in plan.registrations}
    people |= {item.person for item in plan.others}
    people |= {item.contact for item in plan.activities if isinstance(item.contact, str)}
    return ids_by_email(people) if people else {}


def _write_aliases(webinar: Webinar, plan: Plan, people: dict[str, int]) -> None:
    if not plan.others:
        return
    contacts = {people[item.person] for item in plan.others}
    rows = Registration.objects.filter(AnyOf("contact", contacts), webinar=webinar)
    registrations = dict(rows.values_list("contact_id", "pk"))
    RegistrantAlias.objects.bulk_create(
        [
            RegistrantAlias(
                webinar=webinar,
                registration_id=registrations[people[item.person]],
                registrant_key=item.registrant_key,
                first_name=item.first_name[:255],
                last_name=item.last_name[:255],
                email=item.email[:254],
                registered_at=item.registered_at,
            )
            for item in plan.others
        ],
        ignore_conflicts=True,
    )


def upsert_activities(
    webinar: Webinar, lines: Sequence[NewActivity], people: dict[str, int] | None = None
) -> int:
    """Write timeline entries, each once; an existing entry is updated.

    Return how many entries the call was about.
    """
    rows = {}
    for line in lines:
        contact_id = line.contact if isinstance(line.contact, int) else (people or {})[line.contact]
        rows[contact_id, line.key] = Activity(
            contact_id=contact_id,
            key=line.key,
            kind=line.kind,
            happened_at=line.happened_at,
            webinar_key=webinar.key,
            webinar_subject=webinar.subject,
            data=line.data,
        )
    record_activities(rows.values(), replace=True)
    return len(rows)


def apply_sessions(webinar: Webinar, changed: Sequence[RemoteSession]) -> None:
    """Write new and changed sessions. Whether one counts is decided when it is new."""
    times = Webinar.objects.values_list("times", flat=True).get(pk=webinar.pk)
    Session.objects.bulk_create(
        [
            Session(
                webinar=webinar,
                key=item.key,
                started_at=item.started_at,
                ended_at=item.ended_at,
                poll_count=item.poll_count,
                attended_there=item.attended,
                counts=sessions.counts(item.ended_at, times),
            )
            for item in changed
        ],
        update_conflicts=True,
        unique_fields=["webinar", "key"],
        update_fields=["started_at", "ended_at", "poll_count", "attended_there"],
    )


def remove_sessions(webinar: Webinar, keys: Collection[str]) -> None:
    """Delete sessions that the platform no longer has, with their attendance."""
    gone = Session.objects.filter(webinar=webinar, key__in=keys)
    stays = Attendance.objects.filter(session__in=gone).select_related("registration", "session")
    while some := list(stays.order_by("pk")[:_BATCH]):
        remove_attendance(some)
    gone.delete()


def apply_attendance(webinar: Webinar, plan: AttendancePlan) -> ApplyStats:
    """Write a plan for a page of attendees, and the sums that filters read."""
    fresh = [stay for stay in plan.stays if stay.attendance_id is None]
    Attendance.objects.bulk_create(
        [
            Attendance(
                registration_id=stay.registration_id,
                session_id=stay.session_id,
                intervals=stay.intervals,
                seconds=stay.seconds,
                by_registrant=stay.by_registrant,
                estimated=stay.estimated,
            )
            for stay in plan.stays
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["session", "registration"],
        update_fields=["intervals", "seconds", "by_registrant", "estimated"],
    )
    _sum_up({stay.registration_id for stay in plan.stays})
    upsert_activities(webinar, plan.activities)
    return ApplyStats(
        attendances=len(fresh), activities=len(fresh), changed=len(plan.stays) - len(fresh)
    )


def remove_attendance(rows: Sequence[Attendance]) -> None:
    """Delete attendance that the platform no longer lists.

    `rows`, at most one batch, are read with their registration and session.
    """
    by_session: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_session[row.session.key].append(row.registration.contact_id)
    Attendance.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for key, contacts in by_session.items():
        withdraw_activities(Activity.objects.filter(contact__in=contacts, key=attended_key(key)))
    _sum_up({row.registration_id for row in rows})


def _sum_up(registration_ids: Collection[int]) -> None:
    """Update the sums of these registrations from their attendance."""
    stays: dict[int, list[tuple[int, list[list[int]]]]] = {pk: [] for pk in registration_ids}
    rows = Attendance.objects.filter(AnyOf("registration", registration_ids)).order_by()
    for registration_id, seconds, intervals in rows.values_list(
        "registration_id", "seconds", "intervals"
    ):
        stays[registration_id].append((seconds, intervals))
    sums = [(*_sums(some), registration_id) for registration_id, some in stays.items()]
    # Written as SQL: the one statement that bulk_update builds took a tenth of a first sync.
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE_SUMS, sums)


_WRITE_SUMS = f"""UPDATE {Registration._meta.db_table} SET sessions_attended = %s,
    seconds_attended = %s, first_joined_at = %s, last_left_at = %s WHERE id = %s"""


def _sums(
    stays: list[tuple[int, list[list[int]]]],
) -> tuple[int, int, str | dt.datetime | None, str | dt.datetime | None]:
    joined = [interval[0] for _, intervals in stays for interval in intervals]
    left = [interval[1] for _, intervals in stays for interval in intervals]
    return (
        len(stays),
        sum(seconds for seconds, _ in stays),
        _db_datetime(min(joined)) if joined else None,
        _db_datetime(max(left)) if left else None,
    )


def _db_datetime(seconds: int) -> str | dt.datetime | None:
    """Return a time, given in seconds since 1970, in the form that the database needs."""
    return connection.ops.adapt_datetimefield_value(dt.datetime.fromtimestamp(seconds, dt.UTC))
