"""Merging two contacts into one, and parting them again: both in one transaction.

Everything that points to the one who goes is moved to the one who stays, whatever table it stands
in. Where both have the same thing (a registration for one webinar, a line of the timeline), it is
joined. A ledger of what was moved, changed, removed and made is kept, and read backwards to undo.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, runtime_checkable

from django.apps import apps
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import PROPERTIES, Activity, Contact, FurtherEmail, Merge
from sync.pull.attendance_plan import LocalSession, attended, seconds_in_room
from sync.pull.attendance_plan import merge as merged_intervals
from webinars.models import Attendance, OtherRegistrant, Registration

State = Registration.State
TAKEABLE = ("first_name", "last_name", *PROPERTIES)

# What says how a registration stands on GoTo: taken over together or not at all.
_STANDING = (
    "state", "registrant_key", "join_url", "cancelled_at", "problem", "goto_words", "goto_fields",
    "next_push_at", "push_attempts", "waiting_since", "given",
)  # fmt: skip
# The better a registration stands, the rather it is the one that counts.
RANK = (State.REGISTERED, State.AWAITING, State.PENDING, State.OVERFLOW, State.REJECTED)


@runtime_checkable
class Joinable(Protocol):
    """A row of another app that knows what it has over the one that stays in its place."""

    def better_than(self, twin: Any) -> dict[str, Any]:
        """Return the values that `twin` is to take from this row."""


class CannotUndo(Exception):
    """The merge cannot be undone; the text says why."""


class _Exact(DjangoJSONEncoder):
    """Keeps times to the microsecond: what is undone must be as it was."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, dt.datetime) else super().default(o)


@dataclass(slots=True)
class _Ledger:
    # (table, column, rows, from whom, to whom), (row, column, old, new), whole rows, (row).
    moved: list[tuple[str, str, list[Any], Any, Any]] = field(default_factory=list)
    changed: list[tuple[str, Any, str, Any, Any]] = field(default_factory=list)
    removed: list[Any] = field(default_factory=list)
    made: list[tuple[str, Any]] = field(default_factory=list)

    def change(self, row: models.Model, **values: Any) -> None:
        """Write `values` of `row` and note what stood there."""
        new = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in new.items():
            self.changed.append((row._meta.label, row.pk, name, getattr(row, name), value))
            setattr(row, name, value)
        if new:
            type(row)._base_manager.filter(pk=row.pk).update(**new)

    def remove(self, row: models.Model) -> None:
        """Delete the one row, to which nothing points any more, and keep what stood in it.

        No signal is sent: nobody is deleted by a merge, and no tombstone must say so.
        """
        self.removed += json.loads(serializers.serialize("json", [row], cls=_Exact))
        type(row)._base_manager.filter(pk=row.pk)._raw_delete(row._state.db or "default")

    def make(self, row: models.Model) -> None:
        row.save()
        self.made.append((row._meta.label, row.pk))

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), cls=_Exact))
        return found


@transaction.atomic
def merge(kept_id: int, gone_id: int, taken: Iterable[str], user_id: int | None) -> Merge:
    """Join the contact `gone_id` into `kept_id`, who takes over the properties named in `taken`.

    The address of who goes stays known as a further one. Raises Contact.DoesNotExist.
    """
    rows = Contact.objects.select_for_update().filter(pk__in=(kept_id, gone_id)).order_by("pk")
    people = {row.pk: row for row in rows}
    if len(people) != 2:
        raise Contact.DoesNotExist
    kept, gone = people[kept_id], people[gone_id]
    ledger = _Ledger()
    ledger.change(kept, **{name: getattr(gone, name) for name in taken if name in TAKEABLE})
    _move_everything(ledger, gone, kept)
    ledger.remove(gone)
    ledger.make(FurtherEmail(contact=kept, email=gone.email, email_key=gone.email_key))
    return Merge.objects.create(
        kept=kept,
        name=f"{gone.full_name} <{gone.email}>"[:520],
        made_by_id=user_id,
        before=ledger.as_json(),
    )


