"""Connections, webinars, registrations, attendance and sync runs."""

from webinars.models.attendance import Attendance, Session
from webinars.models.connection import CallBudget, Connection
from webinars.models.registration import OtherRegistrant, Registration, Submission
from webinars.models.syncrun import SyncRun
from webinars.models.webinar import Webinar

__all__ = [
    "Attendance",
    "CallBudget",
    "Connection",
    "OtherRegistrant",
    "Registration",
    "Session",
    "Submission",
    "SyncRun",
    "Webinar",
]
