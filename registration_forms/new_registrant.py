"""The data of a registrant for the platform."""

from platforms.records import NewRegistrant
from registration_forms.fields import Form
from webinars.models import Registration
from webinars.sent_values import SentValue


def new_registrant(registration: Registration) -> tuple[NewRegistrant, list[SentValue]]:
    """Return the data to send: submitted values, else those of the contact, as far as the platform
    accepts them; and the changed or omitted ones."""
    contact, submitted = registration.contact, registration.submitted
    form = Form.of(registration.webinar)
    accepted = form.accepted(submitted, contact)
    answers, changed_answers = form.answers(submitted)
    values = accepted.values
    email = submitted.get("email") or contact.email
    registrant = NewRegistrant(
        first_name=values.pop("first_name", ""),
        last_name=values.pop("last_name", ""),
        # A name that is too long is sent as it is, and the platform refuses it.
        email=values.pop("email", email),
        properties=values,
        source=registration.referral_source,
        answers=tuple(answers),
    )
    return registrant, accepted.changes + changed_answers
