"""Notes in HubSpot about what a contact did on one date of a webinar."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Contact
from destinations.models.reason import WithHubSpotReason
from destinations.models.webinar_handover import MarketingEvent, WebinarHandover


class NoteQuerySet(models.QuerySet["Note"]):
    def of(self, handover: WebinarHandover) -> Self:
        """Return those of a webinar."""
        return self.filter(event__handover=handover)

    def pending(self) -> Self:
        """Return those that are to be written."""
        return self.filter(state="pending")

    def not_taken(self) -> Self:
        """Return those that HubSpot refused, or for which there is no contact."""
        return self.filter(state__in=["refused", "left_out"])


class Note(WithHubSpotReason):
    """One note a contact and date: written once, and never changed or written again."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting to be written")
        WRITTEN = "written", _("In HubSpot")
        REFUSED = "refused", _("Refused by HubSpot")
        LEFT_OUT = "left_out", pgettext_lazy("one note", "Left out")

    event = models.ForeignKey(
        MarketingEvent, on_delete=models.CASCADE, related_name="notes", db_index=False
    )
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="hubspot_notes")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    # The contact of HubSpot that it was written to, and the note's own id there.
    hubspot_id = models.CharField(max_length=32, blank=True)
    note_id = models.CharField(max_length=32, blank=True)
    # When it was last tried: from then on HubSpot may have it, whatever the response.
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note in HubSpot")
        verbose_name_plural = _("notes in HubSpot")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "contact"], name="note_once"),
            models.CheckConstraint(
                condition=Q(state="written", sent_at__isnull=False) & ~Q(note_id="")
                | ~Q(state="written") & Q(sent_at__isnull=True, note_id=""),
                name="note_is_written_under_an_id",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "left_out"]) | ~Q(reason_code=""),
                name="note_refused_or_left_out_for_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["event"], condition=Q(state="pending"), name="pending_note"),
        ]

    def __str__(self) -> str:
        return f"{self.event} · {self.state}"
