"""A user's preferences and sessions, when they were sent a link, and counts of blocked sign-ins."""

from typing import Any, Self

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preferences(models.Model):
    """The language and time zone of a user; empty values mean the browser's and the
    installation's."""

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


class PasswordLink(models.Model):
    """When a user was last sent a link to choose a password. The link itself is kept nowhere."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="password_link",
    )
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user)


class UserSession(AbstractBaseSession):
    """A browser session, with an index on its user."""

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
    """Query the hours in which sign-ins were blocked."""

    def wide(self) -> Self:
        """Return those with more than one name from one network."""
        return self.exclude(kind=LockoutCount.Kind.NAME_AND_NETWORK)


class LockoutCount(models.Model):
    """How often sign-ins were blocked in an hour, by the limit that was reached. It contains no
    names."""

    class Kind(models.TextChoices):
        NAME_AND_NETWORK = "name_and_network"
        NETWORK = "network"
        NAME = "name"
        INSTALLATION = "installation"

    hour = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=Kind)
    count = models.PositiveIntegerField(default=0)
    # When the operators were emailed about it.
    notified_at = models.DateTimeField(null=True)

    objects = LockoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hour", "kind"], name="one_lockout_count_an_hour")
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.hour:%Y-%m-%d %H}"
