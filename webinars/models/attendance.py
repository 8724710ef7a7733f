"""Sessions and their attendance."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.dates import stamp
from webinars.models.registration import Registration
from webinars.models.webinar import Webinar


class Session(models.Model):
    """A session: one time that a webinar ran.

    `webinars.sessions` decides whether it counts, and when its attendance is known.
    """

    webinar = models.ForeignKey(
        Webinar, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("webinar")
    )
    key = models.CharField(_("session key"), max_length=255)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    poll_count = models.PositiveIntegerField(_("polls"), default=0)
    # Decided when it is first read; a user can decide otherwise (rule 8).
    counts = models.BooleanField(
        _("counts"),
        default=True,
        help_text=_("A rehearsal does not count: no one is a no-show because of it."),
    )
    # The number of attendees by the platform, how many its report lists, and how many of those
    # could not be read, completely or partly.
    attended_there = models.PositiveIntegerField(default=0, editable=False)
    listed = models.PositiveIntegerField(default=0, editable=False)
    unreadable = models.PositiveIntegerField(default=0, editable=False)
    # The questions of polls and the survey with the number of answers, anonymous or not: a list of
    # {"kind": "poll" | "survey", "question", "responses"}.
    summaries = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(fields=["webinar", "key"], name="session_once_a_webinar")
        ]

    def __str__(self) -> str:
        return f"{self.webinar} · {stamp(self.started_at)}"


class Attendance(models.Model):
    """A registration's attendance of a session.

    `intervals` are [joined, left] in seconds since 1970, oldest first; `seconds` is their sum, with
    overlaps (two devices) counted once. `by_registrant` has what the platform lists now for each of
    the person's registrants' keys (`webinars.attendance`).
    """

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="attendances"
    )
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendances")
    intervals = models.JSONField(default=list)
    seconds = models.PositiveIntegerField(_("seconds"), default=0)
    by_registrant = models.JSONField(default=dict, editable=False)
    # The platform reported the duration only: counted from the session's start.
    estimated = models.BooleanField(_("estimated"), default=False, editable=False)
    # When this person's poll and survey answers were read: a call each, so only once.
    answers_read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "registration"], name="one_attendance_a_session"
            )
        ]
