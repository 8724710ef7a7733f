"""The contact hooks of what was sent to HubSpot."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Model

from contacts.contact_hooks import ContactHooks, Join, People, register
from contacts.merge_journal import Journal
from destinations.hubspot import opt_outs
from destinations.models import (
    ContactList,
    FormSource,
    HubSpotComparison,
    HubSpotContact,
    HubSpotFormList,
    HubSpotPreview,
    ListMember,
    MarketingEvent,
    Note,
    OptOutCheck,
    Participation,
    Portal,
    WebinarHandover,
)

# Who a contact is in HubSpot, and how far a participation got: these columns stay together.
_IDENTITY = (
    "state", "hubspot_id", "email_key", "created", "left_out_values", "reason_code",
    "reason_params", "hubspot_message", "checked_at",
)  # fmt: skip
_PROGRESS = (
    "state", "hubspot_id", "sent_at", "tried_at", "confirmed_at", "next_check_at", "joined_at",
    "left_at", "reason_code", "reason_params", "hubspot_message",
)  # fmt: skip
_NOTE_PROGRESS = (
    "state", "hubspot_id", "note_id", "tried_at", "sent_at", "reason_code", "reason_params",
    "hubspot_message",
)  # fmt: skip
_HOW_FAR = ("confirmed", "sent", "refused", "left_out", "pending")


def join_hubspot_contacts(journal: Journal, row: HubSpotContact, twin: HubSpotContact) -> None:
    """Keep the HubSpot contact of the contact that stays; if it has none, the other's."""
    linked = HubSpotContact.State.LINKED
    if twin.state != linked and row.state == linked:
        journal.change(twin, **{name: getattr(row, name) for name in _IDENTITY})
    sent = [at for at in (row.last_sent_at, twin.last_sent_at) if at]
    journal.change(twin, last_sent_at=max(sent, default=None))
    journal.absorb(row, twin)


def join_participations(journal: Journal, row: Participation, twin: Participation) -> None:
    """Keep the one that got further, so that nothing is sent twice."""
    if _HOW_FAR.index(row.state) < _HOW_FAR.index(twin.state):
        journal.change(twin, **{name: getattr(row, name) for name in _PROGRESS})
    journal.absorb(row, twin)


def join_notes(journal: Journal, row: Note, twin: Note) -> None:
    """Keep the written one, so that nothing is written twice."""
    if twin.state != Note.State.WRITTEN and (row.state == Note.State.WRITTEN or row.tried_at):
        journal.change(twin, **{name: getattr(row, name) for name in _NOTE_PROGRESS})
    journal.absorb(row, twin)


def join_opt_out_checks(journal: Journal, row: OptOutCheck, twin: OptOutCheck) -> None:
    """Keep the older one, because some addresses were not checked since."""
    journal.change(twin, checked_at=min(row.checked_at, twin.checked_at))
    journal.absorb(row, twin)


@register
class DestinationHooks(ContactHooks):
    joins: Mapping[type[Model], Join] = {
        HubSpotContact: join_hubspot_contacts,
        Participation: join_participations,
        Note: join_notes,
        OptOutCheck: join_opt_out_checks,
    }

    def addresses_changed(self, contact_ids: Collection[int]) -> None:
        opt_outs.forget(contact_ids)

    def known_as(self, contact_ids: Collection[int]) -> People:
        rows = HubSpotContact.objects.filter(contact__in=contact_ids).exclude(email_key="")
        return People(emails=frozenset(rows.values_list("email_key", flat=True)))

    @staticmethod
    def _forget_members(people: People) -> None:
        """Delete memberships of lists that are no longer updated. From other lists the people are
        removed next, by their id in HubSpot."""
        mine = ListMember.objects.filter(contact__in=people.ids)
        followed = ContactList.objects.followed().filter(portal__current=True)
        mine.exclude(contact_list__in=followed.values("pk")).delete()
        mine.absent().delete()

    def scrub(self, people: People) -> Mapping[str, int]:
        """Remove people from HubSpot's messages about others or a whole webinar; their own rows are
        deleted with them."""
        self._forget_members(people)
        others = HubSpotContact.objects.exclude(contact__in=people.ids)
        changed = others.filter(email_key__in=people.emails).update(email_key="")
        counts = {HubSpotContact._meta.label: changed}
        for model, name in (
            (HubSpotContact, "hubspot_message"),
            (Participation, "hubspot_message"),
            (Note, "hubspot_message"),
            (WebinarHandover, "platform_message"),
            (MarketingEvent, "platform_message"),
            (FormSource, "platform_message"),
            (HubSpotComparison, "platform_message"),
            (HubSpotFormList, "platform_message"),
            (HubSpotPreview, "platform_message"),
            (Portal, "platform_message"),
        ):
            label = model._meta.label
            counts[label] = counts.get(label, 0) + _empty(model, name, people)
        return counts


def _empty(model: Any, name: str, people: People) -> int:
    rows = model._base_manager.exclude(**{name: ""})
    named = [pk for pk, text in rows.values_list("pk", name) if people.are_named_in(text)]
    count: int = rows.filter(pk__in=named).update(**{name: ""})
    return count
