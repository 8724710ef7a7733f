"""What would be handed over of a webinar: reads only, nothing is written to HubSpot."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.models import Contact
from core import messages
from core.batches import batched
from destinations.hubspot import reasons
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.contacts import find_contacts, new_values
from destinations.hubspot.event_dates import refresh_events
from destinations.hubspot.event_names import event_name
from destinations.hubspot.handover_rows import people_of, rules_of
from destinations.hubspot.notes import count_due
from destinations.hubspot.other_events import look
from destinations.hubspot.plan import reason_of
from destinations.models import HubSpotContact, WebinarHandover

State = HubSpotContact.State


@dataclass(slots=True)
class Preview:
    """How many people exist there, would be created, and are left out and why; they add up to
    `total`. `left_out` has (contact, address, code, parameters)."""

    total: int = 0
    existing: int = 0
    new: int = 0
    # Notes that would be written at once; those of dates to come follow.
    notes: int = 0
    left_out: list[tuple[int, str, str, dict[str, Any]]] = field(default_factory=list, repr=False)
    events: list[str] = field(default_factory=list)
    # Events that others have made for these dates, and about which no one has decided.
    other_events: list[dict[str, Any]] = field(default_factory=list)

    def reasons(self) -> Counter[str]:
        """Return how many are left out, by the code of the reason."""
        return Counter(code for _contact, _email, code, _params in self.left_out)

    def as_json(self) -> dict[str, Any]:
        """Return it as `send_to_hubspot --preview --json` prints it."""
        return {
            "people": self.total,
            "existing": self.existing,
            "new": self.new,
            "notes": self.notes,
            "left_out": len(self.left_out),
            "reasons": [
                {"reason": code, "words": messages.text(code), "count": count}
                for code, count in sorted(self.reasons().items())
            ],
            "people_left_out": [
                {"email": email, "reason": code, "words": messages.text(code, params)}
                for _contact, email, code, params in self.left_out
            ],
            "events": self.events,
            "other_events": self.other_events,
        }


def preview(client: Client, handover: WebinarHandover) -> Preview:
    """Return what would be handed over of a webinar, and note that it was seen.

    Raises HubSpotError.
    """
    now = timezone.now()
    with transaction.atomic():
        WebinarHandover.objects.select_for_update().get(pk=handover.pk)
        events = refresh_events(handover, now)
    dates, people = people_of(handover.webinar, events, now)
    rules = rules_of(handover.portal)
    emails = dict(
        Contact.objects.filter(registrations__webinar=handover.webinar).values_list("pk", "email")
    )
    made = Preview(total=len(people))
    several = len(events) > 1
    look(client, handover, [event for event in events if not event.cancelled])
    made.other_events = [
        {"event": event_name(handover.webinar, event.starts_at, of_several=several), **other}
        for event in events
        if event.awaits_choice
        for other in event.other_events
    ]
    made.events = [
        event_name(handover.webinar, event.starts_at, of_several=several)
        for event in events
        if not event.cancelled
    ]
    wanted = []
    for person in people:
        reason = reason_of(person, dates, rules)
        if reason is None:
            wanted.append(person.contact_id)
        else:
            email = emails.get(person.contact_id, "")
            made.left_out.append((person.contact_id, email, reason.value, {}))
    for some in batched(wanted, AT_ONCE):
        _look_up(client, handover, some, emails, made)
    made.notes = count_due(handover, wanted, now)
    made.left_out.sort(key=lambda row: (row[2], row[1]))
    handover.previewed_at = now
    handover.save(update_fields=["previewed_at"])
    return made


def _look_up(
    client: Client,
    handover: WebinarHandover,
    contact_ids: Sequence[int],
    emails: dict[int, str],
    made: Preview,
) -> None:
    portal = handover.portal
    known = {
        row.contact_id: row
        for row in HubSpotContact.objects.filter(portal=portal, contact__in=contact_ids)
    }
    unknown = []
    for contact_id in contact_ids:
        row = known.get(contact_id)
        if row is None:
            unknown.append(contact_id)
        elif row.state == State.LINKED:
            made.existing += 1
        else:
            params = dict(row.reason_params)
            email = emails.get(contact_id, "")
            made.left_out.append((contact_id, email, row.reason_code, params))
    found = find_contacts(client, portal, unknown)
    made.existing += len(found.existing)
    made.left_out += [(pk, emails.get(pk, ""), reasons.GONE, {}) for pk in found.gone]
    values = new_values(portal, found.missing)
    for contact_id in found.missing:
        lacking = values[contact_id].lacking if contact_id in values else []
        if lacking:
            params = {"names": lacking}
            email = emails.get(contact_id, "")
            made.left_out.append((contact_id, email, reasons.LACKING, params))
        else:
            made.new += 1
