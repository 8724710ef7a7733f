"""The audit log: who did what, and when. Only this module and the admin's own pages write it.

Entries are Django's, so the history of a row shows them. Exports are logged without naming anyone,
and names of deleted people are removed.
"""

import enum
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy


class Action(models.IntegerChoices):
    """What someone did: Django's three flags, and ours beside them."""

    ADDED = ADDITION, pgettext_lazy("audit log", "Added")
    CHANGED = CHANGE, pgettext_lazy("audit log", "Changed")
    DELETED = DELETION, pgettext_lazy("audit log", "Deleted")
    EXPORTED = 4, pgettext_lazy("audit log", "Exported")
    MERGED = 5, pgettext_lazy("audit log", "Merged")
    SENT = 6, pgettext_lazy("audit log", "Sent")
    IMPORTED = 7, pgettext_lazy("audit log", "Imported")
    UNDONE = 8, pgettext_lazy("audit log", "Undone")
    INVITED = 9, pgettext_lazy("audit log", "Invited")


# The label under which a deletion reports changed entries.
LABEL = LogEntry._meta.label
_LONGEST_NAME = 200


class FilterValue(enum.Enum):
    """# How much of a filter's value is logged: of typed text, which may contain names, only that
    there was some."""

    TYPED = enum.auto()
    CODE = enum.auto()
    CODES = enum.auto()


def log_change(
    user_id: int | None, row: Model, sentence: str, *, action: Action = Action.CHANGED
) -> None:
    """Log that a user did to `row` what `sentence` says; nothing without a user."""
    if user_id is not None:
        _entry(user_id, row, action, sentence).save()


def log_deletion(user_id: int | None, row: Model, sentence: str, *, name: str = "") -> None:
    """Log that a user deleted `row`, which still has its key, as `sentence` says; under `name` if
    its own may contain people's names."""
    if user_id is not None:
        entry = _entry(user_id, row, DELETION, sentence)
        entry.object_repr = name or entry.object_repr
        entry.save()


def log_field_changes(
    user_id: int | None,
    changes: Iterable[tuple[Model, Sequence[str]]],
    about: Mapping[str, str] | None = None,
) -> None:
    """Log which fields of many rows a user changed; without fields, that a row was added.

    The admin translates the message. `about` has the `name` and the `object` of the cause, such as
    an import.
    """
    if user_id is None:
        return
    LogEntry.objects.bulk_create(
        _entry(user_id, row, CHANGE if fields else ADDITION, _message(fields, about or {}))
        for row, fields in changes
    )


def _message(fields: Sequence[str], about: Mapping[str, str]) -> str:
    change: dict[str, Any] = {"changed": {**about, "fields": list(fields)}}
    return json.dumps([change if fields else {"added": dict(about)}])


def _entry(user_id: int, row: Model, flag: int, message: str) -> LogEntry:
    return LogEntry(
        user_id=user_id,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:_LONGEST_NAME],
        action_flag=flag,
        change_message=message,
    )


def log_export(
    request: HttpRequest,
    of: Model | type[Model],
    sentence: str,
    *,
    count: int,
    filters: Mapping[str, FilterValue] | None = None,
    name: str = "",
) -> None:
    """Log an export of `count` people or lines: of a row, or of all of a kind; under `name` if its
    own may contain people's names. `sentence` has the placeholder %(count)d.

    The filters follow it. `filters` has the query parameters and the kinds of their values: codes,
    numbers and dates are logged, typed text is not.
    """
    message = sentence % {"count": count}
    used = [
        f"{parameter}={_loggable(request.GET.getlist(parameter), kind, count)}"
        for parameter, kind in (filters or {}).items()
        if any(request.GET.getlist(parameter))
    ]
    LogEntry.objects.create(
        user_id=str(request.user.pk),
        content_type=ContentType.objects.get_for_model(of),
        object_id=str(of.pk) if isinstance(of, Model) else None,
        object_repr=(name or str(of if isinstance(of, Model) else of._meta.verbose_name_plural))[
            :_LONGEST_NAME
        ],
        action_flag=Action.EXPORTED,
        change_message=f"{message} ({'&'.join(used)})" if used else message,
    )


def _loggable(values: Sequence[str], kind: FilterValue, count: int) -> str:
    """Return what is logged of the values of a filter. A value is logged only if it found anyone
    and is the one that the filter uses."""
    read = kind == FilterValue.CODES or (kind == FilterValue.CODE and len(values) == 1)
    return ",".join(values) if read and count else "…"


# -- deleted people
# --------------------------------------------------------------------------------


def logged_models() -> set[type[Model]]:
    """Return the models with audit-log entries."""
    kinds = LogEntry.objects.order_by().values_list("content_type", flat=True).distinct()
    models = (kind.model_class() for kind in ContentType.objects.filter(pk__in=kinds))
    return {model for model in models if model is not None}


def entries_about(keys: Mapping[type[Model], Collection[object]]) -> QuerySet[LogEntry]:
    """Return the entries about rows, given by model and key."""
    condition = Q(pk__in=[])
    for model, pks in keys.items():
        kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
        condition |= Q(content_type=kind, object_id__in=[str(pk) for pk in pks])
    return LogEntry.objects.filter(condition)


def leave_out(entries: QuerySet[LogEntry]) -> int:
    """Reduce entries about deleted people to the fact of a change, without names or details; return
    how many entries were changed."""
    entries.exclude(action_flag__in=(ADDITION, DELETION)).update(change_message="")
    return entries.update(object_repr=_("a deleted contact"))


def leave_out_named(model: type[Model], names: Iterable[str]) -> int:
    """Remove these names of rows of `model`; return from how many entries."""
    kind = ContentType.objects.get_for_model(model)
    cut = [name[:_LONGEST_NAME] for name in names]
    entries = LogEntry.objects.filter(content_type=kind, object_repr__in=cut)
    return entries.update(object_repr=_("a deleted contact"))


def hide_names(rows: Iterable[Model]) -> None:
    """Replace the names of `rows` in entries by their present names."""
    for row in rows:
        entries_about({type(row): [row.pk]}).update(object_repr=str(row)[:_LONGEST_NAME])
