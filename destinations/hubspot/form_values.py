"""Convert a submission of a HubSpot form to a registration, or the reason why it is none."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from contacts.matching import contacts_by_email
from contacts.tombstones import tombstones_of
from core import messages
from core.emails import email_key
from core.typed_text import has_address, one_line
from destinations.hubspot.form_mapping import QUESTION
from destinations.hubspot.forms_client import HubSpotSubmission
from destinations.models.form_source import FormSource
from registration_forms.fields import as_parts, fields_of, questions_of
from registration_forms.forms import LONGEST_EMAIL
from registration_forms.registrations import FormData
from webinars.models import Webinar

NO_TIME = "hubspot-form.no-time"
NO_EMAIL = "hubspot-form.no-email"
BAD_EMAIL = "hubspot-form.bad-email"
MISSING = "hubspot-form.missing"
ADVERTISEMENT = "hubspot-form.advertisement"
NOT_STORED = "hubspot-form.not-stored"
CLOSED = "hubspot-form.closed"
DELETED = "hubspot-form.deleted"
# What a checkbox, or a choice of yes and no, contains for yes.
_YES = {"true", "yes", "1", "on", "checked"}
_LONGEST = 4096
_NAMES = ("first_name", "last_name")


class NotUnderstood(Exception):
    """A submission that cannot be registered as it is; it is retried."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class LeftOut(NotUnderstood):
    """A submission that will never be a registration."""


def key_of(submission: HubSpotSubmission) -> str:
    """Return the keyed hash of a submission's time and address; without an address, of its time and
    all values. It does not depend on the mapping, which may change."""
    email = email_key(submission.values.get("email", ""))
    who = email or json.dumps(submission.values, sort_keys=True)
    at = submission.at.isoformat() if submission.at else ""
    text = f"hubspot-form {at} {who}"
    key = settings.CONTACT_HASH_KEY.encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def form_data(source: FormSource, submission: HubSpotSubmission) -> FormData:
    """Return the registration. Raises NotUnderstood and LeftOut."""
    if submission.at is None:
        raise NotUnderstood(NO_TIME)
    submitted = _submitted(source, submission.values)
    _check_person(submitted, submission.at)
    if source.webinar.state == Webinar.State.GONE or source.webinar.is_over:
        raise LeftOut(CLOSED)
    agreed = submission.values.get(source.consent_field, "") if source.consent_field else ""
    return FormData(
        submitted=submitted,
        form=messages.part("hubspot-form.source", name=source.form_name),
        submitted_at=submission.at,
        marketing_text=f"HubSpot form {source.form_name}"[:255] if _is_yes(agreed) else "",
    )


def _submitted(source: FormSource, values: Mapping[str, str]) -> dict[str, Any]:
    values = {
        ours: one_line(values.get(theirs, ""))[:_LONGEST]
        for ours, theirs in source.mapping.items()
        if theirs
    }
    submitted: dict[str, Any] = {
        item.name: values[item.name] for item in fields_of(source.webinar) if values.get(item.name)
    }
    answers = [
        [item.question, values[f"{QUESTION}{item.key}"]]
        for item in questions_of(source.webinar)
        if values.get(f"{QUESTION}{item.key}")
    ]
    return submitted | ({"answers": answers} if answers else {})


def _check_person(submitted: dict[str, Any], at: dt.datetime) -> None:
    """Fill in the names of a known person. Raises NotUnderstood and LeftOut."""
    email = submitted.get("email", "")
    if not email:
        raise NotUnderstood(NO_EMAIL)
    try:
        validate_email(email)
    except ValidationError:
        raise NotUnderstood(BAD_EMAIL) from None
    if len(email) > LONGEST_EMAIL:
        raise NotUnderstood(BAD_EMAIL)
    person = email_key(email)
    known = contacts_by_email([person]).get(person)
    for name in _NAMES:
        if not submitted.get(name) and known is not None:
            submitted[name] = getattr(known, name)
    missing = [name for name in _NAMES if not submitted.get(name)]
    if missing:
        raise NotUnderstood(MISSING, fields=as_parts(missing))
    if any(has_address(submitted[name]) for name in _NAMES):
        raise NotUnderstood(ADVERTISEMENT)
    for name in _NAMES:
        submitted[name] = submitted[name][:128]
    stone = tombstones_of([person]).get(person)
    if known is None and stone is not None and at <= stone.deleted_at:
        raise LeftOut(DELETED)


def _is_yes(text: str) -> bool:
    return any(part.strip().casefold() in _YES for part in text.split(";"))
