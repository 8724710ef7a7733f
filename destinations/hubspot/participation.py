"""Send participation by contact id, and read whether HubSpot has it."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from django.db.models import Case, CharField, Exists, Max, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from core.batches import batched
from destinations.hubspot import reasons
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.contacts import find_contacts, link, look_up_missing, resolve
from destinations.hubspot.errors import NotFound, Refusal
from destinations.hubspot.known_participation import skip_known
from destinations.hubspot.plan import Kind
from destinations.hubspot.records import ParticipationInput, ParticipationRecord, RecordResult
from destinations.models import (
    HubSpotContact,
    MarketingEvent,
    Participation,
    WebinarHandover,
)
from destinations.models.participation import NO_REASON

State = Participation.State
# Read after this time, then each minute until an hour has passed.
FIRST_CHECKS = (dt.timedelta(seconds=3), dt.timedelta(seconds=7))
CHECK_EVERY = dt.timedelta(minutes=1)
CHECK_UNTIL = dt.timedelta(hours=1)
# Participation that is not found may belong to merged contacts: they are looked up this often.
LOOK_UP_EVERY = dt.timedelta(minutes=10)
# Registrations are sent first.
ORDER = (Kind.REGISTER, Kind.CANCEL, Kind.ATTEND)
_CODES_OF_MISSING = frozenset({"OBJECT_NOT_FOUND", "NOT_FOUND", "CONTACT_NOT_FOUND"})
# How many contacts are looked up, and created if missing, before the claim is renewed.
_RESOLVED_AT_ONCE = 500
# How many rows one statement writes.
_WRITTEN_AT_ONCE = 500

Renew = Callable[[], bool]


def resolve_contacts(client: Client, handover: WebinarHandover, renew: Renew) -> None:
    """Look up the people with something to send in HubSpot. Raises HubSpotError."""
    portal = handover.portal
    known = HubSpotContact.objects.filter(portal=portal).values("contact")
    rows = Participation.objects.of(handover).pending().exclude(contact__in=known)
    # No one is created for an event that HubSpot does not have.
    rows = rows.exclude(event__object_id="")
    waiting = list(rows.order_by("contact").values_list("contact", flat=True).distinct())
    for some in batched(waiting, _RESOLVED_AT_ONCE):
        if not renew():
            return
        resolve(client, portal, some)
    _leave_out(handover)


def _leave_out(handover: WebinarHandover) -> None:
    """Leave out what cannot be sent, because HubSpot has no contact for it."""
    barred = HubSpotContact.objects.filter(portal=handover.portal).exclude(
        state=HubSpotContact.State.LINKED
    )
    for row in barred.filter(
        contact__participations__in=Participation.objects.of(handover).pending()
    ).distinct():
        Participation.objects.of(handover).pending().filter(contact=row.contact_id).update(
            state=State.LEFT_OUT,
            reason_code=row.reason_code,
            reason_params=row.reason_params,
            hubspot_message=row.hubspot_message,
        )


def send(client: Client, handover: WebinarHandover, renew: Renew) -> int:
    """Send what is pending, and return how much HubSpot has received. Raises HubSpotError."""
    count = 0
    for event in handover.events.exclude(object_id=""):
        if event.choice == MarketingEvent.Choice.EXISTING:
            skip_known(client, event)
        for kind in ORDER:
            count += _send_kind(client, handover, event, kind, renew)
    return count


def _send_kind(
    client: Client, handover: WebinarHandover, event: MarketingEvent, kind: Kind, renew: Renew
) -> int:
    count = 0
    while True:
        rows = _next_rows(handover, event, kind)
        if not rows or not renew():
            return count
        # From now on HubSpot may have it.
        Participation.objects.filter(pk__in=[row.pk for row in rows], tried_at=None).update(
            tried_at=timezone.now()
        )
        try:
            result = client.record(event.object_id, kind.value, [_input(row) for row in rows])
        except NotFound as error:
            _refuse(rows, reasons.EVENT_GONE, error.message)
            return count
        count += _save_result(client, handover, rows, result)


def _next_rows(handover: WebinarHandover, event: MarketingEvent, kind: Kind) -> list[Participation]:
    """Return what fits into one call: one row for each contact of HubSpot, with its id."""
    linked = HubSpotContact.objects.linked().filter(portal=handover.portal)
    waiting = Participation.objects.of(handover).pending().filter(event=event, kind=kind.value)
    # By key: among very many, the earliest are found without reading the others.
    rows = list(
        waiting.filter(Exists(linked.filter(contact=OuterRef("contact")))).order_by("pk")[:AT_ONCE]
    )
    rows.sort(key=lambda row: (row.happened_at, row.pk))
    ids = dict(
        linked.filter(contact__in=[row.contact_id for row in rows]).values_list(
            "contact", "hubspot_id"
        )
    )
    for row in rows:
        row.hubspot_id = ids.get(row.contact_id, "")
    same = linked.filter(hubspot_id__in={row.hubspot_id for row in rows} - {""})
    others = set(
        Participation.objects.filter(
            event=event, contact__in=same.values("contact"), hubspot_id__in=ids.values()
        ).values_list("hubspot_id", "contact")
    )
    taken: dict[str, int] = dict(sorted(others))
    found: dict[str, Participation] = {}
    for row in rows:
        if not row.hubspot_id:
            continue
        if taken.setdefault(row.hubspot_id, row.contact_id) != row.contact_id:
            # Two contacts here are one there, which has the first one's participation.
            _leave_out_twin(row)
        else:
            found.setdefault(row.hubspot_id, row)
    return list(found.values()) or (
        _next_rows(handover, event, kind) if rows and len(found) < len(rows) else []
    )


def _leave_out_twin(row: Participation) -> None:
    Participation.objects.pending().filter(pk=row.pk).update(
        state=State.LEFT_OUT, reason_code=reasons.SAME_CONTACT, reason_params={}
    )


def _input(row: Participation) -> ParticipationInput:
    return ParticipationInput(row.hubspot_id, row.happened_at, row.joined_at, row.left_at)


def _save_result(
    client: Client,
    handover: WebinarHandover,
    rows: Sequence[Participation],
    result: RecordResult,
) -> int:
    """Save HubSpot's response to one call."""
    now = timezone.now()
    missing, taken = [], []
    for row in rows:
        refusal = result.refused.get(row.hubspot_id)
        if refusal is None:
            taken.append(row)
        elif refusal.code in _CODES_OF_MISSING:
            missing.append(row)
        else:
            _refuse([row], reasons.NOT_TAKEN, refusal.message)
    _sent(taken, now)
    HubSpotContact.objects.filter(
        portal=handover.portal, contact__in=[row.contact_id for row in rows]
    ).update(last_sent_at=now)
    if missing:
        _look_up(client, handover, missing, result.refused)
    return len(rows)


