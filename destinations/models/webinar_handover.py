"""Which webinars are sent to HubSpot, and the marketing events of their dates."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from destinations.models.portal import Portal
from platforms.models.error import StoredError
from webinars.models import Webinar


class WebinarHandover(StoredError):
    """Whether a webinar is sent to a portal, and what is due.

    Each webinar gets its row once, with the portal's default at that time: a later default does not
    switch on known webinars.
    """

    portal = models.ForeignKey(Portal, on_delete=models.CASCADE, related_name="handovers")
    webinar = models.ForeignKey(Webinar, on_delete=models.CASCADE, related_name="handovers")
    enabled = models.BooleanField(_("send to HubSpot"), default=False)
    enabled_at = models.DateTimeField(null=True, editable=False)
    enabled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    previewed_at = models.DateTimeField(_("previewed"), null=True, editable=False)
    # When all its people were last compared with what was sent.
    planned_at = models.DateTimeField(null=True, editable=False)
    # Not before this time, after an error of HubSpot.
    next_try_at = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    # The worker that sends now; its claim expires.
    claim = models.CharField(max_length=32, blank=True, default="", editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("webinar sent to HubSpot")
        verbose_name_plural = _("webinars sent to HubSpot")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "webinar"], name="handover_once_a_webinar"),
            models.CheckConstraint(
                condition=Q(enabled=False) | Q(enabled_at__isnull=False),
                name="handover_enabled_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(claim="") | Q(claimed_until__isnull=False),
                name="handover_claim_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.webinar)


class MarketingEvent(StoredError):
    """One date of a webinar as a marketing event of HubSpot.

    `number` and the external id stay when the date moves; `uid` is that of the date
    (`webinars.calendar_dates`), "" for a webinar without dates.
    """

    class Choice(models.TextChoices):
        OWN = "own", _("Create another event")
        EXISTING = "existing", _("Use the existing event")

    handover = models.ForeignKey(WebinarHandover, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveIntegerField()
    uid = models.CharField(max_length=64, blank=True)
    external_event_id = models.CharField(max_length=64)
    external_account_id = models.CharField(max_length=64)
    # "" until HubSpot has it.
    object_id = models.CharField(max_length=32, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    cancelled = models.BooleanField(default=False)
    # What HubSpot was last sent: name, organizer, times, link, cancelled; {} for nothing.
    sent = models.JSONField(default=dict)
    completed_at = models.DateTimeField(null=True)
    # Events that others have made for this date: {"object_id", "name", "app", "starts_at"} each;
    # and what someone decided about them, "" for nothing.
    other_events = models.JSONField(default=list)
    choice = models.CharField(max_length=8, choices=Choice, blank=True)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("marketing event")
        verbose_name_plural = _("marketing events")
        ordering = ["handover", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["handover", "number"], name="event_number_once_a_webinar"
            ),
            models.UniqueConstraint(fields=["handover", "uid"], name="event_once_a_date"),
            models.CheckConstraint(condition=Q(number__gte=1), name="events_are_counted_from_one"),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | ~Q(object_id=""),
                name="completed_events_are_there",
            ),
            models.CheckConstraint(
                condition=~Q(choice="existing") | ~Q(object_id=""),
                name="events_that_are_used_are_there",
            ),
        ]

    def __str__(self) -> str:
        return self.external_event_id

    @property
    def awaits_choice(self) -> bool:
        """HubSpot has an event of others for this date, and no one has decided what is used."""
        return bool(self.other_events) and not self.choice and not self.object_id
