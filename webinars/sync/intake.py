"""Taking in a posting of our form: kept first, pushed after."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.deletion import tombstones_of
from contacts.emails import email_key
from contacts.models import PROPERTIES, Activity, Contact
from webinars.models import Registration, Submission, Webinar
from webinars.sync.queue import queue_push

State = Registration.State
# Where a new posting asks GoTo again: it refused before, was full, or the person had cancelled.
_TRIED_AGAIN = (State.OVERFLOW, State.REJECTED)


class ErasedForGood(Exception):
    """The person was erased for good: nothing is kept, and nothing must be (rule 5)."""


def submit(
    webinar: Webinar,
    given: dict[str, str],
    *,
    source: Registration.Source = Registration.Source.FORM,
) -> Submission:
    """Keep what a person gave, in one transaction, and queue the push of the registration.

    `given` holds first_name, last_name and email, and those of contacts.models.PROPERTIES that
    were filled in. A contact already here is not changed by it; a registration already on GoTo's
    list stays as it is. Raises ErasedForGood, and then keeps nothing.
    """
    person = email_key(given["email"])
    with transaction.atomic():
        contact = _contact(person, given)
        registration = _registration(contact, webinar, given, source)
        submission = Submission.objects.create(registration=registration, given=given)
        Activity.objects.create(
            contact=contact,
            key=f"submitted:{submission.pk}",
            kind=Activity.Kind.SUBMITTED,
            happened_at=submission.submitted_at,
            webinar_key=webinar.key,
            webinar_subject=webinar.subject,
        )
        if registration.state == State.PENDING:
            transaction.on_commit(lambda: queue_push(registration), robust=True)
    return submission


def _contact(person: str, given: dict[str, str]) -> Contact:
    known = Contact.objects.filter(email_key=person).first()
    if known is not None:
        return known
    stone = tombstones_of([person]).get(person)
    if stone is not None and stone.for_good:
        raise ErasedForGood
    values: dict[str, Any] = {name: given.get(name, "") for name in PROPERTIES}
    contact, _ = Contact.objects.get_or_create(
        email_key=person,
        defaults=values
        | {
            "email": given["email"].strip(),
            "first_name": given["first_name"],
            "last_name": given["last_name"],
            "source": Contact.Source.FORM,
        },
    )
    return contact


def _registration(
    contact: Contact, webinar: Webinar, given: dict[str, str], source: Registration.Source
) -> Registration:
    now = timezone.now()
    registration, created = Registration.objects.get_or_create(
        contact=contact,
        webinar=webinar,
        defaults={
            "state": State.PENDING,
            "source": source,
            "registered_at": now,
            "given": given,
            "next_push_at": now,
        },
    )
    if not created and (registration.state in _TRIED_AGAIN or registration.cancelled_at):
        registration.state = State.PENDING
        registration.given = given
        registration.next_push_at = now
        registration.push_attempts = 0
        registration.problem = registration.goto_words = ""
        registration.goto_fields = []
        registration.save()
    return registration
