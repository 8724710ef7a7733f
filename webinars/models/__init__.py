"""Webinars and who registered for them, what syncs did and found, and segments of contacts."""

from webinars.models.attendance import Attendance, Session
from webinars.models.comparison import Comparison, ComparisonDifference, Reason, Side
from webinars.models.connection import CallBudget, CallCount, Connection
from webinars.models.contactimport import ContactImport
from webinars.models.dryrun import DryRun
from webinars.models.registration import OtherRegistrant, Registration
from webinars.models.segment import Segment
from webinars.models.submission import ConsentText, Submission
from webinars.models.syncrun import SyncRun
from webinars.models.webhooks import WebhookEvent, WebhookSecret, WebhookSetup
from webinars.models.webinar import Webinar
from webinars.models.wish import Wish

__all__ = [
    "Attendance",
    "CallBudget",
    "CallCount",
    "Comparison",
    "ComparisonDifference",
    "Connection",
    "ConsentText",
    "ContactImport",
    "DryRun",
    "OtherRegistrant",
    "Reason",
    "Registration",
    "Segment",
    "Session",
    "Side",
    "Submission",
    "SyncRun",
    "WebhookEvent",
    "WebhookSecret",
    "WebhookSetup",
    "Webinar",
    "Wish",
]
