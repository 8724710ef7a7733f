"""Register people from HubSpot forms: each submission once, however many workers read.

The steps, in the order of the code: claim the form with one conditional UPDATE; read back to a
little before the last position; register each submission in one transaction with its row; only then
save the position. Killed anywhere, the same is read again, and registered submissions have their
rows.
"""

import datetime as dt
import logging

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from core.batches import batched
from core.rate_limit.database import Priority
from destinations.error_messages import as_stored
from destinations.hubspot import access
from destinations.hubspot.budget import is_day_used_up
from destinations.hubspot.client import Client
from destinations.hubspot.errors import Delayed, HubSpotError, NotFound, TokenRefused
from destinations.hubspot.form_values import NOT_STORED, LeftOut, NotUnderstood, form_data, key_of
from destinations.hubspot.forms_client import HubSpotSubmission, submissions
from destinations.models import Portal
from destinations.models.form_source import (
    FormSource,
    FormSourceQuerySet,
    ReceivedSubmission,
)
from platforms.models.error import NO_ERROR
from registration_forms.registrations import submit
from sync.push.intakes import Intake

logger = logging.getLogger(__name__)
State = ReceivedSubmission.State

INTERVAL = dt.timedelta(seconds=20)
# In the last tenth of a day's calls, and after HubSpot refused to read it.
SLOW_INTERVAL = dt.timedelta(minutes=5)
# HubSpot may show a submission a little after others that were sent later.
OVERLAP = dt.timedelta(minutes=10)
# No other worker reads the form during this time; after a kill, the next one does.
CLAIM = dt.timedelta(seconds=60)
# A skipped submission is retried after a minute, then with doubled delays.
_FIRST_RETRY, _RETRY_AT_MOST = dt.timedelta(minutes=1), dt.timedelta(days=1)
_RETRIED_FOR = dt.timedelta(days=30)


def is_active() -> bool:
    """Return whether any form is to be read."""
    return Portal.objects.connected() is not None and FormSource.objects.switched_on().exists()


def poll_due(waited: dt.timedelta = dt.timedelta()) -> int:
    """Read each form that has been due for `waited`; return how many people were registered."""
    due = FormSource.objects.due(timezone.now() - waited).select_related("portal", "webinar")
    return sum(poll(source) for source in due if _claim(source))


INTAKE = Intake("HubSpot forms", is_active, poll_due)


def _claim(source: FormSource) -> bool:
    now = timezone.now()
    rows = FormSource.objects.filter(pk=source.pk).due(now)
    return bool(rows.update(next_poll_at=now + CLAIM))


def poll(source: FormSource) -> int:
    """Read a claimed form and register new submissions; return how many people were registered.

    HubSpot's refusal is saved with the form, and it is read again later.
    """
    try:
        client = access.client_for(source.portal, Priority.INTERACTIVE, leave_to_others=False)
        found = _read(source, client)
    except HubSpotError as error:
        _note_error(source, error)
        return 0
    taken = sum(_submit(source, submission) for submission in found)
    newest = max((each.at for each in found if each.at), default=source.read_until)
    now = timezone.now()
    portal = Portal.objects.get(pk=source.portal_id)
    pause = SLOW_INTERVAL if is_day_used_up(portal, now) else INTERVAL
    _rows_of(source).update(read_until=newest, polled_at=now, next_poll_at=now + pause, **NO_ERROR)
    return taken


def _rows_of(source: FormSource) -> FormSourceQuerySet:
    """Return the row of `source`, unless it was switched off or on again in the meantime."""
    return FormSource.objects.filter(pk=source.pk, enabled=True, enabled_at=source.enabled_at)


def _note_error(source: FormSource, error: HubSpotError) -> None:
    columns = as_stored(error)
    if isinstance(error, NotFound):
        columns["error_code"] = "hubspot-form.gone"
    pause = SLOW_INTERVAL
    if isinstance(error, Delayed):
        pause = min(dt.timedelta(seconds=error.retry_after), pause)
    elif isinstance(error, TokenRefused):
        access.note_error(source.portal, error)
    _rows_of(source).update(next_poll_at=timezone.now() + pause, **columns)


