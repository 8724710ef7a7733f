"""Send webinars to HubSpot: plan what is due, and send it.

What is to be sent is in rows (`Participation`) before HubSpot is called, so a worker can be killed
at any moment. One worker sends for a webinar at a time; its claim expires.
"""

import datetime as dt
import logging
import secrets
import time
from collections.abc import Callable, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from contacts import events as contact_events
from contacts.models import Activity
from core.conditions import has_passed, through
from core.outbox import Event
from core.queue import enqueue
from core.rate_limit.database import Priority
from destinations.error_messages import as_stored
from destinations.hubspot import access, notes, participation
from destinations.hubspot.client import Client
from destinations.hubspot.contacts import State as ContactState
from destinations.hubspot.errors import (
    Delayed,
    HubSpotError,
    MissingScope,
    RequestRefused,
    TokenRefused,
)
from destinations.hubspot.events import (
    changed_events,
    complete_events,
    events_to_complete,
    send_events,
)
from destinations.hubspot.handover_rows import plan_webinar
from destinations.hubspot.switch import SEND_TASK, decide_new_webinars
from destinations.models import HubSpotContact, Note, Participation, Portal, WebinarHandover
from destinations.models.participation import NO_REASON
from destinations.models.portal import IS_READY
from platforms.models.error import NO_ERROR

logger = logging.getLogger(__name__)

CLAIM = dt.timedelta(minutes=2)
FIRST_RETRY, LAST_RETRY = dt.timedelta(seconds=10), dt.timedelta(minutes=15)
# A missing scope or a token has to be fixed by a person; it is checked this often.
_AFTER_REFUSAL = dt.timedelta(minutes=10)
# All people of a webinar are compared with what was sent this often, besides outbox events.
PLAN_EVERY = dt.timedelta(minutes=15)
# A webinar that ended longer ago is compared once a day.
RECENT, PLAN_PAST_EVERY = dt.timedelta(days=7), dt.timedelta(days=1)
# After this time every process knows that a portal is connected, and has ended what it began
# before: until then, events may be missing.
KNOWN_EVERYWHERE = dt.timedelta(minutes=1)
# How long one worker sends for a webinar before others get their turn.
_TURN_SECONDS = 60.0
_PASSES = 5
# Asked for when something was sent.
_CONFIRM_TASK = "destinations.tasks.confirm_soon"
_CONFIRM_WITHIN = dt.timedelta(seconds=8)
# A contact that HubSpot refused is retried after this time.
_CONTACTS_AGAIN = dt.timedelta(days=1)

_ATTENDANCE = frozenset({Activity.Kind.ATTENDED, Activity.Kind.RETURNED})
KINDS = frozenset(
    {
        contact_events.REGISTRATION_CHANGED,
        contact_events.REGISTRATION_DELETED,
        contact_events.ACTIVITY_RECORDED,
        contact_events.ACTIVITY_WITHDRAWN,
        contact_events.CONTACT_CHANGED,
        contact_events.CONTACT_MERGED,
        contact_events.CONTACT_UNMERGED,
        contact_events.CONTACT_DELETED,
        contact_events.CONTACT_ERASED,
    }
)


def handle_events(events: Sequence[Event]) -> None:
    """Plan what events are about again and send it (a reader of the outbox).

    What HubSpot does not accept now is retried by the sweep: nothing waits here.
    """
    portal = Portal.objects.connected()
    if portal is None:
        return
    contact_ids = {int(event.subject) for event in events if _concerns(event)}
    contact_ids |= {
        int(event.data[name])
        for event in events
        for name in ("survivor", "gone")
        if event.kind in (contact_events.CONTACT_MERGED, contact_events.CONTACT_UNMERGED)
        and name in event.data
    }
    if not contact_ids:
        return
    decide_new_webinars(portal)
    _try_contacts_again(
        HubSpotContact.objects.filter(
            portal=portal,
            contact__in=[
                int(event.subject)
                for event in events
                if event.kind == contact_events.CONTACT_CHANGED
            ],
        )
    )
    handovers = WebinarHandover.objects.filter(portal=portal, enabled=True).filter(
        Q(webinar__registrations__contact__in=contact_ids)
        | Q(events__participations__contact__in=contact_ids)
    )
    pks = list(handovers.order_by("pk").values_list("pk", flat=True).distinct())
    began = time.monotonic()
    for pk in pks:
        plan_webinar(pk, contact_ids)
    for pk in pks:
        # The rows have what is to be sent: the events are done before all of it is.
        if time.monotonic() - began < _TURN_SECONDS:
            hand_over(pk, at_most=_TURN_SECONDS / 2)
        else:
            enqueue(SEND_TASK, pk)


