"""Connections, webinars, registrations, attendance and sync runs."""

from webinars.models.attendance import Attendance, Session
from webinars.models.connection import CallBudget, Connection
from webinars.models.registration import OtherRegistrant, Registration
from webinars.models.submission import ConsentText, Submission
from webinars.models.syncrun import SyncRun
from webinars.models.webinar import Webinar

__all__ = [
    "Attendance",
    "CallBudget",
    "Connection",
    "ConsentText",
    "OtherRegistrant",
    "Registration",
    "Session",
    "Submission",
    "SyncRun",
    "Webinar",
]
