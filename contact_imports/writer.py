"""Write a portion of a file: contacts, their timelines and histories, and the outcome of each line.
Call these functions inside a transaction."""

from collections.abc import Collection, Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext_noop, override

from contact_imports import further_values
from contact_imports.further_values import FURTHER
from contact_imports.mapping import EMAIL_MISSING, RECORD, Line
from contact_imports.models import ContactImport, ImportLine
from contact_imports.plan import CHANGEABLE, PlannedLine
from contact_imports.sources import opt_out_source
from contacts import events
from contacts.activities import record_activities
from contacts.matching import ids_by_email
from contacts.models import Activity, Contact
from contacts.timeline import property_label
from core.audit import log_field_changes

Outcome = ImportLine.Outcome


def activity_key(item: ContactImport) -> str:
    """Return the key of the timeline entry that the import writes."""
    return f"imported:{item.pk}"


def met_before(item: ContactImport) -> dict[str, int]:
    """Return the lines that were already written, by the email key of their person."""
    rows = item.lines.filter(contact__isnull=False)
    return dict(rows.values_list("contact__email_key", "number"))


def save_lines(item: ContactImport, lines: Sequence[Line], planned: Iterable[PlannedLine]) -> None:
    """Replace the stored outcomes of `lines`.

    For people on a list with an error the record is stored, so that they can be found and corrected
    there: until the import, like the names of new people; for those without any address, who cannot
    become contacts, as long as the line.
    """
    first, last = lines[0].number, lines[-1].number
    item.lines.filter(number__range=(first, last)).delete()
    rows = [line.row(item) for line in planned]
    records = {line.number: line.record for line in lines if line.record}
    is_check = item.state == ContactImport.State.CHECKING
    for row in rows:
        is_named = is_check or row.code == EMAIL_MISSING
        if is_named and row.outcome == Outcome.WRONG and row.number in records:
            row.parameters[RECORD] = records[row.number]
    ImportLine.objects.bulk_create(rows)


def write(item: ContactImport, lines: Sequence[Line], planned: Sequence[PlannedLine]) -> None:
    """Write new and changed contacts, and the outcome of each line."""
    new = _contacts(planned, Outcome.NEW)
    Contact.objects.bulk_create(new, ignore_conflicts=True)
    ids = ids_by_email([contact.email_key for contact in new]) if new else {}
    for contact in new:
        contact.pk = ids[contact.email_key]
    Contact.objects.bulk_create(
        _contacts(planned, Outcome.CHANGED),
        update_conflicts=True,
        unique_fields=["email_key"],
        update_fields=[*CHANGEABLE, "updated_at"],
    )
    further_values.write(
        [(line.contact.pk, line.further) for line in planned if line.contact],
        user_id=item.created_by_id,
        import_id=item.pk,
        opt_out_source=opt_out_source(item.source),
    )
    save_lines(item, lines, planned)
    _write_history(item, planned)


def _contacts(planned: Iterable[PlannedLine], outcome: Outcome) -> list[Contact]:
    return [line.contact for line in planned if line.outcome == outcome and line.contact]


def _write_history(item: ContactImport, planned: Iterable[PlannedLine]) -> None:
    """Write into each person's timeline and history what the import did."""
    now = timezone.now()
    origin = {"source": str(opt_out_source(item.source))} if item.source else {}
    activities, entries = [], []
    for line in planned:
        if line.contact is None or line.outcome not in (Outcome.NEW, Outcome.CHANGED):
            continue
        is_new = line.outcome == Outcome.NEW
        activities.append(
            Activity(
                contact_id=line.contact.pk,
                key=activity_key(item),
                kind=Activity.Kind.IMPORTED,
                happened_at=now,
                data=({"created": True} if is_new else {"changes": line.changes}) | origin,
            )
        )
        entries.append((line.contact, [] if is_new else [c["property"] for c in line.changes]))
    record_activities(activities)
    events.contacts_changed((contact.pk, changed) for contact, changed in entries)
    log(item.run_by_id or item.created_by_id, entries, gettext_noop("import"), item)


def log(
    user_id: int | None,
    entries: Collection[tuple[Contact, Sequence[str]]],
    name: str,
    item: ContactImport,
) -> None:
    """Log in the history of each contact which properties `name` changed; without properties, that
    the contact was added. The admin translates the message."""
    labels = {name: _english(name) for name in (*CHANGEABLE, *FURTHER)}
    log_field_changes(
        user_id,
        [(contact, [labels[key] for key in changed]) for contact, changed in entries],
        {"name": name, "object": f"#{item.pk}"},
    )


def _english(name: str) -> str:
    """Return the name of a property in the form that the admin stores and translates."""
    with override(None):
        return property_label(name)
