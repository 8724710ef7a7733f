"""Webinars, their sessions, and who registered and attended."""

from webinars.models.attendance import Attendance, Session
from webinars.models.registration import OtherRegistrant, Registration
from webinars.models.webinar import Webinar

__all__ = ["Attendance", "OtherRegistrant", "Registration", "Session", "Webinar"]
