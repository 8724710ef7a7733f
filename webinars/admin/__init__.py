"""What marketers touch of webinars."""

from webinars.admin.registration import RegistrationAdmin
from webinars.admin.webinar import WebinarAdmin

__all__ = ["RegistrationAdmin", "WebinarAdmin"]
