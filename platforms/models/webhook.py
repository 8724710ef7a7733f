"""Webhooks: their setup, signing keys and events."""

import datetime as dt
import hashlib
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.conditions import both_or_neither, implies
from core.dates import stamp
from core.encryption import EncryptedTextField
from core.tokens import new_secret
from platforms.models.conditions import (
    ARE_CLAIMED,
    ARE_OFF,
    ARE_ON,
    HAS_BODY,
    HAVE_LEASE,
    HAVE_TIME_ON,
    IS_PROCESSED,
)
from platforms.models.connection import Connection
from platforms.models.error import StoredError
from platforms.registry import DEFAULT


def hash_of(path: str) -> str:
    """Return the hash stored for `path`, which is too long to be guessed."""
    return hashlib.sha256(path.encode()).hexdigest()


class WebhookSecret(models.Model):
    """A key with which the platform signs events. Keys belong to an OAuth client, not a user, so
    all connections share them; the newest signs."""

    platform = models.CharField(max_length=32, default=DEFAULT, db_default=DEFAULT)
    client_id = models.CharField(max_length=255)
    value = EncryptedTextField(editable=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.client_id} · {stamp(self.created_at)}"


class WebhookSetupQuerySet(models.QuerySet["WebhookSetup"]):
    def enabled(self) -> Self:
        """Return those that are switched on (`WebhookSetup.is_enabled`)."""
        return self.exclude(ARE_OFF)


class WebhookSetup(StoredError):
    """The webhooks of a connection: whether they are enabled, their state, and counts of
    requests."""

    class State(models.TextChoices):
        OFF = "off", _("Off")
        SETTING_UP = "setting_up", _("Being set up")
        ON = "on", _("On")
        FAILED = "failed", _("Not set up")

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, related_name="webhooks", verbose_name=_("connection")
    )
    state = models.CharField(_("status"), max_length=12, choices=State, default=State.OFF)
    # The secret end of the URL that the platform posts to, and the former one, which is accepted
    # until the platform has the new one. Requests are matched by the hash.
    path = EncryptedTextField(default=new_secret, editable=False)
    path_hash = models.CharField(max_length=64, unique=True, editable=False)
    former_path = EncryptedTextField(blank=True, editable=False)
    former_hash = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    # The platform's keys of our webhooks, needed to delete them.
    webhook_keys = models.JSONField(default=list, editable=False)
    on_since = models.DateTimeField(_("on since"), null=True, editable=False)
    # When the webhooks were last checked at the platform, and what was wrong.
    checked_at = models.DateTimeField(null=True, editable=False)
    repaired_at = models.DateTimeField(null=True, editable=False)

    # Requests by their outcome.
    taken = models.PositiveBigIntegerField(default=0)
    verified = models.PositiveBigIntegerField(default=0)
    repeated = models.PositiveBigIntegerField(default=0)
    late = models.PositiveBigIntegerField(default=0)
    forged = models.PositiveBigIntegerField(default=0)
    malformed = models.PositiveBigIntegerField(default=0)
    oversized = models.PositiveBigIntegerField(default=0)
    last_event_at = models.DateTimeField(null=True, editable=False)
    last_verified_at = models.DateTimeField(null=True, editable=False)
    last_forged_at = models.DateTimeField(null=True, editable=False)

    # Until when one worker has the events, and its claim on them; a killed one loses them by the
    # clock.
    lease_until = models.DateTimeField(null=True, editable=False)
    claim = models.CharField(max_length=32, blank=True, editable=False)

    objects = WebhookSetupQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhooks")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=implies(ARE_ON, HAVE_TIME_ON) & implies(ARE_OFF, ~HAVE_TIME_ON),
                name="platforms_webhooksetup_on_has_time",
            ),
            models.CheckConstraint(
                condition=both_or_neither(ARE_CLAIMED, HAVE_LEASE),
                name="platforms_webhooksetup_claim_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return str(self.connection)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.path_hash:
            self.path_hash = hash_of(self.path)
        super().save(*args, **kwargs)

    @property
    def is_enabled(self) -> bool:
        return self.state != self.State.OFF

    def get_address(self) -> str:
        """Return the path of the address to which the platform posts events."""
        return reverse("platforms:webhook", args=[self.path])


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def waiting(self) -> Self:
        """Return the events that are not processed yet."""
        return self.filter(~IS_PROCESSED)

    def due(self, now: dt.datetime) -> Self:
        """Return the events that are to be processed at `now`."""
        return self.waiting().filter(next_try_at__lte=now)


class WebhookEvent(models.Model):
    """One event, remembered once by the platform's key of it. Waiting until `done_at` is set."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="webhook_events"
    )
    event_key = models.CharField(max_length=255)
    name = models.CharField(max_length=32)
    webinar_key = models.CharField(max_length=255)
    registrant_key = models.CharField(max_length=255, blank=True)
    session_key = models.CharField(max_length=255, blank=True)
    email_key = models.CharField(max_length=254, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    # The whole event, where its signature was valid and saves a call; empty again when done.
    body = models.TextField(blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    problem_code = models.CharField(max_length=64, blank=True)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "event_key"], name="one_row_a_webhook_event"
            ),
            # What an event says of a person is kept until it is processed, and no longer.
            models.CheckConstraint(
                condition=implies(IS_PROCESSED, ~HAS_BODY),
                name="platforms_webhookevent_processed_has_no_body",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "next_try_at"],
                condition=Q(done_at__isnull=True),
                name="waiting_webhook_events",
            ),
            models.Index(fields=["connection", "webinar_key", "registrant_key", "occurred_at"]),
            models.Index(fields=["received_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {stamp(self.received_at)}"
