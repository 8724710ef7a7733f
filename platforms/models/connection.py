"""An organizer's account on a platform, connected by OAuth."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.conditions import both_or_neither
from core.encryption import EncryptedTextField
from platforms.models.conditions import (
    HAS_TIME_DISCONNECTED,
    IS_CONNECTED,
    IS_DISCONNECTED,
    IS_REFUSED,
    IS_SYNCED,
    NEEDS_SIGN_IN,
)
from platforms.models.error import StoredError
from platforms.registry import DEFAULT


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def connected(self) -> Self:
        """Return those whose sign-in the platform accepts."""
        return self.filter(IS_CONNECTED)

    def disconnected(self) -> Self:
        """Return those that a user disconnected."""
        return self.filter(IS_DISCONNECTED)

    def synced(self) -> Self:
        """Return those that are not disconnected (`Connection.is_synced`)."""
        return self.filter(IS_SYNCED)


class Connection(StoredError):
    """An organizer's account on a platform. Tokens are encrypted, and in no page, log or repr."""

    class State(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        SIGN_IN_NEEDED = "sign_in_needed", _("Needs signing in again")
        DISCONNECTED = "disconnected", _("Disconnected")

    # The name in `platforms.registry`.
    platform = models.CharField(max_length=32, default=DEFAULT, db_default=DEFAULT, editable=False)
    organizer_key = models.CharField(_("organizer key"), max_length=255)
    account_key = models.CharField(_("account key"), max_length=255, blank=True)
    email = models.CharField(_("GoTo user"), max_length=254, blank=True)
    state = models.CharField(_("status"), max_length=16, choices=State, default=State.CONNECTED)
    # Since when the platform refuses the sign-in, when that was last checked, and when the
    # operators were emailed about it; None while it is accepted.
    refused_since = models.DateTimeField(_("refused since"), null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    notified_at = models.DateTimeField(null=True, editable=False)
    connected_at = models.DateTimeField(_("connected"), auto_now_add=True)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("connected by"),
    )
    disconnected_at = models.DateTimeField(_("disconnected"), null=True, editable=False)

    access_token = EncryptedTextField(blank=True, editable=False)
    refresh_token = EncryptedTextField(blank=True, editable=False)
    scope = models.CharField(_("scope"), max_length=255, blank=True, editable=False)
    expires_at = models.DateTimeField(_("access expires"), null=True, editable=False)
    # When the platform issued the access token and the refresh token.
    refreshed_at = models.DateTimeField(null=True, editable=False)
    signed_in_at = models.DateTimeField(null=True, editable=False)
    # Counts refreshes, so that a process that waits for another's refresh sees that it is done.
    token_version = models.PositiveIntegerField(default=0, editable=False)
    # Until when one process may refresh; the lease of a killed process expires.
    refreshing_until = models.DateTimeField(null=True, editable=False)
    # Until when one process reads registrants' details (sync.pull.details_backfill).
    reading_until = models.DateTimeField(null=True, editable=False)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "organizer_key"], name="one_connection_an_organizer"
            ),
            models.CheckConstraint(
                condition=both_or_neither(IS_DISCONNECTED, HAS_TIME_DISCONNECTED),
                name="platforms_connection_disconnected_has_time",
            ),
            models.CheckConstraint(
                condition=both_or_neither(NEEDS_SIGN_IN, IS_REFUSED),
                name="platforms_connection_refused_needs_sign_in",
            ),
        ]

    def __str__(self) -> str:
        return self.email or self.organizer_key

    @property
    def is_synced(self) -> bool:
        """No calls are made for an account that was disconnected here."""
        return self.state != self.State.DISCONNECTED