def _read(source: FormSource, client: Client) -> list[HubSpotSubmission]:
    """Return new submissions, oldest first: those since the form was read last, and skipped ones to
    be retried."""
    assert source.enabled_at is not None
    since = max(source.enabled_at, (source.read_until or source.enabled_at) - OVERLAP)
    now = timezone.now()
    retried = source.submissions.skipped().filter(next_try_at__lte=now)
    oldest = retried.filter(submitted_at__isnull=False).order_by("submitted_at").first()
    if oldest is not None and oldest.submitted_at is not None:
        since = max(source.enabled_at, min(since, oldest.submitted_at))
    found: list[HubSpotSubmission] = []
    after = ""
    while True:
        page = submissions(client, source.form_id, after)
        found += [each for each in page.rows if each.at is None or each.at >= since]
        times = [each.at for each in page.rows if each.at]
        if not page.next or (times and min(times) < since):
            break
        after = page.next
        _rows_of(source).update(next_poll_at=timezone.now() + CLAIM)
    return _new(source, found, now)


def _new(
    source: FormSource, found: list[HubSpotSubmission], now: dt.datetime
) -> list[HubSpotSubmission]:
    by_key = {key_of(each): each for each in found}
    settled = set()
    for keys in batched(by_key, 500):
        for row in source.submissions.filter(key__in=keys):
            if row.state != State.SKIPPED or row.next_try_at is None or row.next_try_at > now:
                settled.add(row.key)
    new = [each for key, each in by_key.items() if key not in settled]
    epoch = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(new, key=lambda each: each.at or epoch)


def _submit(source: FormSource, submission: HubSpotSubmission) -> bool:
    """Register the person of `submission`; False if it was done already or is impossible."""
    key = key_of(submission)
    try:
        with transaction.atomic():
            row = _locked(source, key, submission)
            if row is None:
                return False
            submit(source.webinar, form_data(source, submission))
            row.state, row.reason_code, row.reason_params = State.TAKEN, "", {}
            row.next_try_at = None
            row.save()
    except NotUnderstood as error:
        _skip(source, key, submission, error)
        return False
    except (DataError, IntegrityError, ValueError) as error:
        logger.error("A submission of HubSpot form %s was skipped: %s", source.pk, type(error))
        _skip(source, key, submission, NotUnderstood(NOT_STORED))
        return False
    return True


def _locked(
    source: FormSource, key: str, submission: HubSpotSubmission
) -> ReceivedSubmission | None:
    """Return the locked row of a submission; None if it is done, or the form was switched off in
    the meantime."""
    if not _rows_of(source).exists():
        return None
    row, made = ReceivedSubmission.objects.select_for_update().get_or_create(
        source=source,
        key=key,
        defaults={"submitted_at": submission.at, "state": State.TAKEN},
    )
    return row if made or row.state == State.SKIPPED else None


def _skip(
    source: FormSource, key: str, submission: HubSpotSubmission, error: NotUnderstood
) -> None:
    now = timezone.now()
    row = source.submissions.filter(key=key).first()
    attempts = row.attempts + 1 if row else 1
    wait = min(_RETRY_AT_MOST, _FIRST_RETRY * 2 ** min(attempts - 1, 20))
    final = isinstance(error, LeftOut)
    over = row is not None and now - row.received_at > _RETRIED_FOR
    values = {
        "submitted_at": submission.at,
        "state": State.LEFT_OUT if final else State.SKIPPED,
        "reason_code": error.code,
        "reason_params": error.params,
        "attempts": attempts,
        "next_try_at": None if final or over else now + wait,
    }
    made, created = ReceivedSubmission.objects.get_or_create(
        source=source, key=key, defaults=values
    )
    if not created:
        # Another worker may have registered the person: its row is not overwritten.
        source.submissions.skipped().filter(pk=made.pk).update(**values)
