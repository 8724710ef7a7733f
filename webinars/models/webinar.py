"""A webinar of a connection."""

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

# Attendance, Q&A and surveys show up on the platform some time after a session (seen by
# integrators).
SETTLING = dt.timedelta(hours=48)
# Webinars that have begun and are not over, at one time; no one has more.
_MOST_BEGUN = 200


class WebinarQuerySet(models.QuerySet["Webinar"]):
    def scheduled(self) -> Self:
        """Return those that are on the platform and belong to the organizer."""
        return self.filter(IS_SCHEDULED)

    def upcoming(self, now: dt.datetime) -> Self:
        """Return those that are not over at `now` and still on the platform."""
        return self.filter(is_upcoming(now))

    def past(self, now: dt.datetime) -> Self:
        """Return those that are over at `now`, as `Webinar.is_over` says."""
        return self.filter(ends_at__lte=now)

    def switched_on(self) -> Self:
        """Return those that a sync reads as soon as their connection is there (rule 1)."""
        return self.filter(IS_SWITCHED_ON)

    def of_synced_connections(self) -> Self:
        """Return those whose connection no one disconnected."""
        return self.filter(through("connection", IS_SYNCED))

    def taking_registrations(self, now: dt.datetime) -> Self:
        """Return those whose form is open at `now`, as `Webinar.takes_registrations` says."""
        return self.upcoming(now).filter(form_enabled=True)

    def soonest_first(self) -> Self:
        """Return them by their start, those without one last."""
        return self.order_by(F("starts_at").asc(nulls_last=True), "pk")

    def by_next_date(self, now: dt.datetime) -> Self:
        """Return them by when they run next, those without a time last. A webinar of several dates
        that has begun comes where its next date is, which its times alone tell: one more query."""
        begun = Webinar.objects.upcoming(now).filter(starts_at__lt=now, on_demand=False)
        dates = [
            When(pk=webinar.pk, then=Value(webinar.next_starts_at))
            for webinar in begun.only("times", "time_zone", "starts_at")[:_MOST_BEGUN]
        ]
        starts = Case(*dates, default=F("starts_at"), output_field=models.DateTimeField())
        return self.order_by(starts.asc(nulls_last=True), "pk")


class Webinar(models.Model):
    """A webinar as the platform lists it, and whether it is synced and has our registration
    form."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("On GoToWebinar")
        GONE = "gone", _("Cancelled or deleted on GoToWebinar")
        # Listed, but the platform shows its people to its own organizer alone.
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
    # The same as people's calendars know them (webinars.calendar_dates).
    calendar_dates = models.JSONField(default=list, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    experience_type = models.CharField(_("type"), max_length=32, blank=True)
    recurrence_type = models.CharField(_("recurrence"), max_length=32, blank=True)
    recurrence_key = models.CharField(max_length=255, blank=True)
    # A recording that people watch when they like: it runs whenever someone does.
    on_demand = models.BooleanField(_("on demand"), default=False, db_default=False)
    approval_type = models.CharField(_("approval"), max_length=32, blank=True)
    registration_url = models.URLField(_("GoTo's own form"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.SCHEDULED)

    # What our form asks for (`platforms.records.RegistrationFields`); None: not read yet. Kept by
    # the sync, never fetched while a visitor waits.
    form_fields = models.JSONField(null=True, editable=False)
    # Names of fields and questions that the organizer has made required since, with the time.
    newly_required = models.JSONField(default=dict, blank=True, editable=False)
    organizer_name = models.CharField(_("host"), max_length=255, blank=True)
    # Seats as the platform counted them at `capacity_read_at`.
    registration_limit = models.PositiveIntegerField(_("seats"), null=True, editable=False)
    registrant_count = models.PositiveIntegerField(null=True, editable=False)
    capacity_read_at = models.DateTimeField(null=True, editable=False)

    # When its panelists and co-organizers were last asked for.
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
    # The end of the last session that counts; kept by `webinars.sessions`, as what follows is.
    # None: none has run yet.
    last_session_ended_at = models.DateTimeField(_("last ran"), null=True, editable=False)
    # Until then attendance is still coming, and no one is a no-show (rule 8).
    attendance_pending_until = models.DateTimeField(null=True, editable=False)
    # When the timelines were last brought in line with who did not attend.
    no_shows_recorded_at = models.DateTimeField(null=True, editable=False)
    # The same by the organizer's list of sessions, which is read hourly: a webinar that ran outside
    # its schedule is noticed by it. Nothing counts by it before a sync has read the session.
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
        """The webinar's own time zone; UTC where the platform's name for it is not known here."""
        return zone_called(self.time_zone) or dt.UTC

    @property
    def zone_name(self) -> str:
        """What `zone` is called: a time in UTC is never shown under another zone's name."""
        return self.time_zone if zone_called(self.time_zone) else "UTC"

    def zone_name_at(self, moment: dt.datetime) -> str:
        """Return what is beside `moment` on the webinar's own clock. In the hour that the clock
        shows twice, it says which of the two."""
        return zone_at(moment.astimezone(self.zone), self.zone_name)

    def times_on_its_clock(self) -> list[tuple[dt.datetime, dt.datetime]]:
        """Return start and end of each time the webinar runs, on its own clock."""
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
        """When it runs next, or runs now: of a series, the first time that has not ended. Where
        there is none, when it began; None where the platform told no time."""
        now = timezone.now()
        ahead = (start for start, end in self.times_on_its_clock() if end >= now)
        return min(ahead, default=self.starts_at)

    @property
    def is_over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def attendance_is_pending(self) -> bool:
        """The report of a session that counts is not complete yet."""
        until = self.attendance_pending_until
        return until is not None and until > timezone.now()

    @property
    def is_to_come(self) -> bool:
        """The platform still takes people for it."""
        return self.state == self.State.SCHEDULED and not self.is_over

    @property
    def is_switched_on(self) -> bool:
        """A sync reads it as soon as its connection is there (rule 1)."""
        return self.sync_enabled and self.state == self.State.SCHEDULED

    @property
    def takes_registrations(self) -> bool:
        return self.form_enabled and self.is_to_come

    @property
    def free_seats(self) -> int | None:
        """Seats that were free when the platform was last asked; None: not known, or no limit."""
        if not self.registration_limit or self.registrant_count is None:
            return None
        return max(0, self.registration_limit - self.registrant_count)
