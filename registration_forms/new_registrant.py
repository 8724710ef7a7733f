"""What the platform is sent about a person who registers."""

from platforms.records import NewRegistrant
from registration_forms.fields import Form
from webinars.models import Registration
from webinars.sent_values import SentValue


def new_registrant(registration: Registration) -> tuple[NewRegistrant, list[SentValue]]:
    """Return what the platform is sent: what the person gave, else what is known of the contact, as
    far as the platform accepts it; and the values that are changed or left out."""
    contact, submitted = registration.contact, registration.submitted
    form = Form.of(registration.webinar)
    accepted = form.accepted(submitted, contact)
    answers, changed_answers = form.answers(submitted)
    values = accepted.values
    email = submitted.get("email") or contact.email
    registrant = NewRegistrant(
        first_name=values.pop("first_name", ""),
        last_name=values.pop("last_name", ""),
        # One that is too long goes there as it is: the platform says so.
        email=values.pop("email", email),
        properties=values,
        source=registration.referral_source,
        answers=tuple(answers),
    )
    return registrant, accepted.changes + changed_answers