def _sent(rows: Sequence[Participation], now: dt.datetime) -> None:
    if not rows:
        return
    ids = Case(
        *(When(pk=row.pk, then=Value(row.hubspot_id)) for row in rows), output_field=CharField()
    )
    Participation.objects.pending().filter(pk__in=[row.pk for row in rows]).update(
        **NO_REASON,
        state=State.SENT,
        hubspot_id=ids,
        sent_at=now,
        next_check_at=now + FIRST_CHECKS[0],
    )


def _look_up(
    client: Client,
    handover: WebinarHandover,
    rows: Sequence[Participation],
    refused: dict[str, Refusal],
) -> None:
    """Look up by address those whose id HubSpot no longer has; if the id is the same, it is
    refused."""
    before = {row.contact_id: row.hubspot_id for row in rows}
    look_up_missing(client, handover.portal, list(before))
    linked = HubSpotContact.objects.linked().filter(portal=handover.portal, contact__in=before)
    now_known = dict(linked.values_list("contact", "hubspot_id"))
    for row in rows:
        if now_known.get(row.contact_id) == row.hubspot_id:
            _refuse([row], reasons.NOT_TAKEN, refused[row.hubspot_id].message)
    _leave_out(handover)


def _refuse(rows: Iterable[Participation], code: str, words: str) -> None:
    for row in rows:
        Participation.objects.pending().filter(pk=row.pk).update(
            state=State.REFUSED, reason_code=code, reason_params={}, hubspot_message=words
        )


