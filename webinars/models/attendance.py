"""Who was there, and when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.dates import stamp
from webinars.models.registration import Registration
from webinars.models.webinar import Webinar


class Session(models.Model):
    """One time a webinar ran.

    Whether it counts, and for how long its attendance is still coming, is said in
    `webinars.sessions`.
    """

    webinar = models.ForeignKey(
        Webinar, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("webinar")
    )
    key = models.CharField(_("session key"), max_length=255)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    poll_count = models.PositiveIntegerField(_("polls"), default=0)
    # Decided when it is first read; a person can decide otherwise (rule 8).
    counts = models.BooleanField(
        _("counts"),
        default=True,
        help_text=_("A rehearsal does not count: no one is a no-show because of it."),
    )
    # How many attended as the platform counts them, how many its report lists, and how many of
    # those could not be read, wholly or in part.
    attended_there = models.PositiveIntegerField(default=0, editable=False)
    listed = models.PositiveIntegerField(default=0, editable=False)
    unreadable = models.PositiveIntegerField(default=0, editable=False)
    # What was asked in polls and in the survey, and how many answered, by name or not: a list of
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
    """One registration x one session.

    `intervals` keeps every stay as [joined, left] in seconds since 1970, oldest first; `seconds`
    is the time in the room, counted once where stays overlap (two devices). `by_registrant` has
    what the platform lists now for each of the person's registrants' keys (`webinars.attendance`).
    """

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="attendances"
    )
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendances")
    intervals = models.JSONField(default=list)
    seconds = models.PositiveIntegerField(_("seconds"), default=0)
    by_registrant = models.JSONField(default=dict, editable=False)
    # The platform told how long they stayed and not when: counted from the session's start.
    estimated = models.BooleanField(_("estimated"), default=False, editable=False)
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
