"""Mailings: an email to many people, with the outcome for each."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core import messages
from core.conditions import both_or_neither, has_passed, implies
from core.prefix_search import index_of
from mailings.models.conditions import (
    HAS_FINISHED,
    HAS_PROBLEM,
    HAS_REASON,
    HAS_STARTED,
    HAS_TIME_SENT,
    IS_CLAIMED,
    IS_DONE,
    IS_DRAFT,
    IS_PAUSED,
    IS_SENDING,
    IS_SENT,
    IS_SKIPPED,
    IS_UNSENT,
    IS_WAITING,
    MAY_HAVE_BEEN_SENT,
)
from mailings.placeholders import NAMES, filled
from webinars.models import Registration, Webinar


class MailingQuerySet(models.QuerySet["Mailing"]):
    def sending(self) -> Self:
        """Return those that are being sent."""
        return self.filter(IS_SENDING)


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def waiting(self) -> Self:
        """Return those that are not sent yet and not being sent."""
        return self.filter(IS_WAITING)

    def due(self, now: dt.datetime) -> Self:
        """Return those that wait and are due at `now`."""
        return self.waiting().filter(has_passed("next_try_at", now))

    def claimed(self) -> Self:
        """Return those that a worker is sending."""
        return self.filter(IS_SENDING)

    def sent(self) -> Self:
        """Return those that were sent."""
        return self.filter(IS_SENT)

    def skipped(self) -> Self:
        """Return those who were left out."""
        return self.filter(IS_SKIPPED)

    def sent_since(self, since: dt.datetime) -> Self:
        """Return those who got it since then, or may have."""
        return self.filter(
            Q(IS_SENT, sent_at__gte=since) | Q(MAY_HAVE_BEEN_SENT, claimed_at__gte=since)
        )


class Mailing(models.Model):
    """An email to exactly the people in its recipients' rows."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Sent")

    webinar = models.ForeignKey(
        Webinar, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("webinar")
    )
    # The selected audience, and whether it was filtered; empty for selected contacts.
    audience = models.CharField(_("audience"), max_length=20, blank=True)
    filtered = models.BooleanField(default=False, editable=False)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    recording_url = models.URLField(_("address of the recording"), max_length=500, blank=True)
    # Who is left out, by the author's choice (mailings/eligibility.py).
    skip_recently_emailed = models.BooleanField(_("skip people emailed recently"), default=True)
    skip_without_consent = models.BooleanField(
        _("leave out people without marketing consent"), default=False
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    # The number of recipients whose opt-outs had to be checked when sending began, when that was
    # complete, and until when a worker holds the check; the lease of a killed one expires.
    to_check = models.PositiveIntegerField(default=0, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    checking_until = models.DateTimeField(null=True, editable=False)
    # Why sending was paused automatically, a code of Problem, and the mail server's reply.
    problem_code = models.CharField(max_length=20, blank=True, editable=False)
    server_message = models.TextField(blank=True, editable=False)
    # How many emails in a row the mail server has rejected.
    refused_in_a_row = models.PositiveSmallIntegerField(default=0, editable=False)
    # When a mail server that asked for a pause may be asked again.
    next_try_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = MailingQuerySet.as_manager()

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=both_or_neither(~IS_DRAFT, HAS_STARTED),
                name="mailings_mailing_started_unless_draft",
            ),
            models.CheckConstraint(
                condition=both_or_neither(IS_DONE, HAS_FINISHED),
                name="mailings_mailing_done_has_finished",
            ),
            models.CheckConstraint(
                condition=implies(HAS_PROBLEM, IS_PAUSED),
                name="mailings_mailing_problem_while_paused",
            ),
        ]
        indexes = [index_of("subject", name="mailing_by_subject")]

    def __str__(self) -> str:
        title = self.webinar.subject if self.webinar is not None else ""
        return subject_in_words(self.subject, title) or str(_("Email without a subject"))

    @property
    def problem(self) -> str:
        """Return why it was paused automatically, in the reader's language; "" if it was not."""
        return messages.text(f"mailing.{self.problem_code}") if self.problem_code else ""


def subject_in_words(subject: str, webinar_title: str) -> str:
    """Return the subject of a mailing as people read it: with the webinar's title, and "…" for what
    differs from one recipient to the other."""
    values = dict.fromkeys(NAMES, "…")
    if webinar_title:
        values["webinar_title"] = webinar_title
    return filled(subject, values)


class Recipient(models.Model):
    """A recipient of a mailing: they get it once, or the row has the reason why not."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        SKIPPED = "skipped", _("Left out")
        FAILED = "failed", _("Rejected by the mail server")
        # A process was killed between the mail server's reply and saving it.
        UNKNOWN = "unknown", _("May have been sent")

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="recipients")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    registration = models.ForeignKey(
        Registration, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    # Why they do not have it: a code of Reason and its parameters: `names` of placeholders, and
    # `server_message`, the reply of the mail server.
    reason_code = models.CharField(max_length=20, blank=True)
    reason_params = models.JSONField(default=dict, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "contact"], name="one_mail_a_person_and_mailing"
            ),
            models.CheckConstraint(
                condition=both_or_neither(IS_SENT, HAS_TIME_SENT),
                name="mailings_recipient_sent_has_time",
            ),
            models.CheckConstraint(
                condition=implies(IS_SENDING, IS_CLAIMED),
                name="mailings_recipient_sending_is_claimed",
            ),
            models.CheckConstraint(
                condition=implies(IS_UNSENT, HAS_REASON) & implies(IS_SENT, ~HAS_REASON),
                name="mailings_recipient_unsent_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["mailing", "state"]),
            models.Index(
                fields=["mailing", "id"], condition=Q(state="waiting"), name="waiting_recipients"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.mailing}"

    @property
    def reason(self) -> str:
        """Return why they do not have it, in the reader's language; "" without a reason."""
        return (
            messages.text(f"recipient.{self.reason_code}", self.reason_params)
            if self.reason_code
            else ""
        )

    @property
    def server_message(self) -> str:
        """Return the mail server's reply about this email; "" if there is none."""
        return str(self.reason_params.get("server_message", ""))