# -- confirming ------------------------------------------------------------------------------------


def to_confirm(handover: WebinarHandover, now: dt.datetime) -> QuerySet[Participation]:
    """Return what was sent and is to be looked up now."""
    return Participation.objects.of(handover).sent().filter(next_check_at__lte=now)


def confirm_together(handover: WebinarHandover, since: dt.datetime) -> None:
    """Look up everything sent since then at the same time, after the last of it: one call returns
    many."""
    rows = Participation.objects.of(handover).sent().filter(sent_at__gte=since)
    last = rows.aggregate(last=Max("sent_at"))["last"]
    if last is not None:
        rows.update(next_check_at=last + FIRST_CHECKS[0])


def confirm(client: Client, handover: WebinarHandover, renew: Renew) -> int:
    """Read whether HubSpot has what was sent, and return how much it has. Raises HubSpotError."""
    count = 0
    now = timezone.now()
    for event in handover.events.exclude(object_id=""):
        due = to_confirm(handover, now).filter(event=event)
        if due.exists() and renew():
            with contextlib.suppress(NotFound):
                count += _confirm_event(client, event, due, renew)
                count += _confirm_as_sent(client, event, due)
                count += _confirm_merged(client, event, due, renew)
            _not_there(due)
    return count


def _confirm_event(
    client: Client, event: MarketingEvent, due: QuerySet[Participation], renew: Renew
) -> int:
    """Confirm what HubSpot has of an event: by contact, or by reading all pages, whichever takes
    fewer calls."""
    written = Participation.objects.filter(event=event, state__in=[State.SENT, State.CONFIRMED])
    pages = -(-written.values("contact").distinct().count() // AT_ONCE)
    some = dict(due.values_list("contact", "hubspot_id").distinct()[: pages + 1])
    count = 0
    if len(some) <= pages:
        links = _links(event).filter(contact__in=some)
        # After a merge in HubSpot they may have another id by now.
        some |= dict(links.values_list("contact", "hubspot_id"))
        for contact_id, hubspot_id in some.items():
            rows = list(due.filter(contact=contact_id))
            for record in client.participations(event.object_id, contact=hubspot_id).rows:
                count += _confirm([row for row in rows if shows(record, row)])
        return count
    after = ""
    while True:
        page = client.participations(event.object_id, after=after)
        count += _confirm(_shown(event, page.rows))
        after = page.next
        if not after or not due.exists() or not renew():
            return count


def _links(event: MarketingEvent) -> QuerySet[HubSpotContact]:
    return HubSpotContact.objects.linked().filter(portal=event.handover.portal_id)


def _confirm_as_sent(client: Client, event: MarketingEvent, due: QuerySet[Participation]) -> int:
    """Confirm what was sent for another contact of HubSpot than the person has now: two contacts
    were merged here since."""
    others = _links(event).filter(contact=OuterRef("contact"))
    rows = due.filter(Exists(others.exclude(hubspot_id=OuterRef("hubspot_id"))))
    count = 0
    for hubspot_id in set(rows.values_list("hubspot_id", flat=True)):
        mine = list(rows.filter(hubspot_id=hubspot_id))
        for record in client.participations(event.object_id, contact=hubspot_id).rows:
            count += _confirm([row for row in mine if shows(record, row)])
    return count


def _confirm_merged(
    client: Client, event: MarketingEvent, due: QuerySet[Participation], renew: Renew
) -> int:
    """Confirm what HubSpot has under another id after merging the contact: what is not found
    although everything sent is readable is looked up by address now and then."""
    portal, now = event.handover.portal, timezone.now()
    links = _links(event).filter(
        Q(checked_at__lt=OuterRef("sent_at")) | Q(checked_at__lte=now - LOOK_UP_EVERY),
        contact=OuterRef("contact"),
    )
    rows = due.filter(Exists(links), sent_at__lte=now - FIRST_CHECKS[-1])
    contact_ids = list(rows.order_by("contact").values_list("contact", flat=True).distinct())
    count = 0
    for some in batched(contact_ids, AT_ONCE):
        if not renew():
            return count
        known = dict(_links(event).filter(contact__in=some).values_list("contact", "hubspot_id"))
        found = find_contacts(client, portal, some).existing
        for contact_id, contact in found.items():
            if contact.id == known.get(contact_id):
                continue
            mine = list(due.filter(contact=contact_id))
            for record in client.participations(event.object_id, contact=contact.id).rows:
                if shown := [row for row in mine if shows(record, row)]:
                    link(portal, {contact_id: contact})
                    count += _confirm(shown)
        _links(event).filter(contact__in=some).update(checked_at=timezone.now())
    return count


def _shown(event: MarketingEvent, records: Sequence[ParticipationRecord]) -> list[Participation]:
    """Return what was sent, due or not, and is in a page of participations."""
    there = {record.contact_id: record for record in records}
    links = _links(event).filter(hubspot_id__in=there)
    known = dict(links.values_list("contact", "hubspot_id"))
    sent = Participation.objects.sent().filter(event=event, contact__in=known)
    return [row for row in sent if shows(there[known[row.contact_id]], row)]


_STATES = {
    Kind.REGISTER: {"REGISTERED", "CANCELLED", "ATTENDED", "NO_SHOW"},
    Kind.CANCEL: {"CANCELLED", "REGISTERED", "ATTENDED", "NO_SHOW"},
    Kind.ATTEND: {"ATTENDED"},
}


def shows(record: ParticipationRecord, row: Participation) -> bool:
    """Return whether the present state of a participant shows that HubSpot has `row`: that state,
    or a later one."""
    if record.state == "ATTENDED":
        return True
    if record.state not in _STATES[Kind(row.kind)]:
        return False
    return record.occurred_at is None or record.occurred_at >= _milliseconds(row.happened_at)


def _milliseconds(at: dt.datetime) -> dt.datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _confirm(rows: Sequence[Participation]) -> int:
    return (
        Participation.objects.sent()
        .filter(pk__in=[row.pk for row in rows])
        .update(**NO_REASON, state=State.CONFIRMED, confirmed_at=timezone.now(), next_check_at=None)
    )


def _not_there(due: QuerySet[Participation]) -> None:
    """Save when to look again for what was not found."""
    now = timezone.now()
    by_time: dict[dt.datetime | None, list[int]] = {}
    for pk, sent_at in due.values_list("pk", "sent_at"):
        assert sent_at is not None
        by_time.setdefault(_next_check(sent_at, now), []).append(pk)
    rows = Participation.objects.sent()
    for next_check, pks in by_time.items():
        values: dict[str, object] = {"next_check_at": next_check}
        if next_check is None:
            values |= {"reason_code": reasons.NOT_CONFIRMED, "reason_params": {}}
        for some in batched(pks, _WRITTEN_AT_ONCE):
            rows.filter(pk__in=some).update(**values)


def _next_check(sent_at: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """Return when to look again; None after an hour."""
    for delay in FIRST_CHECKS:
        if sent_at + delay > now:
            return sent_at + delay
    return None if now - sent_at >= CHECK_UNTIL else now + CHECK_EVERY


def send_again(rows: QuerySet[Participation]) -> int:
    """Send again what was refused or never confirmed; return how much."""
    refused = rows.filter(
        Q(state__in=[State.REFUSED, State.LEFT_OUT]) | Q(state=State.SENT, next_check_at=None)
    )
    return refused.update(
        **NO_REASON, state=State.PENDING, sent_at=None, hubspot_id="", next_check_at=None
    )
