"""What an event of another integration has already of the people who are to be sent to it."""

from django.utils import timezone

from destinations.hubspot.client import Client
from destinations.hubspot.plan import Kind
from destinations.hubspot.records import ParticipationRecord
from destinations.models import HubSpotContact, MarketingEvent, Participation
from destinations.models.participation import NO_REASON

State = Participation.State
# Of so few people each is asked for; of more, all pages are read.
_ONE_BY_ONE = 3


def skip_known(client: Client, event: MarketingEvent) -> int:
    """Count as handed over what an event that others made has already, so that no one has it twice
    on their record; return how much that is. Raises HubSpotError."""
    rows = Participation.objects.pending().filter(event=event, tried_at=None)
    links = HubSpotContact.objects.linked().filter(portal=event.handover.portal_id)
    people = dict(
        links.filter(contact__in=rows.values("contact")).values_list("hubspot_id", "contact")
    )
    if not people:
        return 0
    count = 0
    if len(people) <= _ONE_BY_ONE:
        for hubspot_id in people:
            found = client.participations(event.object_id, contact=hubspot_id).rows
            count += sum(_skip(event, people, record) for record in found)
        return count
    after = ""
    while True:
        page = client.participations(event.object_id, after=after)
        count += sum(_skip(event, people, record) for record in page.rows)
        after = page.next
        if not after:
            return count


def _skip(event: MarketingEvent, people: dict[str, int], record: ParticipationRecord) -> int:
    contact = people.get(record.contact_id)
    if contact is None:
        return 0
    rows = Participation.objects.pending().filter(event=event, contact=contact, tried_at=None)
    known = [row.pk for row in rows.order_by("happened_at") if _has(record, row)]
    now = timezone.now()
    return rows.filter(pk__in=known).update(
        **NO_REASON,
        state=State.CONFIRMED,
        hubspot_id=record.contact_id,
        sent_at=now,
        confirmed_at=now,
        tried_at=now,
    )


def _has(record: ParticipationRecord, row: Participation) -> bool:
    """Return whether the present state of a participant says what `row` does, whenever it was
    recorded."""
    if row.kind == Kind.ATTEND:
        return record.state == "ATTENDED"
    if row.kind == Kind.CANCEL:
        return record.state == "CANCELLED"
    if record.state == "CANCELLED":
        return record.occurred_at is None or record.occurred_at >= row.happened_at
    return True
