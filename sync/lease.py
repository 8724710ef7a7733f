"""One sync of a webinar at a time: the running sync run's row is the lease.

The steps, in the order of the code: mark runs as lost whose lease has expired or whose process is
dead; insert our row, which the database refuses while another runs; renew it from a thread as long
as the process lives; end it. The lease of a killed worker expires within LEASE.
"""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from core.conditions import has_passed
from core.db_threads import database_in_thread
from platforms.models import Connection
from sync.models import SyncRun
from webinars.models import Webinar

LEASE = dt.timedelta(seconds=60)
_HEARTBEAT = 15.0


class Busy(Exception):
    """Another run of the same webinar (or list) is in progress."""


class LostLease(Exception):
    """This run was marked as lost: another may be in progress, so it must not write any more."""


def claim(
    connection: Connection,
    webinar: Webinar | None,
    *,
    trigger: SyncRun.Trigger,
    user_id: int | None = None,
) -> SyncRun:
    """Start a sync run. Raises Busy while another one of the same kind runs."""
    now = timezone.now()
    running = SyncRun.objects.running().filter(connection=connection, webinar=webinar)
    running.filter(has_passed("lease_until", now)).update(
        state=SyncRun.State.LOST,
        finished_at=now,
        lease_until=None,
        error_code="sync.ended",
    )
    try:
        with transaction.atomic():
            return SyncRun.objects.create(
                connection=connection,
                webinar=webinar,
                trigger=trigger,
                started_by_id=user_id,
                started_at=now,
                lease_until=now + LEASE,
            )
    except IntegrityError:
        raise Busy from None


def hold(run: SyncRun, **progress: object) -> None:
    """Renew the lease of `run` and save its progress. Raises LostLease if it is no longer ours."""
    mine = SyncRun.objects.running().filter(pk=run.pk)
    if not mine.update(lease_until=timezone.now() + LEASE, **progress):
        raise LostLease


@contextmanager
def kept_alive(run: SyncRun, *, every: float = _HEARTBEAT) -> Iterator[None]:
    """Renew the lease from a thread while the block runs, however slow a call is."""
    with beating(lambda: hold(run), name=f"lease-{run.pk}", every=every):
        yield


@contextmanager
def beating(renew: Callable[[], None], *, name: str, every: float = _HEARTBEAT) -> Iterator[None]:
    """Call `renew` every `every` seconds from a thread, until it raises LostLease or the block
    ends."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(renew, stop.wait, every), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(renew: Callable[[], None], wait: Callable[[float], bool], every: float) -> None:
    while not wait(every):
        with database_in_thread():
            try:
                renew()
            except LostLease:
                return
            except DatabaseError:
                # The database is busy or unreachable: the lease lasts long enough for another try.
                continue


def give_up(run: SyncRun, *, was_anything_written: bool) -> None:
    """End a run for which no calls are left; one without changes is deleted."""
    if was_anything_written:
        finish(run, SyncRun.State.LOST, error_code="sync.gave-way")
    else:
        SyncRun.objects.running().filter(pk=run.pk).delete()


def finish(run: SyncRun, state: SyncRun.State, **values: object) -> None:
    """End `run`; one that was marked as lost in the meantime stays lost."""
    SyncRun.objects.running().filter(pk=run.pk).update(
        state=state, finished_at=timezone.now(), lease_until=None, step="", **values
    )
    run.refresh_from_db()