def _concerns(event: Event) -> bool:
    if event.kind in (contact_events.ACTIVITY_RECORDED, contact_events.ACTIVITY_WITHDRAWN):
        return event.data.get("activity") in _ATTENDANCE
    # A deletion took the rows with it.
    return event.kind not in (contact_events.CONTACT_DELETED, contact_events.CONTACT_ERASED)


def _try_contacts_again(rows: QuerySet[HubSpotContact]) -> int:
    """Reset refused contacts, so that they are looked up and created again."""
    barred = rows.filter(state__in=[ContactState.REFUSED, ContactState.LACKING])
    same = barred.filter(portal=OuterRef("event__handover__portal"), contact=OuterRef("contact"))
    left_out = Participation.objects.filter(Exists(same), state=Participation.State.LEFT_OUT)
    left_out.update(**NO_REASON, state=Participation.State.PENDING)
    return barred.delete()[0]


def try_contacts_again(portal: Portal, rows: QuerySet[Participation]) -> int:
    """Have refused contacts of `rows` looked up and created again; return how many."""
    return _try_contacts_again(
        HubSpotContact.objects.filter(portal=portal, contact__in=rows.values("contact"))
    )


# -- one webinar -----------------------------------------------------------------------------------


def hand_over(handover_id: int, *, at_most: float = _TURN_SECONDS) -> bool:
    """Send what is due of a webinar; return whether nothing is due any more.

    If another worker is sending it, that one sends everything: it checks again after releasing its
    claim.
    """
    began = time.monotonic()
    # After an unknown error, the sweep retries.
    for _pass in range(_PASSES):
        if not is_due(handover_id):
            return True
        claim = _claim(handover_id)
        if not claim:
            return False
        try:
            if not _send_all(handover_id, claim):
                return False
        finally:
            _release(handover_id, claim)
        if time.monotonic() - began > at_most:
            break
    return not is_due(handover_id)


def is_due(handover_id: int) -> bool:
    """Return whether anything of a webinar is to be sent or read now."""
    now = timezone.now()
    handover = (
        WebinarHandover.objects.select_related("webinar__connection", "portal")
        .filter(_may_send(now), pk=handover_id)
        .first()
    )
    return handover is not None and (
        _sendable(handover, now).exists()
        or participation.to_confirm(handover, now).exists()
        or notes.to_write(handover, now).exists()
        or bool(changed_events(handover, now))
        or bool(events_to_complete(handover))
    )


def _may_send(now: dt.datetime) -> Q:
    return Q(enabled=True) & through("portal", IS_READY) & has_passed("next_try_at", now)


def _sendable(handover: WebinarHandover, now: dt.datetime) -> QuerySet[Participation]:
    """Return what can be sent: without events that HubSpot does not accept now."""
    rows = (
        Participation.objects.of(handover).pending().filter(has_passed("event__next_try_at", now))
    )
    return rows.exclude(event__object_id="", event__cancelled=True)


def _claim(handover_id: int) -> str:
    """Claim a webinar and return the claim; "" if another worker has it."""
    now = timezone.now()
    claim = secrets.token_hex(8)
    free = has_passed("claimed_until", now)
    taken = WebinarHandover.objects.filter(free, _may_send(now), pk=handover_id)
    return claim if taken.update(claim=claim, claimed_until=now + CLAIM) else ""


def _release(handover_id: int, claim: str) -> None:
    rows = WebinarHandover.objects.filter(pk=handover_id, claim=claim)
    rows.update(claim="", claimed_until=None)


def _renew(handover_id: int, claim: str) -> bool:
    """Renew the claim; return whether it is still held and the webinar is switched on."""
    now = timezone.now()
    rows = WebinarHandover.objects.filter(pk=handover_id, claim=claim, enabled=True)
    return bool(rows.update(claimed_until=now + CLAIM))


def _send_all(handover_id: int, claim: str) -> bool:
    """Do everything that is due; return whether HubSpot responded."""
    handover = WebinarHandover.objects.select_related("webinar__connection", "portal").get(
        pk=handover_id
    )

    def renew() -> bool:
        return _renew(handover_id, claim)

    try:
        client = access.client_for(handover.portal, Priority.MANUAL)
        _send_and_confirm(client, handover, renew)
    except HubSpotError as error:
        _postpone(handover, error)
        return False
    if handover.attempts or handover.error_code:
        rows = WebinarHandover.objects.filter(pk=handover_id)
        rows.update(attempts=0, next_try_at=None, **NO_ERROR)
    return True


