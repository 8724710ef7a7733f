"""What marketers and operators touch of webinars."""

from webinars.admin.connection import ConnectionAdmin
from webinars.admin.form import ConsentTextAdmin, SubmissionAdmin
from webinars.admin.history import LogEntryAdmin
from webinars.admin.records import RegistrationAdmin, SyncRunAdmin
from webinars.admin.system import ScheduleAdmin, UserAdmin
from webinars.admin.webinar import WebinarAdmin

__all__ = [
    "ConnectionAdmin",
    "ConsentTextAdmin",
    "LogEntryAdmin",
    "RegistrationAdmin",
    "ScheduleAdmin",
    "SubmissionAdmin",
    "SyncRunAdmin",
    "UserAdmin",
    "WebinarAdmin",
]
