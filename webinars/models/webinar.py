"""Webinars of a connection."""

import datetime as dt
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.conditions import through
from core.prefix_search import index_of
from core.time_zones import zone_at, zone_called
from platforms.models.conditions import IS_SYNCED
from platforms.models.connection import Connection
from webinars.models.conditions import IS_SCHEDULED, IS_SWITCHED_ON, is_upcoming

# Attendance, Q&A and surveys appear on the platform some time after a session (observed by
# integrators).
SETTLING = dt.timedelta(hours=48)
# An upper limit for webinars that have begun and are not over, at one time.
_MOST_BEGUN = 200


class WebinarQuerySet(models.QuerySet["Webinar"]):
    def scheduled(self) -> Self:
        """Return those that the platform has and that belong to the organizer."""
        return self.filter(IS_SCHEDULED)

    def upcoming(self, now: dt.datetime) -> Self:
        """Return those that are not over at `now` and still on the platform."""
        return self.filter(is_upcoming(now))

    def past(self, now: dt.datetime) -> Self:
        """Return those that are over at `now` (`Webinar.is_over`)."""
        return self.filter(ends_at__lte=now)

    def switched_on(self) -> Self:
        """Return those with sync on (rule 1)."""
        return self.filter(IS_SWITCHED_ON)

    def of_synced_connections(self) -> Self:
        """Return those whose connection is not disconnected."""
        return self.filter(through("connection", IS_SYNCED))

    def taking_registrations(self, now: dt.datetime) -> Self:
        """Return those whose form is open at `now` (`Webinar.takes_registrations`)."""
        return self.upcoming(now).filter(form_enabled=True)

    def soonest_first(self) -> Self:
        """Order by start, those without one last."""
        return self.order_by(F("starts_at").asc(nulls_last=True), "pk")

    def by_next_date(self, now: dt.datetime) -> Self:
        """Order by when they run next, those without a time last. A started webinar with several
        dates is ordered by its next date, which is computed from its times: one more query."""
        begun = Webinar.objects.upcoming(now).filter(starts_at__lt=now, on_demand=False)
        dates = [
            When(pk=webinar.pk, then=Value(webinar.next_starts_at))
            for webinar in begun.only("times", "time_zone", "starts_at")[:_MOST_BEGUN]
        ]
        starts = Case(*dates, default=F("starts_at"), output_field=models.DateTimeField())
        return self.order_by(starts.asc(nulls_last=True), "pk")