def _send_and_confirm(client: Client, handover: WebinarHandover, renew: Callable[[], bool]) -> None:
    now = timezone.now()
    if _sendable(handover, now).exists() or changed_events(handover, now):
        send_events(client, handover)
        participation.resolve_contacts(client, handover, renew)
        if participation.send(client, handover, renew):
            participation.confirm_together(handover, now)
            access.note_success(handover.portal)
            enqueue(_CONFIRM_TASK, handover.portal_id)
    if participation.to_confirm(handover, timezone.now()).exists():
        participation.confirm(client, handover, renew)
    complete_events(client, handover)
    # Last: a token without the scope for notes does not block the rest.
    if notes.write_notes(client, handover, renew):
        access.note_success(handover.portal)


def _postpone(handover: WebinarHandover, error: HubSpotError) -> None:
    """Save why HubSpot could not be called, and when to retry."""
    logger.warning("HubSpot was not told of webinar %s: %s", handover.webinar.key, error)
    access.note_error(handover.portal, error)
    delay = min(FIRST_RETRY * 2 ** min(handover.attempts, 10), LAST_RETRY)
    if isinstance(error, Delayed):
        delay = dt.timedelta(seconds=max(error.retry_after, 1.0))
    elif isinstance(error, TokenRefused):
        # The portal's state blocks everything until the token is replaced.
        delay = dt.timedelta()
    elif isinstance(error, MissingScope | RequestRefused):
        delay = _AFTER_REFUSAL
    WebinarHandover.objects.filter(pk=handover.pk).update(
        attempts=handover.attempts + 1,
        next_try_at=timezone.now() + delay,
        **as_stored(error),
    )


# -- what is due ----------------------------------------------------------------------------------


def plan_due(portal: Portal) -> int:
    """Compare webinars that have not been compared for a while; return how many."""
    decide_new_webinars(portal)
    now = timezone.now()
    _try_contacts_again(
        HubSpotContact.objects.filter(portal=portal, checked_at__lte=now - _CONTACTS_AGAIN)
    )
    outdated = (
        Q(planned_at__isnull=True)
        | Q(_is_recent(now), planned_at__lte=now - PLAN_EVERY)
        | Q(planned_at__lte=now - PLAN_PAST_EVERY)
    )
    known_at = portal.connected_at + KNOWN_EVERYWHERE
    if known_at <= now:
        outdated |= Q(planned_at__lt=known_at)
    rows = WebinarHandover.objects.filter(outdated, portal=portal, enabled=True)
    pks = list(rows.order_by("planned_at", "pk").values_list("pk", flat=True))
    for pk in pks:
        plan_webinar(pk)
    return len(pks)


def _is_recent(now: dt.datetime) -> Q:
    """Return the condition on handovers: the webinar is upcoming, or ended a few days ago."""
    return Q(webinar__ends_at__isnull=True) | Q(webinar__ends_at__gt=now - RECENT)


def due_handovers(portal: Portal) -> list[int]:
    """Return the webinars with something due."""
    now = timezone.now()
    of_webinar = Participation.objects.filter(event__handover=OuterRef("pk"))
    to_send = of_webinar.pending()
    to_confirm = of_webinar.filter(next_check_at__lte=now)
    notes_to_write = Note.objects.filter(event__handover=OuterRef("pk")).pending()
    rows = WebinarHandover.objects.filter(_may_send(now), portal=portal).filter(
        # Events of others change and end with a comparison.
        _is_recent(now)
        | Q(planned_at__gt=now - dt.timedelta(hours=1))
        | Exists(to_send)
        | Exists(to_confirm)
        | Exists(notes_to_write)
    )
    return [pk for pk in rows.order_by("pk").values_list("pk", flat=True) if is_due(pk)]


def is_unconfirmed(portal: Portal) -> bool:
    """Return whether something that was sent will be looked up within seconds."""
    rows = Participation.objects.sent().filter(event__handover__portal=portal)
    return rows.filter(next_check_at__lte=timezone.now() + _CONFIRM_WITHIN).exists()


def try_again(handover: WebinarHandover) -> None:
    """Retry a webinar that waits after an error at once."""
    WebinarHandover.objects.filter(pk=handover.pk).update(next_try_at=None)
    handover.events.update(next_try_at=None)
