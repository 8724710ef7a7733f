"""The entries of a contact's timeline."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models.contact import Contact


class Activity(models.Model):
    """Something that happened to a contact, stored as facts; the text is made when it is shown.

    `key` is derived from what happened (such as a session's key), so that writing it again changes
    nothing, however often a sync runs. `data` has the facts of the kind:

    - submitted: `marketing`, whether they agreed to it · registered: `source`, `state` ("denied":
      declined by the organizer; "walk-in": attended without registration)
    - cancelled, returned, overflow, promoted, missed: nothing
    - attended: `session`, `seconds`, `share` (0 to 1 of the session), `joined`, `left`, `estimated`
      if the platform did not report when they joined and left
    - question: `question`, `answers` (list of `answer`, `answered_by`)
    - poll, survey: `question`, `answers` (list of text)
    - rejected: `words` (the platform's message)
    - mailed: `subject` · unsubscribed: `source` (of OptOut)
    - profile_updated: `changes`, a list of `property`, `old`, `new`
    - imported: `created`, or `changes` as above; `undone` after the import was undone
    """

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Filled in our form")
        REGISTERED = "registered", pgettext_lazy("one person", "Registered")
        AWAITING = "awaiting", _("Awaits the organizer's approval")
        REJECTED = "rejected", _("Rejected by GoToWebinar")
        OVERFLOW = "overflow", _("Joined the waiting list")
        PROMOTED = "promoted", _("Got a seat from the waiting list")
        CANCELLED = "cancelled", _("Cancelled on GoToWebinar")
        RETURNED = "returned", _("Registered again")
        ATTENDED = "attended", pgettext_lazy("one person", "Attended")
        MISSED = "missed", _("Did not attend")
        QUESTION = "question", _("Asked a question")
        POLL = "poll", _("Answered a poll")
        SURVEY = "survey", _("Answered the survey")
        MAILED = "mailed", _("Email sent")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed from emails")
        PROFILE_UPDATED = "profile_updated", _("Updated from registration")
        IMPORTED = "imported", _("Imported from a file")

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="activities", verbose_name=_("contact")
    )
    # Its kind, a platform's key of at most 255 characters, and what else makes it unique.
    key = models.CharField(max_length=400)
    kind = models.CharField(_("what"), max_length=16, choices=Kind)
    happened_at = models.DateTimeField(_("when"))
    webinar_key = models.CharField(max_length=255, blank=True)
    webinar_subject = models.CharField(_("webinar"), max_length=512, blank=True)
    data = models.JSONField(default=dict, blank=True)
    # Whether a question has no answer on the platform; maintained by the writer of timelines.
    is_unanswered = models.BooleanField(default=False, db_default=False, editable=False)
    # When a user marked it as answered; a sync never changes it.
    marked_answered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("timeline")
        ordering = ["-happened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "key"], name="activity_written_once")
        ]
        indexes = [
            models.Index(fields=["contact", "-happened_at"]),
            # Indexes the questions and answers of a webinar; most other entries are left out.
            models.Index(
                fields=["webinar_key", "kind"],
                condition=models.Q(kind__in=["question", "poll", "survey"]),
                name="asked_in_webinars",
            ),
            models.Index(
                fields=["webinar_key"],
                condition=models.Q(is_unanswered=True, marked_answered_at__isnull=True),
                name="open_questions",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.webinar_subject}"