class Webinar(models.Model):
    """A webinar on the platform, and whether it is synced and has our registration form."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("On GoToWebinar")
        GONE = "gone", _("Cancelled or deleted on GoToWebinar")
        # Listed, but the platform shows its people to its own organizer only.
        FOREIGN = "foreign", _("Belongs to another organizer")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="webinars", verbose_name=_("connection")
    )
    key = models.CharField(_("webinar key"), max_length=255)
    slug = models.SlugField(_("form URL"), max_length=80, unique=True)
    subject = models.CharField(_("webinar"), max_length=512)
    description = models.TextField(_("description"), blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, db_index=True)
    ends_at = models.DateTimeField(_("ends"), null=True)
    # Every [start, end] as ISO text in UTC: a sequence has several.
    times = models.JSONField(_("times"), default=list)
    # The same with the identities of calendar events (webinars.calendar_dates).
    calendar_dates = models.JSONField(default=list, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    experience_type = models.CharField(_("type"), max_length=32, blank=True)
    recurrence_type = models.CharField(_("recurrence"), max_length=32, blank=True)
    recurrence_key = models.CharField(max_length=255, blank=True)
    # A recording that people watch at any time: it runs whenever someone watches it.
    on_demand = models.BooleanField(_("on demand"), default=False, db_default=False)
    approval_type = models.CharField(_("approval"), max_length=32, blank=True)
    registration_url = models.URLField(_("GoTo's own form"), max_length=500, blank=True)
    state = models.CharField(_("status"), max_length=12, choices=State, default=State.SCHEDULED)

    # The fields of the form (`platforms.records.RegistrationFields`); None: not read yet. Refreshed
    # by the sync, never while a visitor waits.
    form_fields = models.JSONField(null=True, editable=False)
    # Names of fields and questions that became required since, with the time.
    newly_required = models.JSONField(default=dict, blank=True, editable=False)
    organizer_name = models.CharField(_("host"), max_length=255, blank=True)
    # Seats on the platform at `capacity_read_at`.
    registration_limit = models.PositiveIntegerField(_("seats"), null=True, editable=False)
    registrant_count = models.PositiveIntegerField(null=True, editable=False)
    capacity_read_at = models.DateTimeField(null=True, editable=False)

    # When its panelists and co-organizers were last read.
    speakers_read_at = models.DateTimeField(null=True, editable=False)

    auto_promote = models.BooleanField(
        _("assign free seats automatically"),
        default=False,
        help_text=_(
            "When a seat becomes free, people on the waiting list are registered "
            "automatically, those who have waited longest first. New registrations join "
            "the end of the list."
        ),
    )
    sync_enabled = models.BooleanField(_("sync"), default=False)
    form_enabled = models.BooleanField(_("registration form"), default=False)
    # The end of the last session that counts; maintained by `webinars.sessions`, like the following
    # ones. None before the first session.
    last_session_ended_at = models.DateTimeField(_("last ran"), null=True, editable=False)
    # Until then attendance is incomplete, and no one is a no-show (rule 8).
    attendance_pending_until = models.DateTimeField(null=True, editable=False)
    # When the no-shows in the timelines were last updated.
    no_shows_recorded_at = models.DateTimeField(null=True, editable=False)
    # The same from the organizer's list of sessions, which is read hourly, to detect webinars that
    # ran outside of their schedule. Nothing depends on it before a sync has read the session.
    heard_to_run_at = models.DateTimeField(null=True, editable=False)
    first_seen_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = WebinarQuerySet.as_manager()

    class Meta:
        verbose_name = _("webinar")
        verbose_name_plural = _("webinars")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "key"], name="webinar_once_a_connection")
        ]
        indexes = [models.Index(fields=["key"]), index_of("subject", name="webinar_by_subject")]

    def __str__(self) -> str:
        return self.subject

    def clean(self) -> None:
        if self.state == self.State.FOREIGN and (self.sync_enabled or self.form_enabled):
            raise ValidationError(
                _(
                    "This webinar belongs to another organizer, and GoToWebinar shows its people "
                    "to that organizer alone. Ask the operator to connect their account."
                )
            )

    @property
    def zone(self) -> dt.tzinfo:
        """The webinar's own time zone; UTC if the platform's name for it is unknown here."""
        return zone_called(self.time_zone) or dt.UTC

    @property
    def zone_name(self) -> str:
        """The name of `zone`: a time in UTC is never shown with another zone's name."""
        return self.time_zone if zone_called(self.time_zone) else "UTC"

    def zone_name_at(self, moment: dt.datetime) -> str:
        """Return what to write beside `moment` in the webinar's time zone. In the hour that the
        clock shows twice, it says which of the two."""
        return zone_at(moment.astimezone(self.zone), self.zone_name)

    def times_on_its_clock(self) -> list[tuple[dt.datetime, dt.datetime]]:
        """Return start and end of each date in the webinar's time zone."""
        own = self.zone
        return [
            (
                dt.datetime.fromisoformat(start).astimezone(own),
                dt.datetime.fromisoformat(end).astimezone(own),
            )
            for start, end in self.times
        ]

    @property
    def next_starts_at(self) -> dt.datetime | None:
        """When it runs next, or runs now: for a series, the first date that has not ended. Without
        one, when it began; None if the platform has no time."""
        now = timezone.now()
        ahead = (start for start, end in self.times_on_its_clock() if end >= now)
        return min(ahead, default=self.starts_at)

    @property
    def is_over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def attendance_is_pending(self) -> bool:
        """Whether the report of a session that counts is still incomplete."""
        until = self.attendance_pending_until
        return until is not None and until > timezone.now()

    @property
    def is_to_come(self) -> bool:
        """Whether it is open on the platform."""
        return self.state == self.State.SCHEDULED and not self.is_over

    @property
    def is_switched_on(self) -> bool:
        """Whether it is synced while its connection is (rule 1)."""
        return self.sync_enabled and self.state == self.State.SCHEDULED

    @property
    def takes_registrations(self) -> bool:
        return self.form_enabled and self.is_to_come

    @property
    def free_seats(self) -> int | None:
        """The free seats when the platform was last asked; None if unknown or unlimited."""
        if not self.registration_limit or self.registrant_count is None:
            return None
        return max(0, self.registration_limit - self.registrant_count)