def _pointing_at(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Yield each model with the name of its field that points at `model`."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            yield relation.related_model, relation.field.name


def _move_everything(ledger: _Ledger, gone: models.Model, kept: models.Model) -> None:
    """Let whatever points at `gone` point at `kept`; join what both have."""
    for model, name in _pointing_at(type(gone)):
        rows = list(model._base_manager.filter(**{name: gone.pk}))
        twins = _twins(model, name, rows, kept)
        for row in rows:
            if row.pk in twins:
                _join(ledger, row, twins[row.pk])
        free = [row.pk for row in rows if row.pk not in twins]
        if free:
            model._base_manager.filter(pk__in=free).update(**{name: kept.pk})
            ledger.moved.append((model._meta.label, name, free, gone.pk, kept.pk))


def _twins(
    model: type[models.Model], name: str, rows: list[Any], kept: models.Model
) -> dict[Any, models.Model]:
    """Return, by the key of one of `rows`, the row of `kept` that leaves no room for it."""
    found: dict[Any, models.Model] = {}
    for constraint in model._meta.total_unique_constraints:
        others = [other for other in constraint.fields if other != name]
        if len(others) == len(constraint.fields) or not others:
            continue
        places = {
            tuple(row.serializable_value(other) for other in others): row
            for row in model._base_manager.filter(**{name: kept.pk})
        }
        for row in rows:
            place = tuple(row.serializable_value(other) for other in others)
            if place in places:
                found[row.pk] = places[place]
    return found


def _join(ledger: _Ledger, row: Any, twin: Any) -> None:
    """Let `twin` say what both said, and remove `row`."""
    if isinstance(row, Registration):
        _join_registration(ledger, row, twin)
        return
    if isinstance(row, Activity) and _says_more(row, twin):
        # Parted again, the contact is put right before the key: one has no key twice.
        ledger.change(row, key=f"{row.key[:100]}~{row.pk}", contact_id=twin.contact_id)
        return
    if isinstance(row, Attendance):
        _join_stays(ledger, row, twin)
    elif isinstance(row, Joinable):
        ledger.change(twin, **row.better_than(twin))
    _move_everything(ledger, row, twin)
    ledger.remove(row)


def _says_more(line: Activity, twin: Activity) -> bool:
    """Tell whether `line` is to stand beside `twin`; how long both were there is one line."""
    return line.kind != Activity.Kind.ATTENDED and line.data != twin.data


def _join_stays(ledger: _Ledger, row: Attendance, twin: Attendance) -> None:
    """Count the time in the room once, in the sum and in the line of the timeline."""
    stays = merged_intervals(twin.intervals, row.intervals)
    seconds = seconds_in_room(stays)
    ledger.change(twin, intervals=stays, seconds=seconds)
    session, contact_id = twin.session, twin.registration.contact_id
    here = LocalSession(session.pk, session.key, session.started_at, session.ended_at)
    told = attended(contact_id, here, stays, seconds)
    line = Activity.objects.filter(contact=contact_id, key=told.key).first()
    if line is not None:
        ledger.change(line, data=told.data, happened_at=told.happened_at)


def _join_registration(ledger: _Ledger, row: Registration, twin: Registration) -> None:
    """Join two registrations for one webinar: how the better one stands counts, both stays do."""
    _move_everything(ledger, row, twin)
    ledger.remove(row)
    key = row.registrant_key
    if _rank(row) < _rank(twin):
        key = twin.registrant_key
        ledger.change(twin, **{name: getattr(row, name) for name in _STANDING})
    elif not twin.registrant_key and key:
        ledger.change(twin, registrant_key=key, join_url=row.join_url)
        key = ""
    if key:
        # The sync goes on knowing both of GoTo's registrants as this person.
        ledger.make(OtherRegistrant(webinar=twin.webinar, registration=twin, registrant_key=key))
    stays = list(twin.attendances.all())
    waits = twin.state == State.OVERFLOW
    since = [at for at in (twin.waiting_since, row.waiting_since) if at and waits]
    joined = [at for at in (twin.first_joined_at, row.first_joined_at) if at]
    left = [at for at in (twin.last_left_at, row.last_left_at) if at]
    ledger.change(
        twin,
        registered_at=min(twin.registered_at, row.registered_at),
        came_from=twin.came_from or row.came_from,
        waiting_since=min(since, default=twin.waiting_since),
        sessions_attended=len(stays) or max(twin.sessions_attended, row.sessions_attended),
        seconds_attended=sum(stay.seconds for stay in stays)
        or max(twin.seconds_attended, row.seconds_attended),
        first_joined_at=min(joined, default=None),
        last_left_at=max(left, default=None),
    )


def _rank(registration: Registration) -> tuple[int, bool]:
    state = State(registration.state)
    place = RANK.index(state) if state in RANK else len(RANK)
    return place, registration.cancelled_at is not None


@transaction.atomic
def undo(merge_id: int) -> Contact:
    """Part two contacts again and return the one who went. Raises CannotUndo.

    What has come since stays with the contact that stayed; what was changed since stays changed.
    """
    found = Merge.objects.select_for_update().filter(pk=merge_id).first()
    if found is None or not found.undoable:
        raise CannotUndo(_("A merge can be undone for 30 days, and once."))
    if found.kept.merges.filter(pk__gt=found.pk, undone_at__isnull=True).exists():
        raise CannotUndo(_("Another contact was merged into this one later. Undo that one first."))
    before = found.before
    for label, pk in before["made"]:
        apps.get_model(label)._base_manager.filter(pk=pk).delete()
    for label, pk, name, old, new in reversed(before["changed"]):
        _change_back(apps.get_model(label), pk, name, old, new)
    try:
        with transaction.atomic():
            rows = json.dumps(before["removed"][::-1])
            for item in serializers.deserialize("json", rows):
                item.save(force_insert=True)
            for label, name, pks, old_id, new_id in before["moved"]:
                rows_there = apps.get_model(label)._base_manager.filter(
                    pk__in=pks, **{name: new_id}
                )
                rows_there.update(**{name: old_id})
    except IntegrityError as error:
        raise CannotUndo(
            _("Something has come since that stands where the other contact stood.")
        ) from error
    Merge.objects.filter(pk=found.pk).update(undone_at=timezone.now(), before={})
    return Contact.objects.get(pk=before["removed"][-1]["pk"])


def _change_back(model: Any, pk: Any, name: str, old: Any, new: Any) -> None:
    """Write `old` back, unless somebody has changed it since."""
    column = model._meta.get_field(name)
    rows = model._base_manager.filter(pk=pk)
    now = rows.values_list(name, flat=True).first()
    if rows.exists() and now == _python(column, new):
        rows.update(**{name: _python(column, old)})


def _python(column: Any, value: Any) -> Any:
    return value if isinstance(column, models.JSONField) else column.to_python(value)
