"""Keep lists in HubSpot up to date with an audience of a webinar or a segment.

Only members that were added by us are ever removed; those added by people in HubSpot stay. A list
that was deleted there is created again only on request.
"""

import contextlib
import datetime as dt
import secrets
from collections.abc import Iterator, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from contacts.models import Contact
from core.batches import batched
from core.conditions import has_passed, through
from core.rate_limit.database import Priority
from destinations.error_messages import as_stored
from destinations.hubspot import access, lists_client, reasons
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.contacts import look_up_missing
from destinations.hubspot.errors import Delayed, HubSpotError, NotFound, RequestRefused
from destinations.hubspot.list_people import (
    PeopleUnknown,
    linked_ids,
    look_up_unknown,
    people_of_list,
)
from destinations.hubspot.lists_client import CHANGEABLE, ListRecord
from destinations.models import ContactList, ListMember, MarketingEvent, Portal
from destinations.models.portal import IS_READY
from platforms.models.error import NO_ERROR

State = ContactList.State
# How often people are compared; finding those of a segment can be slow.
_COMPARE_EVERY, _COMPARE_SEGMENTS_EVERY = dt.timedelta(minutes=5), dt.timedelta(minutes=15)
_LOOK_EVERY = dt.timedelta(days=1)
_AFTER_FAILURE = dt.timedelta(minutes=10)
# What was just written may not be readable yet.
_READABLE_AFTER = dt.timedelta(seconds=10)
# The largest difference between HubSpot's clock and ours.
_CLOCKS_APART = dt.timedelta(minutes=1)
_CLAIM = dt.timedelta(minutes=2)


def follow_due(portal: Portal) -> int:
    """Update the lists that have not been compared for a while; return how many."""
    due = ContactList.objects.due(timezone.now()).filter(portal=portal)
    pks = list(due.order_by("next_try_at", "pk").values_list("pk", flat=True))
    return sum(follow(pk) for pk in pks)


def follow(list_pk: int) -> bool:
    """Update a list; False if another worker has it, it is off, or HubSpot does not respond."""
    now = timezone.now()
    claim = secrets.token_hex(8)
    free = has_passed("claimed_until", now)
    rows = ContactList.objects.due(now).filter(free, through("portal", IS_READY), pk=list_pk)
    if not rows.update(claim=claim, claimed_until=now + _CLAIM):
        return False
    row = ContactList.objects.select_related("portal", "webinar", "segment").get(pk=list_pk)
    try:
        client = access.client_for(row.portal, Priority.SCHEDULED)
        _Following(client, row, claim).run()
    except HubSpotError as error:
        access.note_error(row.portal, error)
        wait = _AFTER_FAILURE
        if isinstance(error, Delayed):
            wait = dt.timedelta(seconds=max(error.retry_after, 1.0))
        ContactList.objects.followed().filter(pk=list_pk).update(
            next_try_at=timezone.now() + wait, **as_stored(error)
        )
        return False
    finally:
        ContactList.objects.filter(pk=list_pk, claim=claim).update(claim="", claimed_until=None)
    return True


class _Stopped(Exception):
    """The list was switched off, or another worker has it."""


class _ListGone(Exception):
    """HubSpot no longer has the list."""


@contextlib.contextmanager
def _gone_if_missing() -> Iterator[None]:
    try:
        yield
    except NotFound:
        raise _ListGone from None


