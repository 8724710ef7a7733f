"""The admin pages of webinars."""

from webinars.admin.internal import InternalAddressAdmin
from webinars.admin.registration import RegistrationAdmin
from webinars.admin.webinar import WebinarAdmin

__all__ = ["InternalAddressAdmin", "RegistrationAdmin", "WebinarAdmin"]
