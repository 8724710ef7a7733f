"""Webinars, sessions, speakers, registrations and attendance."""

from webinars.models.attendance import Attendance, Session
from webinars.models.dismissal import Dismissal
from webinars.models.internal import InternalAddress, InternalRefresh
from webinars.models.registration import RegistrantAlias, Registration
from webinars.models.speaker import Speaker
from webinars.models.webinar import Webinar

__all__ = [
    "Attendance",
    "Dismissal",
    "InternalAddress",
    "InternalRefresh",
    "RegistrantAlias",
    "Registration",
    "Session",
    "Speaker",
    "Webinar",
]
