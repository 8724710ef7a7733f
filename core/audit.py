"""The audit log: who did what, and when. Only this module and the admin's own pages write it.

Entries are Django's, so the history of a row shows them. What they say is stored as a code with
parameters (`core.messages`), which each app registers in a file `audit_messages.py`, and shown in
the reader's language. Exports are logged without naming anyone, and names of deleted people are
removed.
"""

import enum
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop, pgettext_lazy

from core import messages


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
_DELETED_NAME = gettext_noop("a deleted contact")
# Entries of former versions are sentences, with the filters of an export behind: "136 people
# exported. (audience=attended)".
_SENTENCE_AND_FILTERS = re.compile(r"(?P<sentence>.*) \((?P<filters>[^()]*=[^()]*)\)", re.DOTALL)


class FilterValue(enum.Enum):
    """How much of a filter's value is logged: of typed text, which may contain names, only that
    there was some."""

    TYPED = enum.auto()
    CODE = enum.auto()
    CODES = enum.auto()


def log_change(
    user_id: int | None,
    row: Model,
    code: str,
    params: messages.Params | None = None,
    *,
    action: Action = Action.CHANGED,
) -> None:
    """Log that a user did to `row` what the sentence of `code` says; nothing without a user."""
    if user_id is not None:
        _entry(user_id, row, action, _stored(code, params)).save()


def log_deletion(user_id: int | None, row: Model, code: str, *, name: str = "") -> None:
    """Log that a user deleted `row`, which still has its key, as the sentence of `code` says; under
    `name` if its own may contain people's names."""
    if user_id is not None:
        entry = _entry(user_id, row, DELETION, _stored(code))
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


def _stored(code: str, params: messages.Params | None = None, **more: str) -> str:
    return json.dumps({**messages.part(code, **(params or {})), **more}, ensure_ascii=False)


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
    code: str,
    params: messages.Params | None = None,
    *,
    count: int,
    filters: Mapping[str, FilterValue] | None = None,
    name: str = "",
) -> None:
    """Log an export of `count` people or lines: of a row, or of all of a kind; under `name` if its
    own may contain people's names. The sentence of `code` has the parameter `count`.

    `filters` has the query parameters and the kinds of their values: codes,
    numbers and dates are logged, typed text is not.
    """
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
        change_message=_stored(code, {**(params or {}), "count": count}, filters="&".join(used)),
    )


def _loggable(values: Sequence[str], kind: FilterValue, count: int) -> str:
    """Return what is logged of the values of a filter. A value is logged only if it found anyone
    and is the one that the filter uses."""
    read = kind == FilterValue.CODES or (kind == FilterValue.CODE and len(values) == 1)
    return ",".join(values) if read and count else "…"


# -- shown -----------------------------------------------------------------------------------------


class Words(NamedTuple):
    """What an entry says, or "", and the parameters by which an export was filtered."""

    sentence: str
    filters: str = ""


def name_of(entry: LogEntry) -> str:
    """Return the name of the row that `entry` is about; of all of a kind, the kind's."""
    model = entry.content_type.model_class() if entry.content_type else None
    if not entry.object_id and model is not None:
        return str(model._meta.verbose_name_plural)
    is_deleted = entry.object_repr == _DELETED_NAME
    return gettext(_DELETED_NAME) if is_deleted else str(entry.object_repr)


def show_in_words(entries: Iterable[LogEntry]) -> None:
    """Have templates of Django, which show the entries of a row, show what they say."""
    for entry in entries:
        entry.change_message = in_words(entry).sentence


def in_words(entry: LogEntry) -> Words:
    """Return what `entry` says, in the current language."""
    stored = _parsed(entry.change_message)
    if isinstance(stored, dict):
        text = messages.text(str(stored.get("code", "")), stored.get("params"))
        return Words(text, str(stored.get("filters", "")))
    if isinstance(stored, list):
        return Words(_changes_in_words(stored))
    found = _SENTENCE_AND_FILTERS.fullmatch(entry.change_message)
    return Words(found["sentence"], found["filters"]) if found else Words(entry.change_message)


def _parsed(message: str) -> Any:
    """Return what is stored as JSON; None of a sentence."""
    if not message.startswith(("{", "[")):
        return None
    try:
        return json.loads(message)
    except ValueError:
        return None


def _changes_in_words(changes: list[Any]) -> str:
    """Return the sentence of Django for `changes`. It translates the labels of fields, which begin
    with a capital there; most translations do not."""
    for change in changes:
        if isinstance(change, dict) and "changed" in change:
            change["changed"]["fields"] = [
                _label(str(name)) for name in change["changed"].get("fields", ())
            ]
    return str(LogEntry(change_message=json.dumps(changes)).get_change_message())


def _label(stored: str) -> str:
    translated = gettext(stored)
    if translated != stored or not stored[:1].isupper():
        return translated
    return str(capfirst(gettext(stored[:1].lower() + stored[1:])))


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
    return entries.update(object_repr=_DELETED_NAME)


def leave_out_named(model: type[Model], names: Iterable[str]) -> int:
    """Remove these names of rows of `model`; return from how many entries."""
    kind = ContentType.objects.get_for_model(model)
    cut = [name[:_LONGEST_NAME] for name in names]
    entries = LogEntry.objects.filter(content_type=kind, object_repr__in=cut)
    return entries.update(object_repr=_DELETED_NAME)


def hide_names(rows: Iterable[Model]) -> None:
    """Replace the names of `rows` in entries by their present names."""
    for row in rows:
        entries_about({type(row): [row.pk]}).update(object_repr=str(row)[:_LONGEST_NAME])
