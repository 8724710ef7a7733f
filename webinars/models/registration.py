"""One contact x one webinar."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

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
    """Return a time as it is told to people: in whole minutes."""
    return round(seconds / 60)


def _name(values: Mapping[str, Any]) -> str:
    return f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()


def submitted_key(submitted: Mapping[str, Any]) -> str:
    """Return the key of the address in what was given; "" where there is none that is stored."""
    key = email_key(str(submitted.get("email") or ""))
    return key if len(key) <= LONGEST else ""


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Registrations. However what was given is written, the key of its address is with it."""

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
        """Return those that are to be sent at `now`. Columns of the row alone say so: that is how
        a pusher claims one with a single conditional UPDATE."""
        return self.filter(IS_PENDING, next_push_at__lte=now)

    def waiting(self) -> Self:
        """Return those on the waiting list."""
        return self.filter(IS_WAITING)

    def promoted(self) -> Self:
        """Return those who came off the waiting list and are being sent."""
        return self.filter(IS_PROMOTED)

    def unsent(self) -> Self:
        """Return those whom the platform is still to be told about."""
        return self.filter(IS_PENDING | IS_WAITING)

    def listed(self) -> Self:
        """Return those who should be on the platform's list of registrants."""
        return self.filter(IS_LISTED)

    def of_synced_connections(self) -> Self:
        """Return those for webinars whose connection nobody disconnected."""
        return self.filter(through("webinar__connection", IS_SYNCED))


class Registration(models.Model):
    """One contact x one webinar. Who counts as what is said in `webinars.audiences` alone."""

    class State(models.TextChoices):
        PENDING = "pending", _("Sending")
        REGISTERED = "registered", _("Registered")
        AWAITING = "awaiting", _("Awaiting approval")
        DENIED = "denied", _("Declined by the organizer")
        OVERFLOW = "overflow", _("Waiting list")
        REJECTED = "rejected", _("Rejected by GoToWebinar")
        # The platform lists them as an attendee, and knows no registrant of theirs.
        WALK_IN = "walk-in", _("Attended without registration")

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
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PENDING)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.PLATFORM)
    registrant_key = models.CharField(_("registrant key"), max_length=255, blank=True)
    join_url = models.TextField(_("join link"), blank=True)
    registered_at = models.DateTimeField(_("registered"), db_default=Now())
    # When this row came to be: how late we hear of people is told by it.
    first_seen_at = models.DateTimeField(db_default=Now(), editable=False)
    # When a sync first missed this person on the platform's list (rule 4). They stay registered
    # here.
    cancelled_at = models.DateTimeField(_("cancelled on GoToWebinar"), null=True, blank=True)
    # What the person gave, by property name: differences from the contact are taken over by hand.
    submitted = models.JSONField(_("submitted"), default=dict, blank=True)
    # The core.emails.email_key of the address in `submitted`, filled in whenever that is written.
    submitted_email_key = models.CharField(
        max_length=LONGEST, blank=True, default="", db_default="", editable=False
    )

    # Values that were changed or left out when this was sent (`webinars.sent_values.SentValue`).
    sent_differently = models.JSONField(default=list, blank=True, editable=False)

    # When the platform was last asked for this registrant alone: only then does it say all that was
    # submitted, and whether they opted out (rules 3 and 11). Where it failed to answer, it is not
    # asked again before `details_try_at`, so that one person does not hold up others.
    details_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    details_try_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Differences from the contact that a colleague decided not to take over, as they stood then.
    dismissed = models.JSONField(default=dict, blank=True, editable=False)

    # Where they came from, as told to the platform: its `source` (128 characters).
    referral_source = models.CharField(_("source"), max_length=128, blank=True)
    # On the waiting list since; kept while a promotion is tried, so that a place is never lost.
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)

    # Pushing: a pending registration is due when `next_push_at` has passed.
    next_push_at = models.DateTimeField(_("next try"), null=True, blank=True)
    push_attempts = models.PositiveIntegerField(_("tries"), default=0)
    # The code and parameters of the plain sentence, the platform's own words behind it, and the
    # fields that it named, by our names.
    problem_code = models.CharField(max_length=64, blank=True, editable=False)
    problem_params = models.JSONField(default=dict, blank=True, editable=False)
    platform_message = models.TextField(_("GoToWebinar's message"), blank=True)
    rejected_fields = models.JSONField(_("fields that GoTo named"), default=list, blank=True)

    # A speaker or one of the company (`webinars.internal` decides): left out of figures, audiences
    # and mailings.
    is_internal = models.BooleanField(
        _("internal"), default=False, db_default=False, editable=False
    )

    # Kept by the sync from `Attendance`, so that filters need not visit every session.
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
            # One who was promoted and then rejected keeps the place for another try.
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
            # Holds all that the audiences are counted by: the table itself is not read for it.
            models.Index(
                fields=["webinar", "state", "sessions_attended"],
                include=["cancelled_at", "registered_at", "is_internal"],
                name="audiences",
            ),
            # What each contact registered for, and whether they came, without reading the table.
            models.Index(
                fields=["contact", "webinar", "state", "sessions_attended", "is_internal"],
                name="course_of_contacts",
            ),
            # How often and for how long a contact came, of all and of those who registered, without
            # reading the table.
            models.Index(
                fields=["contact", "seconds_attended", "is_internal"],
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
        """What went wrong, in the language in use."""
        return messages.text(self.problem_code, self.problem_params)

    @property
    def details_are_unread(self) -> bool:
        """What `UNREAD` says to the database."""
        unread = self.details_read_at is None and self.cancelled_at is None
        return unread and bool(self.registrant_key)

    @property
    def further_names(self) -> list[str]:
        """Other names under which the platform lists this person, or another with their address."""
        own = {_name(self.submitted), _name(vars(self.contact))}
        names = {_name(vars(item)) for item in self.aliases.all()}
        return sorted(name for name in names - own if name)

    @property
    def minutes_attended(self) -> int:
        return minutes(self.seconds_attended)


class RegistrantAlias(models.Model):
    """A further registrant of a person already registered: the platform can hold one e-mail twice.

    It may be somebody else with the same address: the name that was given is kept beside it.
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
