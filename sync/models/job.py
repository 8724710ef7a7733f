"""A job that a user requests and a worker runs."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.conditions import both_or_neither, implies
from core.dates import stamp
from platforms.models.error import StoredError
from sync.models.conditions import (
    HAS_FINISHED,
    HAS_LEASE,
    HAS_STARTED,
    IS_RUNNING,
    IS_WAITING,
)
from webinars.models.webinar import Webinar


class OnDemandJob(StoredError):
    """A job that reads the platform's lists for one webinar. Only one of a kind can be open.

    The worker that claims it holds a lease until `lease_until`, and renews it while it runs.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for a worker")
        RUNNING = "running", _("Checking")
        DONE = "done", _("Checked")
        FAILED = "failed", _("Failed")

    webinar = models.ForeignKey(Webinar, on_delete=models.CASCADE, related_name="%(class)ss")
    state = models.CharField(_("status"), max_length=8, choices=State, default=State.WAITING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"))
    # The lists were read between these two times.
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["webinar"],
                condition=Q(state__in=("waiting", "running")),
                name="one_%(class)s_a_webinar_at_a_time",
            ),
            models.CheckConstraint(
                condition=both_or_neither(~IS_WAITING, HAS_STARTED),
                name="%(app_label)s_%(class)s_started_unless_waiting",
            ),
            models.CheckConstraint(
                condition=both_or_neither(IS_WAITING | IS_RUNNING, ~HAS_FINISHED),
                name="%(app_label)s_%(class)s_finished_unless_open",
            ),
            models.CheckConstraint(
                condition=implies(HAS_LEASE, IS_RUNNING),
                name="%(app_label)s_%(class)s_lease_while_running",
            ),
        ]
        indexes = [models.Index(fields=["webinar", "-id"])]

    def __str__(self) -> str:
        return f"{self.webinar} · {stamp(self.requested_at)}"

    @property
    def duration(self) -> dt.timedelta | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at
