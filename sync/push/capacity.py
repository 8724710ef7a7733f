"""Refresh what our form needs: the platform's fields, and the number of seats."""

import datetime as dt

from django.utils import timezone

from platforms.contract import Client
from platforms.records import RegistrationFields, WebinarDetails
from registration_forms import fields as formfields
from webinars.models import Webinar

# How long a count of seats is trusted when asking again would cost a call a person.
TRUSTED = dt.timedelta(seconds=30)


def refresh_form_fields(webinar: Webinar, client: Client) -> None:
    """Read the fields of the form and the seats, a call each. Raises PlatformError."""
    save_form_fields(webinar, client.registration_fields(webinar.key))
    refresh_capacity(webinar, client.webinar(webinar.key))


def save_form_fields(webinar: Webinar, fields: RegistrationFields) -> None:
    """Save the fields if they changed, and which became required.

    If part of them could not be read, the known fields stay (rule 10).
    """
    if fields.skipped and webinar.form_fields is not None:
        return
    kept = formfields.stored(fields)
    if kept == webinar.form_fields:
        return
    webinar.newly_required = _newly_required(webinar, fields)
    webinar.form_fields = kept
    webinar.save(update_fields=["form_fields", "newly_required"])


def _newly_required(webinar: Webinar, fields: RegistrationFields) -> dict[str, str]:
    """Return the fields required now but not when the form was first read, and since when."""
    now = formfields.required_of(fields)
    if webinar.form_fields is None:
        return {}
    before = {item.name for item in formfields.fields_of(webinar) if item.required}
    before |= {item.question for item in formfields.questions_of(webinar) if item.required}
    known = {name: at for name, at in webinar.newly_required.items() if name in now}
    at = timezone.now().isoformat()
    return known | {name: at for name in now if name not in before}


def refresh_capacity(webinar: Webinar, details: WebinarDetails) -> None:
    """Save the seats. An unchanged count of a webinar with free seats is not written again: a sync
    without changes writes nothing."""
    read = (details.registration_limit, details.number_of_registrants, details.organizer_name[:255])
    known = (webinar.registration_limit, webinar.registrant_count, webinar.organizer_name)
    if read == known and not details.is_full:
        return
    webinar.registration_limit, webinar.registrant_count, webinar.organizer_name = read
    webinar.capacity_read_at = timezone.now()
    webinar.save(
        update_fields=[
            "registration_limit",
            "registrant_count",
            "organizer_name",
            "capacity_read_at",
        ]
    )


def known_full(webinar: Webinar) -> bool:
    """Return whether the webinar was full a moment ago, so asking the platform again would be
    pointless."""
    return (
        webinar.free_seats == 0
        and webinar.capacity_read_at is not None
        and timezone.now() - webinar.capacity_read_at < TRUSTED
    )
