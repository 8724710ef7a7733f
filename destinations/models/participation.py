"""Who a contact is in HubSpot, and the participations sent for each marketing event."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Contact
from core.emails import LONGEST
from destinations.hubspot import reasons
from destinations.models.portal import Portal
from destinations.models.reason import WithHubSpotReason
from destinations.models.webinar_handover import MarketingEvent, WebinarHandover

# HubSpot refused it, or the contact.
IS_REFUSED = Q(state="refused") | Q(
    state="left_out", reason_code__in=[reasons.REFUSED, reasons.LACKING]
)


class HubSpotContactQuerySet(models.QuerySet["HubSpotContact"]):
    def linked(self) -> Self:
        """Return those who are known to be in HubSpot."""
        return self.filter(state="linked")


class HubSpotContact(WithHubSpotReason):
    """The contact of HubSpot for a contact here, or why there is none.

    No one who is GONE is created again.
    """

    class State(models.TextChoices):
        LINKED = "linked", _("In HubSpot")
        GONE = "gone", _("Deleted in HubSpot")
        REFUSED = "refused", _("Refused by HubSpot")
        LACKING = "lacking", _("Lacks a property that HubSpot requires")

    portal = models.ForeignKey(Portal, on_delete=models.CASCADE, related_name="contacts")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="hubspot_contacts")
    state = models.CharField(max_length=10, choices=State)
    hubspot_id = models.CharField(_("HubSpot ID"), max_length=32, blank=True)
    # The key of the first address in HubSpot (`core.emails.email_key`).
    email_key = models.CharField(max_length=LONGEST, blank=True, db_index=True)
    # Created by us, without these values: a list of {"property", "value", "reason"}.
    created = models.BooleanField(_("created here"), default=False)
    left_out_values = models.JSONField(default=list)
    checked_at = models.DateTimeField(db_default=Now())
    last_sent_at = models.DateTimeField(_("last sent"), null=True)

    objects = HubSpotContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact in HubSpot")
        verbose_name_plural = _("contacts in HubSpot")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portal", "contact"], name="hubspot_contact_once_a_contact"
            ),
            models.CheckConstraint(
                condition=~Q(state="linked") | ~Q(hubspot_id=""),
                name="linked_hubspot_contacts_have_an_id",
            ),
            models.CheckConstraint(
                condition=Q(state="linked", reason_code="")
                | (~Q(state="linked") & ~Q(reason_code="")),
                name="hubspot_contacts_are_linked_or_have_a_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["portal", "hubspot_id"], name="by_hubspot_id")]

    def __str__(self) -> str:
        return self.hubspot_id or self.state


class GoneAddress(models.Model):
    """A keyed hash of an address whose contact was deleted in HubSpot, and nothing else.

    It outlives the contact here, like a tombstone: someone who returns here is not created there.
    """

    portal = models.ForeignKey(Portal, on_delete=models.CASCADE, related_name="gone_addresses")
    email_hash = models.CharField(max_length=64)
    noticed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("address deleted in HubSpot")
        verbose_name_plural = _("addresses deleted in HubSpot")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "email_hash"], name="gone_address_once")
        ]

    def __str__(self) -> str:
        return self.email_hash[:8]


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def of(self, handover: WebinarHandover) -> Self:
        """Return those of a webinar."""
        return self.filter(event__handover=handover)

    def pending(self) -> Self:
        """Return what is to be sent."""
        return self.filter(state="pending")

    def refused(self) -> Self:
        """Return what HubSpot refused, itself or because of the contact."""
        return self.filter(IS_REFUSED)

    def sent(self) -> Self:
        """Return what was sent and not confirmed yet."""
        return self.filter(state="sent")


class Participation(WithHubSpotReason):
    """That a contact registered, cancelled or attended, as it is sent: with its own time, so that a
    repetition changes nothing in HubSpot."""

    class Kind(models.TextChoices):
        REGISTER = "register", pgettext_lazy("one person", "Registered")
        CANCEL = "cancel", pgettext_lazy("one person", "Cancelled")
        ATTEND = "attend", pgettext_lazy("one person", "Attended")

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting to be sent")
        SENT = "sent", _("Sent, not confirmed yet")
        CONFIRMED = "confirmed", _("In HubSpot")
        REFUSED = "refused", _("Refused by HubSpot")
        LEFT_OUT = "left_out", pgettext_lazy("one person", "Left out")

    # Neither has an index of its own: the constraint's begins with the event, `of_contact` with the
    # contact.
    event = models.ForeignKey(
        MarketingEvent, on_delete=models.CASCADE, related_name="participations", db_index=False
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="participations", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    happened_at = models.DateTimeField(_("happened"))
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    # The contact of HubSpot that it was sent for.
    hubspot_id = models.CharField(max_length=32, blank=True)
    sent_at = models.DateTimeField(null=True)
    # When it was first tried: from then on HubSpot may have it, whatever the response.
    tried_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    # When to look for it in HubSpot next; None: not any more.
    next_check_at = models.DateTimeField(null=True)
    # Since when the platform reports other times than those that were sent.
    corrected_at = models.DateTimeField(null=True)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "contact", "kind", "happened_at"], name="participation_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "confirmed"], sent_at__isnull=False)
                & ~Q(hubspot_id="")
                | Q(state__in=["pending", "refused", "left_out"], sent_at__isnull=True),
                name="participation_is_sent_at_a_time_for_a_contact",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_at__isnull=False)
                | ~Q(state="confirmed") & Q(confirmed_at__isnull=True),
                name="participation_is_confirmed_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "left_out"]) | ~Q(reason_code=""),
                name="participation_refused_or_left_out_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="attend", joined_at__isnull=False, left_at__gte=models.F("joined_at")
                )
                | ~Q(kind="attend") & Q(joined_at__isnull=True, left_at__isnull=True),
                name="participation_has_a_stay_when_attended",
            ),
            models.CheckConstraint(
                condition=Q(state="sent") | Q(next_check_at__isnull=True),
                name="participation_is_checked_while_sent",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["contact", "event"], name="participation_of_contact"),
            models.Index(
                fields=["event"], condition=Q(state="pending"), name="pending_participation"
            ),
            models.Index(fields=["event"], condition=IS_REFUSED, name="refused_participation"),
            models.Index(
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="participation_to_confirm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.event}"
