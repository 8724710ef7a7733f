"""The values of a person, by the names that the operator maps to properties of HubSpot."""

from collections.abc import Iterable, Mapping

from contacts.models import Contact
from contacts.models.contact import PROPERTIES
from destinations.hubspot.our_values import ANSWER, FURTHER, REFERRAL_SOURCE
from webinars.models import Registration

# The join link, which the platform gives each registrant.
JOIN_LINK = "join_url"


def known_values(contact: Contact, registrations: Iterable[Registration] = ()) -> dict[str, str]:
    """Return the values of a contact, and those submitted with `registrations`, of which the first
    with a value counts."""
    found = {
        name: str(getattr(contact, name))
        for name in ("email", "first_name", "last_name", *PROPERTIES)
    }
    for registration in registrations:
        for name, value in _submitted(registration).items():
            if value and not found.get(name):
                found[name] = value
    return found


def _submitted(registration: Registration) -> Mapping[str, str]:
    submitted = registration.submitted
    found = {name: str(submitted.get(name) or "") for name in (*FURTHER, *PROPERTIES)}
    found |= {JOIN_LINK: registration.join_url, REFERRAL_SOURCE: registration.referral_source}
    for question, answer in submitted.get("answers") or ():
        found.setdefault(f"{ANSWER}{question}", str(answer or ""))
    return found
