"""Registrations: a contact's registration for a webinar."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Contact
from core import messages
from core.conditions import both_or_neither, implies, through
from core.emails import LONGEST, email_key
from platforms.models.conditions import IS_SYNCED
from webinars.models.conditions import (
    HAS_NEXT_PUSH,
    HAS_PLACE_IN_LINE,
    HAS_REGISTRANT_KEY,
    IS_CANCELLED,
    IS_LISTED,
    IS_PENDING,
    IS_PROMOTED,
    IS_WAITING,
    UNREAD,
)
from webinars.models.webinar import Webinar


def minutes(seconds: int) -> int:
    """Return a duration for people: in whole minutes."""
    return round(seconds / 60)


def _name(values: Mapping[str, Any]) -> str:
    return f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()


def submitted_key(submitted: Mapping[str, Any]) -> str:
    """Return the key of the submitted address; "" without a valid one."""
    key = email_key(str(submitted.get("email") or ""))
    return key if len(key) <= LONGEST else ""


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Query registrations. The key of the submitted address is always stored with it."""

    def bulk_create(
        self, objs: Iterable["Registration"], *args: Any, **kwargs: Any
    ) -> list["Registration"]:
        rows = list(objs)
        for row in rows:
            row.submitted_email_key = submitted_key(row.submitted)
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(
        self, objs: Iterable["Registration"], fields: Iterable[str], *args: Any, **kwargs: Any
    ) -> int:
        rows, names = list(objs), list(fields)
        if "submitted" in names:
            names.append("submitted_email_key")
            for row in rows:
                row.submitted_email_key = submitted_key(row.submitted)
        return super().bulk_update(rows, names, *args, **kwargs)

    def update(self, **values: Any) -> int:
        if isinstance(values.get("submitted"), Mapping):
            values["submitted_email_key"] = submitted_key(values["submitted"])
        return super().update(**values)

    def pending(self) -> Self:
        """Return those on their way to the platform."""
        return self.filter(IS_PENDING)

    def due_for_push(self, now: dt.datetime) -> Self:
        """Return those that are to be pushed at `now`. It uses columns of the row only, so that a
        pusher can claim one with a single conditional UPDATE."""
        return self.filter(IS_PENDING, next_push_at__lte=now)

    def waiting(self) -> Self:
        """Return those on the waiting list."""
        return self.filter(IS_WAITING)

    def promoted(self) -> Self:
        """Return those that were promoted from the waiting list and are being pushed."""
        return self.filter(IS_PROMOTED)

    def unsent(self) -> Self:
        """Return those that are still to be sent to the platform."""
        return self.filter(IS_PENDING | IS_WAITING)

    def listed(self) -> Self:
        """Return those that should be on the platform's list of registrants."""
        return self.filter(IS_LISTED)

    def of_synced_connections(self) -> Self:
        """Return those for webinars whose connection is not disconnected."""
        return self.filter(through("webinar__connection", IS_SYNCED))


