"""The history of changes by people, for what is not changed on the admin's own pages."""

from collections.abc import Iterable

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest

# Parameters in which people type whom they look for, as filters and the admin name them.
_TYPED = {"name", "email", "q"}


def note(user_id: int | None, row: Model, sentence: str) -> None:
    """Write down that a person did to `row` what `sentence` says; nothing where nobody did."""
    if user_id is None:
        return
    LogEntry.objects.create(
        user_id=user_id,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=CHANGE,
        change_message=sentence,
    )


def hide_names(rows: Iterable[Model]) -> None:
    """Replace what entries call `rows` by what the rows are called now."""
    for row in rows:
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
        )
        entries.update(object_repr=str(row)[:200])


def note_export(request: HttpRequest, of: Model | type[Model], sentence: str) -> None:
    """Write down that whoever asks takes people away in a file: of a row, or of all of a kind.

    What was filtered by follows the sentence, as in the page's address; not what was typed to find
    somebody, for that names people.
    """
    chosen = request.GET.copy()
    for name in _TYPED & chosen.keys():
        chosen[name] = "…"
    query = chosen.urlencode(safe="…")
    LogEntry.objects.create(
        user_id=str(request.user.pk),
        content_type=ContentType.objects.get_for_model(of),
        object_id=str(of.pk) if isinstance(of, Model) else None,
        object_repr=str(of if isinstance(of, Model) else of._meta.verbose_name_plural)[:200],
        action_flag=CHANGE,
        change_message=f"{sentence} ({query})" if query else sentence,
    )
