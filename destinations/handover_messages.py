"""Why people, values and participation are not in HubSpot (rule 13)."""

from django.utils.translation import gettext_lazy as _

from core import messages
from destinations.hubspot import reasons, status
from destinations.hubspot.plan import LeftOut

messages.register(
    {
        LeftOut.INTERNAL.value: _("Internal: speakers and colleagues are not sent to HubSpot."),
        LeftOut.WALK_IN.value: _("Attended without registration: not sent to HubSpot."),
        LeftOut.PENDING.value: _("Being sent to GoToWebinar."),
        LeftOut.AWAITING.value: _("Awaits the organizer's approval."),
        LeftOut.DENIED.value: _("Declined by the organizer."),
        LeftOut.OVERFLOW.value: _("On the waiting list."),
        LeftOut.REJECTED.value: _("Rejected by GoToWebinar."),
        LeftOut.ATTENDANCE_COMING.value: _(
            "Attended without registration: sent a day after the attendance report is complete."
        ),
        LeftOut.NO_EVENT.value: _("The webinar was cancelled before it was sent to HubSpot."),
        LeftOut.UNKNOWN.value: _("Not registered."),
        reasons.GONE: _("Deleted in HubSpot: not created again."),
        reasons.REFUSED: _("HubSpot rejected this contact."),
        reasons.LACKING: _("HubSpot requires these properties for a new contact: %(names)s."),
        reasons.SAME_CONTACT: _("Shares a HubSpot contact with another person of this webinar."),
        reasons.NOT_TAKEN: _("HubSpot rejected this."),
        reasons.NOT_CONFIRMED: _("Sent, but not found in HubSpot within an hour."),
        reasons.EVENT_GONE: _("The marketing event was deleted in HubSpot."),
        reasons.EVENT_REFUSED: _("HubSpot rejected the marketing event."),
        reasons.CHOICE_NEEDED: _(
            "HubSpot already has a marketing event for this date: choose which one is used."
        ),
        reasons.NOTE_REFUSED: _("HubSpot rejected the note."),
        status.WAITING: _("Waiting to be sent to HubSpot."),
        status.UNCONFIRMED: _("Sent. Waiting for HubSpot to show it."),
        status.CORRECTED: _("GoToWebinar corrected the attendance after it was sent."),
        status.NOT_PLANNED: _("Not checked yet."),
        reasons.UNKNOWN_PROPERTY: _("HubSpot has no such property."),
        reasons.READ_ONLY: _("This HubSpot property is read-only."),
        reasons.NO_OPTION: _("Not one of the property's options."),
        reasons.WRONG_TYPE: _("Wrong type of value for this property."),
        reasons.TOO_LONG: _("Too long."),
        reasons.VALUE_REFUSED: _("HubSpot rejected this value."),
    }
)