class _Following:
    """One update of one list."""

    def __init__(self, client: Client, row: ContactList, claim: str) -> None:
        self.client = client
        self.row = row
        self.claim = claim

    def run(self) -> None:
        try:
            self._run()
        except _Stopped:
            pass
        except _ListGone:
            self._gone()

    def _run(self) -> None:
        if self.row.state == State.WAITING and not self._create():
            return
        self._look()
        try:
            people = people_of_list(self.row)
        except PeopleUnknown:
            self._later(_COMPARE_SEGMENTS_EVERY, reasons.LIST_PEOPLE_UNKNOWN)
            return
        if not self._settle():
            return
        look_up_unknown(self.client, self.row, people)
        wanted = linked_ids(self.row, people)
        added = self._add(wanted)
        removed = self._remove(wanted)
        if added or removed:
            access.note_success(self.row.portal)
        self._show_on_events()
        every = _COMPARE_EVERY if self.row.webinar_id else _COMPARE_SEGMENTS_EVERY
        self._later(every)

    def _later(self, wait: dt.timedelta, code: str = "") -> None:
        now = timezone.now()
        values = {**NO_ERROR, "error_code": code, "next_try_at": now + wait}
        if not code:
            values["compared_at"] = now
        self._update(**values)

    def _update(self, **values: object) -> None:
        """Write columns while the claim is held. Raises _Stopped."""
        rows = ContactList.objects.followed().filter(pk=self.row.pk, claim=self.claim)
        if not rows.update(claimed_until=timezone.now() + _CLAIM, **values):
            raise _Stopped
        for name, value in values.items():
            setattr(self.row, name, value)

    def _gone(self) -> None:
        self.row.members.all().delete()
        ContactList.objects.followed().filter(pk=self.row.pk).update(
            state=State.GONE,
            list_id="",
            shown_on=[],
            error_code=reasons.LIST_GONE,
            error_params={},
            platform_message="",
        )

    # -- the list itself ---------------------------------------------------------------------------

    def _create(self) -> bool:
        """Create the list; False if the name is taken."""
        tried_at = self.row.create_tried_at
        if tried_at is None:
            # From now on HubSpot may have it.
            self._update(create_tried_at=timezone.now())
        try:
            made = lists_client.create_list(self.client, self.row.name)
        except RequestRefused as error:
            other = lists_client.list_named(self.client, self.row.name)
            if other is None:
                raise
            if not _is_ours(other, tried_at):
                self._update(
                    state=State.NAME_TAKEN,
                    other_list_id=other.id,
                    other_is_changeable=other.processing_type in CHANGEABLE,
                    error_code=reasons.LIST_NAME_TAKEN,
                    error_params={},
                    platform_message=error.message,
                )
                return False
            made = other
        self._update(state=State.ON, list_id=made.id, seen_at=timezone.now())
        access.note_success(self.row.portal)
        return True

    def _look(self) -> None:
        """Check once a day whether the list was deleted, even without changes."""
        now = timezone.now()
        if self.row.seen_at is None or self.row.seen_at <= now - _LOOK_EVERY:
            with _gone_if_missing():
                lists_client.read_list(self.client, self.row.list_id)
            self._update(seen_at=now)

    def _show_on_events(self) -> None:
        if self.row.webinar_id is None:
            return
        events = MarketingEvent.objects.filter(
            handover__portal=self.row.portal, handover__webinar=self.row.webinar
        ).exclude(object_id="")
        for object_id in events.order_by("number").values_list("object_id", flat=True):
            if object_id in self.row.shown_on:
                continue
            # The event may be deleted there; that does not matter for the people.
            with contextlib.suppress(RequestRefused):
                lists_client.show_on_event(self.client, self.row.list_id, object_id)
            self._update(shown_on=[*self.row.shown_on, object_id])

    # -- its members -------------------------------------------------------------------------------

    def _settle(self) -> bool:
        """Find out who was added by calls without a response; False while that cannot be read
        yet."""
        doubtful = list(self.row.members.present().filter(added=None))
        if not doubtful:
            return True
        readable_at = max(each.tried_at for each in doubtful) + _READABLE_AFTER
        if readable_at > timezone.now():
            self._update(next_try_at=readable_at)
            return False
        there: dict[str, dt.datetime | None] = {}
        after = ""
        while True:
            with _gone_if_missing():
                page = lists_client.members(self.client, self.row.list_id, after)
            there |= page.since
            after = page.next
            self._update()
            if not after:
                break
        for each in doubtful:
            mine = ListMember.objects.filter(pk=each.pk)
            if each.hubspot_id not in there:
                mine.delete()
                continue
            since = there[each.hubspot_id]
            mine.update(added=since is None or since >= each.tried_at - _CLOCKS_APART)
        return True

    def _add(self, wanted: Mapping[str, int]) -> int:
        """Add missing people, and return how many HubSpot accepted."""
        rows = self.row.members.present()
        present = set(rows.values_list("hubspot_id", flat=True))
        # People merged in HubSpot are in the list with another id than they were added with.
        ours = rows.filter(added=True).exclude(contact=None)
        added_before = set(ours.values_list("contact", flat=True))
        count = 0
        for some in batched(sorted(wanted.keys() - present), AT_ONCE):
            self._update()
            tried = self._note_tried(some, wanted)
            if not tried:
                continue
            with _gone_if_missing():
                result = lists_client.add_members(self.client, self.row.list_id, tried)
            mine = self.row.members.filter(hubspot_id__in=tried, added=None)
            mine.filter(hubspot_id__in=result.missing).delete()
            mine.filter(hubspot_id__in=result.added).update(added=True)
            mine.filter(contact__in=added_before).update(added=True)
            mine.update(added=False)
            count += len(result.added)
            if missing := [wanted[each] for each in result.missing if each in wanted]:
                look_up_missing(self.client, self.row.portal, missing)
        return count

    def _note_tried(self, hubspot_ids: Sequence[str], wanted: Mapping[str, int]) -> list[str]:
        """Write rows for those who are added next, unless they were deleted here in the meantime:
        from now on HubSpot may have them in the list."""
        now = timezone.now()
        people = {wanted[each]: each for each in hubspot_ids}
        with transaction.atomic():
            rows = Contact.objects.select_for_update().filter(pk__in=people).order_by("pk")
            here = list(rows.values_list("pk", flat=True))
            ListMember.objects.bulk_create(
                [
                    ListMember(
                        contact_list=self.row,
                        contact_id=pk,
                        hubspot_id=people[pk],
                        tried_at=now,
                    )
                    for pk in here
                ]
            )
        return [people[pk] for pk in here]

    def _remove(self, wanted: Mapping[str, int]) -> int:
        """Remove people whom we added and who no longer belong to the list; return how many."""
        rows = self.row.members.present()
        gone = [
            (pk, hubspot_id, added)
            for pk, hubspot_id, added in rows.values_list("pk", "hubspot_id", "added")
            if hubspot_id not in wanted
        ]
        count = 0
        for some in batched(gone, AT_ONCE):
            self._update()
            ours = [hubspot_id for _pk, hubspot_id, added in some if added]
            if ours:
                with _gone_if_missing():
                    lists_client.remove_members(self.client, self.row.list_id, ours)
            rows.filter(pk__in=[pk for pk, _id, _added in some]).delete()
            count += len(ours)
        return count


def _is_ours(other: ListRecord, tried_at: dt.datetime | None) -> bool:
    """Return whether a list was created by a call of ours without a response."""
    if tried_at is None or other.created_at is None or other.processing_type not in CHANGEABLE:
        return False
    return other.created_at >= tried_at - _CLOCKS_APART
