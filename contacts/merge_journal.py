"""The journal of a merge: what it moves, changes, deletes and creates, so that it can be undone."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from contacts.contact_hooks import join_of


class _Exact(DjangoJSONEncoder):
    """A JSON encoder that keeps microseconds: an undone merge must restore times exactly."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, dt.datetime) else super().default(o)


@dataclass(slots=True)
class Journal:
    """The steps of a merge. `Merge.journal` has it as JSON, under these names."""

    # (table, column, rows, from whom, to whom), (row, column, old, new), whole rows, (row).
    moved: list[tuple[str, str, list[Any], Any, Any]] = field(default_factory=list)
    changed: list[tuple[str, Any, str, Any, Any]] = field(default_factory=list)
    removed: list[Any] = field(default_factory=list)
    made: list[tuple[str, Any]] = field(default_factory=list)

    def change(self, row: models.Model, **values: Any) -> None:
        """Save `values` of `row`, and record the former ones."""
        new = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in new.items():
            self.changed.append((row._meta.label, row.pk, name, getattr(row, name), value))
            setattr(row, name, value)
        if not new:
            return
        type(row)._base_manager.filter(pk=row.pk).update(**new)
        for bound in _bound_together(type(row)):
            if bound & new.keys():
                self.changed += [
                    (row._meta.label, row.pk, name, getattr(row, name), getattr(row, name))
                    for name in sorted(bound - new.keys())
                ]

    def remove(self, row: models.Model) -> None:
        """Delete a row to which nothing points any more, and record its data.

        No signal is sent: no person is deleted by a merge, so no tombstone must be created.
        """
        self.removed += json.loads(serializers.serialize("json", [row], cls=_Exact))
        type(row)._base_manager.filter(pk=row.pk)._raw_delete(row._state.db or "default")

    def make(self, row: models.Model) -> None:
        """Save a new row."""
        row.save()
        self.made.append((row._meta.label, row.pk))

    def absorb(self, row: models.Model, twin: models.Model) -> None:
        """Point everything that points at `row` to `twin`, and delete `row`."""
        self.move_all(row, twin)
        self.remove(row)

    def move_all(self, gone: models.Model, kept: models.Model) -> None:
        """Point everything that points at `gone` to `kept`; merge what both have."""
        for model, name in _pointing_at(type(gone)):
            rows = list(model._base_manager.filter(**{name: gone.pk}))
            twins = _twins(model, name, rows, kept)
            join = join_of(model) or Journal.absorb
            for row in rows:
                if row.pk in twins:
                    join(self, row, twins[row.pk])
            free = [row.pk for row in rows if row.pk not in twins]
            if free:
                model._base_manager.filter(pk__in=free).update(**{name: kept.pk})
                self.moved.append((model._meta.label, name, free, gone.pk, kept.pk))

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), cls=_Exact))
        return found


def undo(journal: dict[str, Any]) -> Any:
    """Undo the steps of a journal, the last one first, and return the key of the row that was
    deleted last: the contact. Raises IntegrityError if newer data is in the way.

    What was changed since stays changed.
    """
    for label, pk in journal["made"]:
        apps.get_model(label)._base_manager.filter(pk=pk).delete()
    for (label, pk), values in reversed(_by_row(journal["changed"]).items()):
        _change_back(apps.get_model(label), pk, values)
    for item in serializers.deserialize("json", json.dumps(journal["removed"][::-1])):
        item.save(force_insert=True)
    for label, name, pks, old_id, new_id in journal["moved"]:
        rows = apps.get_model(label)._base_manager.filter(pk__in=pks, **{name: new_id})
        rows.update(**{name: old_id})
    return journal["removed"][-1]["pk"]


def _pointing_at(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Yield each model with its field that points at `model`."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            yield relation.related_model, relation.field.name


def _unique_together(model: type[models.Model]) -> Iterator[Sequence[str]]:
    """Yield the names of fields that are unique together."""
    yield from (constraint.fields for constraint in model._meta.total_unique_constraints)
    yield from model._meta.unique_together
    yield from ([field.name] for field in model._meta.concrete_fields if field.unique)


def _twins(
    model: type[models.Model], name: str, rows: list[Any], kept: models.Model
) -> dict[Any, models.Model]:
    """Return the conflicting row of `kept` for each of `rows`, by its key."""
    found: dict[Any, models.Model] = {}
    for fields in _unique_together(model):
        if name not in fields:
            continue
        others = [other for other in fields if other != name]
        places = {
            tuple(row.serializable_value(other) for other in others): row
            for row in model._base_manager.filter(**{name: kept.pk})
        }
        for row in rows:
            place = tuple(row.serializable_value(other) for other in others)
            if place in places:
                found[row.pk] = places[place]
    return found


def _by_row(changed: Iterable[Sequence[Any]]) -> dict[tuple[str, Any], dict[str, tuple[Any, Any]]]:
    """Return the values of a row before and after the merge, by table and key."""
    rows: dict[tuple[str, Any], dict[str, tuple[Any, Any]]] = {}
    for label, pk, name, old, new in changed:
        columns = rows.setdefault((label, pk), {})
        columns[name] = (columns[name][0] if name in columns else old, new)
    return rows


def _change_back(model: Any, pk: Any, values: Mapping[str, tuple[Any, Any]]) -> None:
    """Restore a row with one UPDATE; `values` are the old and new value of each column.

    A column that was changed since is left as it is. Columns bound by a CheckConstraint describe
    one thing that the merge replaced: they are restored together or not at all.
    """
    rows = model._base_manager.filter(pk=pk)
    now = rows.values(*values).first()
    if now is None:
        return
    columns = {name: model._meta.get_field(name) for name in values}
    kept = {name for name in values if now[name] == _python(columns[name], values[name][1])}
    for bound in _bound_together(model):
        merged = {name for name in bound & values.keys() if values[name][0] != values[name][1]}
        kept = kept | (bound & values.keys()) if merged & kept else kept - bound
    restored = {name: _python(columns[name], values[name][0]) for name in kept}
    if restored:
        rows.update(**restored)


def _bound_together(model: type[models.Model]) -> list[set[str]]:
    """Return sets of columns that the model's CheckConstraints bind together."""
    found: list[set[str]] = []
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint) and isinstance(constraint.condition, Q):
            columns = set(constraint.condition.referenced_base_fields)
            for other in [other for other in found if other & columns]:
                found.remove(other)
                columns |= other
            found.append(columns)
    return found


def _python(column: Any, value: Any) -> Any:
    return value if isinstance(column, models.JSONField) else column.to_python(value)
