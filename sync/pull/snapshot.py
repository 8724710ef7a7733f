"""Read the data about the people of one page in as few queries as possible."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db.models import Q, QuerySet

from contacts.matching import ids_by_email
from contacts.models import Activity
from contacts.tombstones import tombstones_of
from core.batches import batched
from core.emails import email_key
from core.lookups import AnyOf
from platforms.records import Attendee, Registrant
from sync.pull.attendance_plan import LocalAttendance, LocalSession
from sync.pull.plan import Deletion, LocalRegistration, LocalSnapshot
from sync.pull.seen_keys import SeenKeys
from webinars.models import Attendance, RegistrantAlias, Registration, Session, Webinar

_BATCH = 500
_FIELDS = ("pk", "contact_id", "registrant_key", "state", "cancelled_at", "join_url")


def _local_registration(row: Sequence[object]) -> LocalRegistration:
    pk, contact_id, key, state, cancelled_at, join_url = row
    return LocalRegistration(pk, contact_id, key, state, cancelled_at is not None, join_url)  # type: ignore[arg-type]


def read_page(webinar: Webinar, page: Sequence[Registrant]) -> LocalSnapshot:
    """Return the data about a page of registrants.

    One query if all are known; contacts, further registrants and deletions are looked up only for
    unknown keys.
    """
    local = LocalSnapshot()
    rows = of_registrants(webinar, [registrant.key for registrant in page])
    for row in rows.values_list(*_FIELDS):
        known = _local_registration(row)
        local.registrations[known.registrant_key] = known
    unknown = [item for item in page if item.key not in local.registrations]
    if unknown:
        _read_aliases(webinar, unknown, local)
        _read_people({email_key(item.email) for item in unknown}, webinar, local)
    return local


def of_registrants(webinar: Webinar, keys: Collection[str]) -> QuerySet[Registration]:
    """Return the registrations of `webinar` with one of these registrants' keys, unordered.

    The condition that a key is not empty is redundant, but without it neither database uses the
    index of registrants' keys, which excludes empty ones, and would read the whole webinar for each
    page.
    """
    return Registration.objects.filter(
        ~Q(registrant_key=""), AnyOf("registrant_key", keys), webinar=webinar
    ).order_by()


def _read_aliases(webinar: Webinar, unknown: Sequence[Registrant], local: LocalSnapshot) -> None:
    others = RegistrantAlias.objects.filter(
        AnyOf("registrant_key", [registrant.key for registrant in unknown]), webinar=webinar
    ).select_related("registration")
    for other in others:
        item = other.registration
        local.registrations[other.registrant_key] = LocalRegistration(
            item.pk,
            item.contact_id,
            item.registrant_key,
            item.state,
            item.cancelled_at is not None,
            item.join_url,
        )


def _read_people(people: Collection[str], webinar: Webinar, local: LocalSnapshot) -> None:
    local.contacts = ids_by_email(people)
    rows = Registration.objects.filter(AnyOf("contact", local.contacts.values()), webinar=webinar)
    for row in rows.order_by().values_list(*_FIELDS):
        known = _local_registration(row)
        local.of_contact[known.contact_id] = known
    local.deletions = {
        person: Deletion(stone.deleted_at, stone.permanent)
        for person, stone in tombstones_of(people).items()
    }


def unseen_registrations(webinar: Webinar, seen: SeenKeys) -> Iterator[LocalRegistration]:
    """Yield the registrations that should be on the platform's list and whose key is not in
    `seen`."""
    rows = Registration.objects.listed().filter(webinar=webinar).order_by("pk")
    keys = rows.values_list("pk", "registrant_key").iterator(chunk_size=2000)
    for unseen in batched((pk for pk, key in keys if key not in seen), _BATCH):
        yield from map(_local_registration, rows.filter(pk__in=unseen).values_list(*_FIELDS))


def alias_keys(registration_id: int) -> list[str]:
    """Return the further registrants' keys of a registration."""
    rows = RegistrantAlias.objects.filter(registration=registration_id)
    return list(rows.values_list("registrant_key", flat=True))


def read_sessions(webinar: Webinar) -> dict[str, LocalSession]:
    """Return the sessions of `webinar` by key."""
    rows = Session.objects.filter(webinar=webinar)
    return {
        key: LocalSession(pk, key, started_at, ended_at)
        for pk, key, started_at, ended_at in rows.values_list("pk", "key", "started_at", "ended_at")
    }


def read_attendance(webinar: Webinar, page: Sequence[Attendee]) -> LocalAttendance:
    """Return the data about a page of attendees: two queries (three with unknown people, or with
    people who attended as several registrants)."""
    keys = {attendee.registrant_key for attendee in page}
    local = LocalAttendance(people=people_by_key(webinar, keys))
    rows = Attendance.objects.filter(
        AnyOf("registration", {registration_id for registration_id, _ in local.people.values()})
    ).order_by()
    others: set[str] = set()
    for pk, registration_id, session_id, listed in rows.values_list(
        "pk", "registration_id", "session_id", "by_registrant"
    ):
        local.stays[registration_id, session_id] = pk, listed
        others |= listed.keys() - keys
    if others:
        local.people |= people_by_key(webinar, others)
    return local


def people_by_key(webinar: Webinar, keys: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return (registration id, contact id) by registrant key, including further registrants."""
    rows = of_registrants(webinar, keys)
    people = {
        key: (pk, contact_id)
        for key, pk, contact_id in rows.values_list("registrant_key", "pk", "contact_id")
    }
    rest = [key for key in keys if key not in people]
    if rest:
        others = RegistrantAlias.objects.filter(AnyOf("registrant_key", rest), webinar=webinar)
        people |= {
            key: (pk, contact_id)
            for key, pk, contact_id in others.values_list(
                "registrant_key", "registration_id", "registration__contact_id"
            )
        }
    return people


def read_lines(contact_ids: Iterable[int], prefix: str) -> dict[tuple[int, str], object]:
    """Return the data of the timeline entries of these contacts whose key starts with `prefix`."""
    rows = Activity.objects.filter(AnyOf("contact", set(contact_ids)), key__startswith=prefix)
    return {
        (contact_id, key): data
        for contact_id, key, data in rows.values_list("contact_id", "key", "data")
    }