class Registration(models.Model):
    """A contact's registration for a webinar. Only `webinars.audiences` defines who counts as
    what."""

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("one person", "Sending")
        REGISTERED = "registered", pgettext_lazy("one person", "Registered")
        AWAITING = "awaiting", pgettext_lazy("one person", "Awaiting approval")
        DENIED = "denied", _("Declined by the organizer")
        OVERFLOW = "overflow", pgettext_lazy("one person", "Waiting list")
        REJECTED = "rejected", _("Rejected by GoToWebinar")
        # An attendee who is not a registrant on the platform.
        WALK_IN = "walk-in", pgettext_lazy("one person", "Attended without registration")

    class Source(models.TextChoices):
        PLATFORM = "platform", _("GoToWebinar")
        FORM = "form", _("Registration form")
        MARKETER = "marketer", _("Registered by a colleague")
        IMPORT = "import", _("Imported file")

    # Neither has an index of its own: longer ones below begin with them.
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="registrations",
        verbose_name=_("contact"),
        db_index=False,
    )
    webinar = models.ForeignKey(
        Webinar,
        on_delete=models.CASCADE,
        related_name="registrations",
        verbose_name=_("webinar"),
        db_index=False,
    )
    state = models.CharField(_("status"), max_length=12, choices=State, default=State.PENDING)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.PLATFORM)
    registrant_key = models.CharField(_("registrant key"), max_length=255, blank=True)
    join_url = models.TextField(_("join link"), blank=True)
    registered_at = models.DateTimeField(_("registered"), db_default=Now())
    # When this row was created; used to measure how late registrations appear here.
    first_seen_at = models.DateTimeField(db_default=Now(), editable=False)
    # When a sync first found that this person is gone from the platform's list (rule 4). They stay
    # registered here.
    cancelled_at = models.DateTimeField(_("cancelled on GoToWebinar"), null=True, blank=True)
    # The submitted values by property name: differences from the contact are applied by hand.
    submitted = models.JSONField(_("submitted"), default=dict, blank=True)
    # The core.emails.email_key of the address in `submitted`, set whenever that is written.
    submitted_email_key = models.CharField(
        max_length=LONGEST, blank=True, default="", db_default="", editable=False
    )

    # Values that were changed or left out when this was sent (`webinars.sent_values.SentValue`).
    sent_differently = models.JSONField(default=list, blank=True, editable=False)

    # When the details of this registrant were last read, which include all submitted values and an
    # opt-out (rules 3 and 11). After a failure they are not read again before `details_try_at`, so
    # that one person does not block others.
    details_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    details_try_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Differences from the contact that a user dismissed, with both values at that time.
    dismissed = models.JSONField(default=dict, blank=True, editable=False)

    # The source as sent to the platform (128 characters).
    referral_source = models.CharField(_("source"), max_length=128, blank=True)
    # On the waiting list since; kept while a promotion is tried, so that the place is never lost.
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)

    # A pending registration is pushed when `next_push_at` has passed.
    next_push_at = models.DateTimeField(_("next try"), null=True, blank=True)
    push_attempts = models.PositiveIntegerField(_("tries"), default=0)
    # The code and parameters of the sentence, the platform's message, and the fields that it named,
    # by our names.
    problem_code = models.CharField(max_length=64, blank=True, editable=False)
    problem_params = models.JSONField(default=dict, blank=True, editable=False)
    platform_message = models.TextField(_("GoToWebinar's message"), blank=True)
    rejected_fields = models.JSONField(_("fields that GoTo named"), default=list, blank=True)

    # A speaker or someone of the company (set by `webinars.internal`): left out of figures,
    # audiences and emails.
    is_internal = models.BooleanField(
        _("internal"), default=False, db_default=False, editable=False
    )

    # Sums of `Attendance`, maintained by the sync, so that filters need not read every session.
    sessions_attended = models.PositiveSmallIntegerField(_("sessions attended"), default=0)
    seconds_attended = models.PositiveIntegerField(_("seconds attended"), default=0)
    first_joined_at = models.DateTimeField(_("first joined"), null=True, blank=True)
    last_left_at = models.DateTimeField(_("last left"), null=True, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "webinar"], name="one_registration_a_contact_and_webinar"
            ),
            models.UniqueConstraint(
                fields=["webinar", "registrant_key"],
                condition=HAS_REGISTRANT_KEY,
                name="one_registration_a_registrant",
            ),
            models.CheckConstraint(
                condition=both_or_neither(IS_PENDING, HAS_NEXT_PUSH),
                name="webinars_registration_pending_has_next_push",
            ),
            models.CheckConstraint(
                condition=implies(IS_WAITING, HAS_PLACE_IN_LINE),
                name="webinars_registration_overflow_has_waiting_since",
            ),
            # Someone who was promoted and then rejected keeps the place for another try.
            models.CheckConstraint(
                condition=implies(
                    HAS_PLACE_IN_LINE, Q(state__in=["overflow", "pending", "rejected"])
                ),
                name="webinars_registration_place_in_line_until_listed",
            ),
            models.CheckConstraint(
                condition=implies(IS_CANCELLED, HAS_REGISTRANT_KEY),
                name="webinars_registration_cancelled_has_key",
            ),
        ]
        indexes = [
            # Contains all columns by which audiences are counted, so that the table itself is not
            # read.
            models.Index(
                fields=["webinar", "state", "sessions_attended"],
                include=["cancelled_at", "registered_at", "is_internal"],
                name="audiences",
            ),
            # What each contact registered for, and whether they attended, without reading the
            # table. `is_internal` follows the contact in both indexes: after a column of many
            # values, PostgreSQL 18 considers a condition on it expensive and reads the table.
            models.Index(
                fields=["contact", "is_internal", "webinar", "state", "sessions_attended"],
                name="course_of_contacts",
            ),
            # How often and for how long a contact attended, without reading the table.
            models.Index(
                fields=["contact", "is_internal", "seconds_attended"],
                include=["state"],
                condition=Q(sessions_attended__gt=0),
                name="attendance_of_contacts",
            ),
            models.Index(
                fields=["next_push_at"], condition=Q(state="pending"), name="pending_registrations"
            ),
            models.Index(
                fields=["webinar", "waiting_since", "id"],
                condition=Q(state="overflow"),
                name="waiting_lists",
            ),
            models.Index(
                fields=["webinar", "-registered_at"], condition=UNREAD, name="unread_details"
            ),
            # The list of all registrations begins with the newest.
            models.Index(fields=["-registered_at", "-id"], name="newest_registrations"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.webinar}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.submitted_email_key = submitted_key(self.submitted)
        fields = kwargs.get("update_fields")
        if fields is not None and "submitted" in fields:
            kwargs["update_fields"] = {*fields, "submitted_email_key"}
        super().save(*args, **kwargs)

    @property
    def problem(self) -> str:
        """The error in the current language."""
        return messages.text(self.problem_code, self.problem_params)

    @property
    def details_are_unread(self) -> bool:
        """The equivalent of `UNREAD` for one object."""
        unread = self.details_read_at is None and self.cancelled_at is None
        return unread and bool(self.registrant_key)

    @property
    def further_names(self) -> list[str]:
        """Other names under which the platform lists this person, or another one with their
        address."""
        own = {_name(self.submitted), _name(vars(self.contact))}
        names = {_name(vars(item)) for item in self.aliases.all()}
        return sorted(name for name in names - own if name)

    @property
    def minutes_attended(self) -> int:
        return minutes(self.seconds_attended)


class RegistrantAlias(models.Model):
    """A further registrant of a person already registered: the platform can have one email twice.

    It may be someone else with the same address, so the submitted name is stored with it.
    """

    webinar = models.ForeignKey(Webinar, on_delete=models.CASCADE, related_name="+")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="aliases")
    registrant_key = models.CharField(max_length=255)
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=254, blank=True)
    registered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["webinar", "registrant_key"], name="one_row_an_other_registrant"
            )
        ]
