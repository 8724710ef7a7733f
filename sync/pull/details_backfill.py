"""Read the details of registrations that were not read yet, once for each (rules 3 and 11).

A sync reads the details of its new contacts. All others are read here with the lowest priority: by
a job each minute, and for a few newcomers by the sync that found them. The steps of the job, in the
order of the code: claim each connection with pending registrations, so that no two workers read the
same; read a portion of each in turn, upcoming webinars and newest registrations first; write each
portion at once. It ends when all are read, the time is over, or others need the calls.
"""

import datetime as dt
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db.models import Case, QuerySet, Value, When
from django.utils import timezone

from core.conditions import has_passed, through
from core.rate_limit.database import Priority
from platforms.client_factory import client_for
from platforms.contract import Client, RetryPolicy
from platforms.error_messages import explain
from platforms.errors import InvalidRequest, ServerError
from platforms.models import Connection
from platforms.models.conditions import IS_CONNECTED
from sync import lease
from sync.opt_out_check import save_opt_outs
from sync.pull.registrant_details import CHUNK, Details, read_details
from sync.pull.submitted_values import save_submitted_values
from webinars.models import Registration, Webinar
from webinars.models.conditions import IS_SWITCHED_ON, UNREAD, is_upcoming

logger = logging.getLogger(__name__)

# The job ends before the next one begins.
_TIME = dt.timedelta(seconds=50)
# How many are read and then written, and how many are looked up in one query.
_PORTION = 20
_LOOKED_UP = 500
# Details that the platform failed to return are requested again after this time.
_AGAIN = dt.timedelta(minutes=30)
# Low-priority calls are not retried in a row.
_RETRY_POLICY = RetryPolicy(base=0.3, cap=1.0, total=2.0)
# How long a sync that has just made calls waits for the first low-priority one.
_AFTER_A_SYNC_SECONDS = 1.0


def unread(now: dt.datetime) -> QuerySet[Registration]:
    """Return the registrations whose details are to be read at `now`, unordered."""
    return Registration.objects.filter(
        UNREAD,
        has_passed("details_try_at", now),
        through("webinar", IS_SWITCHED_ON),
        through("webinar__connection", IS_CONNECTED),
    ).order_by()


def read_unread(*, at_most: dt.timedelta = _TIME) -> int:
    """Read as many as possible within the time and the rate limit, and return how many."""
    until = time.monotonic() + at_most.total_seconds()
    waiting = unread(timezone.now()).values("webinar__connection")
    count = 0
    with ExitStack() as claims:
        readers = [
            _Reader(connection, until)
            for connection in Connection.objects.filter(pk__in=waiting)
            if claims.enter_context(_claim(connection.pk))
        ]
        while readers and time.monotonic() < until:
            for reader in list(readers):
                count += reader.read_portion()
                if reader.others_need_calls:
                    return count
                if reader.is_done:
                    readers.remove(reader)
    return count


def read_new(webinar: Webinar, since: dt.datetime) -> None:
    """Read the details of a few new registrations of `webinar`; the job reads the rest."""
    rows = unread(timezone.now()).filter(webinar=webinar, first_seen_at__gte=since)
    keys = list(rows.order_by("-registered_at").values_list("registrant_key", flat=True)[:CHUNK])
    if not keys:
        return
    with _claim(webinar.connection_id) as ours:
        if ours:
            _read(_client(webinar.connection, _AFTER_A_SYNC_SECONDS), webinar, keys)


def _client(connection: Connection, wait_at_most: float) -> Client:
    return client_for(
        connection, Priority.BACKFILL, retry_policy=_RETRY_POLICY, wait_at_most=wait_at_most
    )


@contextmanager
def _claim(connection_id: int) -> Iterator[bool]:
    """Claim the details of a connection; yields False while another process has them."""
    row, now = Connection.objects.filter(pk=connection_id), timezone.now()
    if not row.filter(has_passed("reading_until", now)).update(reading_until=now + lease.LEASE):
        yield False
        return

    def hold() -> None:
        row.update(reading_until=timezone.now() + lease.LEASE)

    try:
        with lease.beating(hold, name=f"details-{connection_id}"):
            yield True
    finally:
        row.update(reading_until=None)


def _read(
    client: Client, webinar: Webinar, keys: list[str], *, until: float | None = None
) -> Details:
    """Read and write the details of registrants of `webinar`."""
    details = read_details(client, webinar.key, keys, until=until)
    save_opt_outs(details.found.values())
    save_submitted_values(webinar, details)
    # Not if all calls are refused: then it is not about these registrants.
    unclear = [key for key, error in details.failed.items() if isinstance(error, _ABOUT_ONE)]
    if unclear:
        rows = Registration.objects.filter(UNREAD, webinar=webinar, registrant_key__in=unclear)
        rows.update(details_try_at=timezone.now() + _AGAIN)
    return details


_ABOUT_ONE = (ServerError, InvalidRequest)


class _Reader:
    """Reads the details of one connection, a portion at a time."""

    def __init__(self, connection: Connection, until: float) -> None:
        self._connection = connection
        self._until = until
        self._client = _client(connection, 0)
        self._waiting: list[tuple[int, int]] = []
        self.is_done = False
        self.others_need_calls = False

    def read_portion(self) -> int:
        """Read a few of one webinar, and return how many the platform returned."""
        if not self._waiting:
            self._waiting = self._look_up()
        if not self._waiting:
            self.is_done = True
            return 0
        webinar_id = self._waiting[0][1]
        ids = [pk for pk, of in self._waiting if of == webinar_id][:_PORTION]
        self._waiting = [item for item in self._waiting if item[0] not in ids]
        # Checked again: sync may be off now, and others read too.
        rows = unread(timezone.now()).filter(pk__in=ids).order_by("-registered_at")
        keys = list(rows.values_list("registrant_key", flat=True))
        if not keys:
            return 0
        webinar = Webinar.objects.get(pk=webinar_id)
        details = _read(self._client, webinar, keys, until=self._until)
        self.others_need_calls = bool(details.unasked) and time.monotonic() < self._until
        self._stop_where_refused(details)
        return len(details.found) + len(details.gone)

    def _look_up(self) -> list[tuple[int, int]]:
        """Return (registration id, webinar id) of the next ones, upcoming webinars first."""
        now = timezone.now()
        to_come = Case(When(through("webinar", is_upcoming(now)), then=Value(0)), default=Value(1))
        rows = unread(now).filter(webinar__connection=self._connection)
        rows = rows.order_by(to_come, "-registered_at", "-pk")
        return list(rows.values_list("pk", "webinar_id")[:_LOOKED_UP])

    def _stop_where_refused(self, details: Details) -> None:
        errors = list(details.failed.values())
        refused = [error for error in errors if not isinstance(error, _ABOUT_ONE)]
        stop = details.stop or next(iter(refused), None)
        if stop is not None:
            self.is_done = True
            logger.warning(
                "Details of %s are read another time: %s",
                self._connection.pk,
                explain(stop).sentence,
            )
