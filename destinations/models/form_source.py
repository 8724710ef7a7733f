"""HubSpot forms that register people for a webinar, and their submissions."""

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.conditions import through
from destinations.models.portal import IS_READY, Portal
from destinations.models.reason import WithReason
from platforms.models.error import StoredError
from webinars.models import Webinar


class FormSourceQuerySet(models.QuerySet["FormSource"]):
    def switched_on(self) -> Self:
        """Return those that are read while HubSpot accepts the portal's token."""
        return self.filter(through("portal", IS_READY), enabled=True)

    def due(self, now: dt.datetime) -> Self:
        """Return those that are due."""
        return self.switched_on().filter(next_poll_at__lte=now).order_by("next_poll_at", "pk")


class FormSource(StoredError):
    """A form of a portal as the registration form of a webinar.

    `mapping` has the form's field by ours: a registration field's name, or `question_<key>`.
    """

    portal = models.ForeignKey(Portal, on_delete=models.CASCADE, related_name="form_sources")
    webinar = models.ForeignKey(Webinar, on_delete=models.CASCADE, related_name="form_sources")
    form_id = models.CharField(max_length=64)
    form_name = models.CharField(_("form"), max_length=255)
    mapping = models.JSONField(default=dict)
    # The field that means consent to marketing; "" for none.
    consent_field = models.CharField(max_length=255, blank=True)
    enabled = models.BooleanField(_("switched on"), default=False)
    # Earlier submissions are ignored.
    enabled_at = models.DateTimeField(null=True, editable=False)
    enabled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    # The newest submission up to which everything was read.
    read_until = models.DateTimeField(null=True, editable=False)
    # Not read before this time: a worker sets it ahead, so that no other reads at the same time.
    next_poll_at = models.DateTimeField(null=True, editable=False)
    polled_at = models.DateTimeField(_("last read"), null=True, editable=False)

    objects = FormSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("HubSpot form")
        verbose_name_plural = _("HubSpot forms")
        ordering = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portal", "webinar", "form_id"], name="form_source_once_a_webinar"
            ),
            models.CheckConstraint(
                condition=Q(enabled=False)
                | Q(enabled_at__isnull=False, next_poll_at__isnull=False),
                name="form_source_enabled_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_poll_at"], condition=Q(enabled=True), name="form_source_to_poll"
            )
        ]

    def __str__(self) -> str:
        return self.form_name


class ReceivedSubmissionQuerySet(models.QuerySet["ReceivedSubmission"]):
    def taken(self) -> Self:
        """Return those that became registrations."""
        return self.filter(state="taken")

    def skipped(self) -> Self:
        """Return those that cannot be registered as they are, and are retried."""
        return self.filter(state="skipped")


class ReceivedSubmission(WithReason):
    """A submission that was registered, or the reason why not. It has no personal data: `key` is a
    keyed hash of its time and address."""

    class State(models.TextChoices):
        TAKEN = "taken", pgettext_lazy("one person", "Registered")
        SKIPPED = "skipped", pgettext_lazy("one person", "Skipped")
        LEFT_OUT = "left_out", pgettext_lazy("one person", "Left out")

    source = models.ForeignKey(FormSource, on_delete=models.CASCADE, related_name="submissions")
    key = models.CharField(max_length=64)
    # None if it is invalid.
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    state = models.CharField(max_length=8, choices=State)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now)

    objects = ReceivedSubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission of a HubSpot form")
        verbose_name_plural = _("submissions of HubSpot forms")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "key"], name="form_submission_once"),
            models.CheckConstraint(
                condition=Q(state="taken", reason_code="")
                | (~Q(state="taken") & ~Q(reason_code="")),
                name="form_submissions_are_taken_or_have_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["source", "submitted_at"], name="form_submission_by_time")
        ]

    def __str__(self) -> str:
        return f"{self.state} · {self.source}"
