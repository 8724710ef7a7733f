"""Undo an import: delete and restore what it changed, and leave what was changed since."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import ManyToOneRel, Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from contact_imports import further_values, writer
from contact_imports.further_values import FURTHER, OPT_OUT
from contact_imports.mapping import NAMES
from contact_imports.models import ContactImport, ImportLine
from contact_imports.portions import PORTION
from contact_imports.reasons import Reason
from contact_imports.sources import opt_out_source
from contacts import events
from contacts.deletion import undo_creation
from contacts.models import Activity, Contact, OptOut
from webinars.models import Registration
from webinars.models.conditions import IS_PENDING
from webinars.registration_events import registrations_deleted

Outcome = ImportLine.Outcome
Undo = ImportLine.Undo
Pks = set[int]


def undo_some(item: ContactImport) -> int:
    """Undo a portion of what `item` wrote, latest first, and return how many lines that was.

    Called inside a transaction.
    """
    rows = item.lines.filter(undo="", contact__isnull=False).order_by("-number")
    lines = list(rows[:PORTION])
    if lines:
        _Portion(item, lines).undo()
    return len(lines)


class _Portion:
    def __init__(self, item: ContactImport, lines: list[ImportLine]) -> None:
        self._item, self._lines = item, lines
        ids = {line.contact_id for line in lines if line.contact_id}
        self._contacts = (
            Contact.objects.select_for_update().order_by("pk").in_bulk(ids) if ids else {}
        )

    def undo(self) -> None:
        sent = self._withdraw_registrations()
        # A contact that stays does not keep the consent or tags of an undone import.
        further = further_values.remove_imported(self._contacts.keys(), self._item.pk)
        active = self._active()
        deleted: list[int] = []
        restored: list[tuple[Contact, list[str]]] = []
        for line in self._lines:
            contact = self._contacts[line.contact_id or 0]
            is_sent = line.registration_id in sent
            if line.outcome == Outcome.NEW:
                reason = _why_stays(line, contact, is_sent, contact.pk in active)
                _settle(line, reason, Undo.PARTLY if contact.pk in further else Undo.KEPT)
                if reason is None:
                    deleted.append(contact.pk)
            else:
                back, edited = _restore(line, contact)
                back += further.get(contact.pk, [])
                reason = Reason("opt_out_stays") if _brought_opt_out(line) else None
                if edited:
                    reason = Reason("edited_since", {"fields": edited})
                if is_sent:
                    reason = Reason("sent_since")
                _settle(line, reason, Undo.PARTLY if back else Undo.KEPT)
                if back:
                    restored.append((contact, back))
        self._save_outcomes(sent)
        self._write(restored)
        undo_creation(deleted)

    def _save_outcomes(self, sent: Pks) -> None:
        """Save the outcome of each line. Lines of deleted contacts are deleted with them."""
        undone = [line.pk for line in self._lines if line.undo == Undo.UNDONE]
        ImportLine.objects.filter(pk__in=undone).update(undo=Undo.UNDONE)
        others = [line for line in self._lines if line.undo != Undo.UNDONE]
        for line in others:
            line.registration_id = line.registration_id if line.registration_id in sent else None
        ImportLine.objects.bulk_update(
            others, ["undo", "code", "parameters", "registration"], batch_size=100
        )

    def _withdraw_registrations(self) -> Pks:
        """Delete the registrations that the import created and that were not sent; return the
        others."""
        ids = [line.registration_id for line in self._lines if line.registration_id]
        rows = Registration.objects.select_for_update().filter(pk__in=ids)
        unsent = rows.filter(IS_PENDING, push_attempts=0, registrant_key="")
        found = set(unsent.values_list("pk", flat=True))
        found -= _with_rows(Registration, found, {ImportLine: ImportLine.objects.all()})
        withdrawn = Registration.objects.filter(pk__in=found)
        registrations_deleted(withdrawn)
        withdrawn.delete()
        return set(ids) - found

    def _active(self) -> Pks:
        """Return the new contacts that have data not written by the import."""
        new = {line.contact_id or 0 for line in self._lines if line.outcome == Outcome.NEW}
        # Their opt-out outlives them: a keyed hash of the address.
        unsubscribed = {line.contact_id for line in self._lines if _brought_opt_out(line)}
        source = opt_out_source(self._item.source)
        opt_out_activities = Q(
            kind=Activity.Kind.UNSUBSCRIBED, contact__in=unsubscribed, data__source=str(source)
        )
        own: dict[type[Model], QuerySet[Any]] = {
            ImportLine: self._item.lines.all(),
            Activity: Activity.objects.filter(
                Q(key=writer.activity_key(self._item)) | opt_out_activities
            ),
            OptOut: OptOut.objects.filter(contact__in=unsubscribed, source=source),
        }
        return _with_rows(Contact, new, own)

    def _write(self, restored: Collection[tuple[Contact, list[str]]]) -> None:
        names = sorted({name for _contact, back in restored for name in back} - {*FURTHER})
        if not restored:
            return
        for contact, _back in restored:
            contact.updated_at = timezone.now()
        contacts = [contact for contact, _back in restored]
        Contact.objects.bulk_update(contacts, [*names, "updated_at"], batch_size=100)
        activities = list(
            Activity.objects.filter(contact__in=contacts, key=writer.activity_key(self._item))
        )
        for activity in activities:
            activity.data["undone"] = True
        Activity.objects.bulk_update(activities, ["data"], batch_size=100)
        events.contacts_changed((contact.pk, back) for contact, back in restored)
        writer.log(self._item.undone_by_id, restored, gettext_noop("undone import"), self._item)


def _brought_opt_out(line: ImportLine) -> bool:
    return any(change["property"] == OPT_OUT for change in line.changes)


def _why_stays(line: ImportLine, contact: Contact, is_sent: bool, is_active: bool) -> Reason | None:
    """Return why a contact that the import created is kept; None if it can be deleted."""
    written = {change["property"]: change["new"] for change in line.changes}
    edited = [name for name in NAMES if getattr(contact, name) != written.get(name, "")]
    if edited:
        return Reason("edited_since", {"fields": edited})
    if is_sent:
        return Reason("sent_since")
    return Reason("active_since") if is_active else None


def _restore(line: ImportLine, contact: Contact) -> tuple[list[str], list[str]]:
    """Restore the former values of a contact; return the names of restored properties, and of those
    changed since."""
    back, edited = [], []
    for change in line.changes:
        name = change["property"]
        if name in FURTHER:
            continue
        if getattr(contact, name) == change["new"]:
            setattr(contact, name, change["old"])
            back.append(name)
        else:
            edited.append(name)
    return back, edited


def _settle(line: ImportLine, reason: Reason | None, otherwise: Undo) -> None:
    line.undo = Undo.UNDONE if reason is None else otherwise
    if reason is not None:
        line.code, line.parameters = reason.code, dict(reason.parameters)


def _with_rows(model: type[Model], ids: Iterable[int], own: dict[type[Model], Any]) -> Pks:
    """Return those of the rows `ids` of `model` that other rows point to, except for `own`."""
    ids, found = set(ids), set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not ids or not isinstance(relation, ManyToOneRel):
            continue
        name = relation.field.name
        other: Any = relation.related_model
        rows = other._base_manager.filter(**{f"{name}__in": ids})
        if other in own:
            rows = rows.exclude(pk__in=own[other].values("pk"))
        found |= set(rows.values_list(f"{name}_id", flat=True))
    return found
