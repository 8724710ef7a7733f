"""HubSpot portals, and what was sent to them."""

from destinations.models.check import HubSpotComparison, HubSpotFormList, HubSpotPreview
from destinations.models.contact_list import ContactList, ListMember
from destinations.models.form_source import FormSource, ReceivedSubmission
from destinations.models.note import Note
from destinations.models.opt_out_check import OptOutCheck
from destinations.models.participation import GoneAddress, HubSpotContact, Participation
from destinations.models.portal import Portal
from destinations.models.webinar_handover import MarketingEvent, WebinarHandover

__all__ = [
    "ContactList",
    "FormSource",
    "GoneAddress",
    "HubSpotComparison",
    "HubSpotContact",
    "HubSpotFormList",
    "HubSpotPreview",
    "ListMember",
    "MarketingEvent",
    "Note",
    "OptOutCheck",
    "Participation",
    "Portal",
    "ReceivedSubmission",
    "WebinarHandover",
]
