"""How long rows are kept that are not needed for ever."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model

from accounts import lockout
from accounts.models import LockoutCount, UserSession
from contact_imports import jobs as imports
from contact_imports.models import ContactImport
from contacts.models import Merge
from contacts.models.merge import UNDOABLE
from core.models import CallCount, QueuedJob
from core.portions import delete_in_portions
from platforms.models import WebhookEvent
from registration_forms import address_confirmation, spam_protection
from registration_forms.models import AddressConfirmation, Submission
from sync import run_retention
from sync.models import SyncRun

Rule = Callable[[dt.datetime], object]


def _deleted_when(model: Any, field: str, kept: dt.timedelta = dt.timedelta()) -> Rule:
    """Return the rule to delete rows of `model` when `field` is longer ago than `kept`."""

    def apply(now: dt.datetime) -> None:
        delete_in_portions(model._default_manager.filter(**{f"{field}__lte": now - kept}))

    return apply


def _forget_what_undoes_merges(now: dt.datetime) -> None:
    Merge.objects.filter(created_at__lt=now - UNDOABLE).exclude(journal={}).update(journal={})


def _forget_senders(now: dt.datetime) -> None:
    """Clear the sender hashes of submissions, which are needed for the form's limits only."""
    past = now - max(2 * spam_protection.WINDOW, spam_protection.KNOWN_PEOPLE_WINDOW)
    Submission.objects.filter(submitted_at__lt=past).exclude(sender="").update(sender="")


def _forget_calls(now: dt.datetime) -> None:
    """Delete the counts of calls: pages show those of an hour."""
    delete_in_portions(CallCount.objects.filter(minute__lt=(now - _DAY * 2).timestamp()))


_DAY = dt.timedelta(days=1)
# The daily clean-up, by the model of the rows.
RETENTION: Mapping[type[Model], Rule] = {
    # Files that were never imported, and data to undo imports.
    ContactImport: imports.clean_up,
    Merge: _forget_what_undoes_merges,
    Submission: _forget_senders,
    AddressConfirmation: address_confirmation.forget,
    # Processed or not: a sync has covered everything since. Older events are refused, so none is
    # processed twice.
    WebhookEvent: _deleted_when(WebhookEvent, "received_at", 3 * _DAY),
    # A job queued so long ago was lost: it can be queued again long before.
    QueuedJob: _deleted_when(QueuedJob, "queued_at", 2 * _DAY),
    UserSession: _deleted_when(UserSession, "expire_date"),
    # Together with the failed sign-ins of django-axes.
    LockoutCount: lockout.forget,
    CallCount: _forget_calls,
    # The last run of each webinar is kept.
    SyncRun: lambda now: run_retention.delete_before(now - 90 * _DAY),
}


def apply(now: dt.datetime) -> None:
    """Delete or clear what is no longer needed."""
    for rule in RETENTION.values():
        rule(now)
