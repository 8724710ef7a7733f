"""Merge two contacts, and undo it, in one transaction each.

Everything that points to the merged contact is moved to the one that stays, in whatever table.
Where both have the same thing (a registration for one webinar, a timeline entry), the app that owns
it merges the two (`contacts.contact_hooks`). A journal of all steps is stored, and read backwards
to undo them.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts import contact_hooks, events, merge_journal
from contacts.models import PROPERTIES, AlternateEmail, Contact, Merge

TAKEABLE = ("first_name", "last_name", *PROPERTIES)


class CannotUndo(Exception):
    """The merge cannot be undone; the text says why."""


@transaction.atomic
def merge(survivor_id: int, gone_id: int, taken: Iterable[str], user_id: int | None) -> Merge:
    """Merge the contact `gone_id` into `survivor_id`, which gets the properties named in `taken`.

    The address of the merged contact becomes a former address. Raises Contact.DoesNotExist.
    """
    rows = Contact.objects.select_for_update().filter(pk__in=(survivor_id, gone_id)).order_by("pk")
    people = {row.pk: row for row in rows}
    if len(people) != 2:
        raise Contact.DoesNotExist
    survivor, gone = people[survivor_id], people[gone_id]
    journal = merge_journal.Journal()
    journal.change(survivor, **{name: getattr(gone, name) for name in taken if name in TAKEABLE})
    journal.absorb(gone, survivor)
    journal.make(AlternateEmail(contact=survivor, email=gone.email, email_key=gone.email_key))
    contact_hooks.addresses_changed([survivor.pk])
    events.merged(survivor.pk, gone_id)
    return Merge.objects.create(
        survivor=survivor,
        gone_id=gone_id,
        name=f"{gone.full_name} <{gone.email}>"[:520],
        created_by_id=user_id,
        journal=journal.as_json(),
    )


@transaction.atomic
def undo(merge_id: int) -> Contact:
    """Undo a merge and return the contact that is back. Raises CannotUndo.

    Newer data stays with the contact that stayed, and newer changes are kept.
    """
    found = Merge.objects.select_for_update().filter(pk=merge_id).first()
    if found is None or not found.undoable:
        raise CannotUndo(_("A merge can be undone for 30 days, and once."))
    if found.survivor.merges.filter(pk__gt=found.pk, undone_at__isnull=True).exists():
        raise CannotUndo(_("Another contact was merged into this one later. Undo that one first."))
    try:
        with transaction.atomic():
            back = merge_journal.undo(found.journal)
    except IntegrityError as error:
        raise CannotUndo(
            _("The merge cannot be undone: newer data has taken the other contact's place.")
        ) from error
    contact_hooks.addresses_changed([found.survivor_id, back])
    events.unmerged(found.survivor_id, back)
    Merge.objects.filter(pk=found.pk).update(undone_at=timezone.now(), journal={})
    return Contact.objects.get(pk=back)
