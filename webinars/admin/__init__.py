"""What marketers and operators touch of webinars."""

from webinars.admin.connection import ConnectionAdmin
from webinars.admin.records import RegistrationAdmin, SyncRunAdmin
from webinars.admin.system import ScheduleAdmin, UserAdmin
from webinars.admin.webinar import WebinarAdmin

__all__ = [
    "ConnectionAdmin",
    "RegistrationAdmin",
    "ScheduleAdmin",
    "SyncRunAdmin",
    "UserAdmin",
    "WebinarAdmin",
]
