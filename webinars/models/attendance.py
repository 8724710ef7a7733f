"""Who was there, and when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from webinars.models.registration import Registration
from webinars.models.webinar import Webinar


class Session(models.Model):
    """One time a webinar ran."""

    webinar = models.ForeignKey(
        Webinar, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("webinar")
    )
    key = models.CharField(_("session key"), max_length=32)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    poll_count = models.PositiveIntegerField(_("polls"), default=0)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(fields=["webinar", "key"], name="session_once_a_webinar")
        ]

    def __str__(self) -> str:
        return f"{self.webinar} · {self.started_at:%Y-%m-%d %H:%M}"


class Attendance(models.Model):
    """One registration x one session.

    `intervals` keeps every stay as [joined, left] in seconds since 1970, oldest first; `seconds`
    is the time in the room, counted once where stays overlap (two devices).
    """

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="attendances"
    )
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendances")
    intervals = models.JSONField(default=list)
    seconds = models.PositiveIntegerField(_("seconds"), default=0)
    # When this person's poll and survey answers were read: a call each, so once and not more.
    answers_read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "registration"], name="one_attendance_a_session"
            )
        ]
