"""A sync run of a webinar, or of a connection's list of webinars."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.conditions import both_or_neither, has_passed, implies
from core.dates import stamp
from platforms.models.connection import Connection
from platforms.models.error import StoredError
from sync.models.conditions import HAS_FINISHED, HAS_LEASE, IS_DONE, IS_RUNNING
from webinars.models.webinar import Webinar


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def running(self) -> Self:
        """Return those that have not ended, including killed ones that were not detected yet."""
        return self.filter(IS_RUNNING)

    def alive(self, now: dt.datetime) -> Self:
        """Return those that a worker is running."""
        return self.running().exclude(has_passed("lease_until", now))

    def done(self) -> Self:
        """Return those that completed."""
        return self.filter(IS_DONE)


class SyncRun(StoredError):
    """A sync run. While it runs, its row is the lease: no second run of the webinar starts.

    The lease expires at `lease_until`, for example after the worker was killed. A run without a
    webinar is one of the connection's list of webinars.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("In sync")
        FAILED = "failed", _("Failed")
        LOST = "lost", _("Interrupted")

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("Schedule")
        MANUAL = "manual", _("Manual")
        COMMAND = "command", _("Command line")
        WEBHOOK = "webhook", _("Webhook")

    # The indexes below begin with these two.
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="sync_runs", db_index=False
    )
    webinar = models.ForeignKey(
        Webinar,
        on_delete=models.CASCADE,
        db_index=False,
        null=True,
        blank=True,
        related_name="sync_runs",
        verbose_name=_("webinar"),
    )
    state = models.CharField(_("status"), max_length=8, choices=State, default=State.RUNNING)
    trigger = models.CharField(_("started by"), max_length=8, choices=Trigger)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    started_at = models.DateTimeField(_("started"), db_index=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True)

    step = models.CharField(_("step"), max_length=24, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    calls = models.PositiveIntegerField(_("API calls"), default=0)
    new_contacts = models.PositiveIntegerField(_("new contacts"), default=0)
    new_registrations = models.PositiveIntegerField(_("new registrations"), default=0)
    new_attendances = models.PositiveIntegerField(_("new attendances"), default=0)
    new_activities = models.PositiveIntegerField(_("new events"), default=0)
    # Whether it has read the answers of attendees to polls and surveys.
    answers_read = models.BooleanField(default=False, db_default=False, editable=False)
    # How many rows could not be read, by their list: {"attendees": 1} (rule 10).
    skipped = models.JSONField(_("rows that could not be read"), default=dict, blank=True)

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("sync run")
        verbose_name_plural = _("sync runs")
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["webinar"],
                condition=Q(state="running", webinar__isnull=False),
                name="one_sync_a_webinar_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state="running", webinar__isnull=True),
                name="one_list_sync_a_connection_at_a_time",
            ),
            models.CheckConstraint(
                condition=both_or_neither(~IS_RUNNING, HAS_FINISHED),
                name="sync_syncrun_finished_unless_running",
            ),
            models.CheckConstraint(
                condition=implies(HAS_LEASE, IS_RUNNING), name="sync_syncrun_lease_while_running"
            ),
        ]
        # A webinar has 35,000 runs a year: finding its last one, overall or by state, reads one
        # row.
        indexes = [
            models.Index(fields=["webinar", "-started_at", "-id"]),
            models.Index(fields=["webinar", "state", "-started_at"]),
            models.Index(fields=["connection", "state", "-started_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.webinar or self.connection} · {stamp(self.started_at)}"

    @property
    def duration(self) -> dt.timedelta | None:
        return self.finished_at - self.started_at if self.finished_at else None
