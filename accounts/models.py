"""A person's language and time zone, where they are signed in, and who had to wait."""

from typing import Any, Self

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preferences(models.Model):
    """What one user chose; empty means as the browser asks, or as the installation is set."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="preferences",
    )
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profile")

    def __str__(self) -> str:
        return str(self.user)


class UserSession(AbstractBaseSession):
    """A session of the browser of whoever signs in, found by its user too."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions"
    )

    class Meta(AbstractBaseSession.Meta):
        pass

    @classmethod
    def get_session_store_class(cls) -> Any:
        from accounts.sessions import SessionStore

        return SessionStore


class LockoutQuerySet(models.QuerySet["LockoutCount"]):
    """Hours in which sign-ins were stopped."""

    def wide(self) -> Self:
        """Keep those of more than one name from one network."""
        return self.exclude(kind=LockoutCount.Kind.NAME_AND_NETWORK)


class LockoutCount(models.Model):
    """How often someone had to wait because of wrong passwords, in an hour, by the limit that was
    reached. It names no one."""

    class Kind(models.TextChoices):
        NAME_AND_NETWORK = "name_and_network"
        NETWORK = "network"
        NAME = "name"
        INSTALLATION = "installation"

    hour = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=Kind)
    count = models.PositiveIntegerField(default=0)
    # When the operators were written to about it.
    notified_at = models.DateTimeField(null=True)

    objects = LockoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hour", "kind"], name="one_lockout_count_an_hour")
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.hour:%Y-%m-%d %H}"
