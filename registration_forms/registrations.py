"""Save registrations, whoever makes them, before they are pushed."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts import consents
from contacts.activities import record_activity
from contacts.matching import contacts_by_email
from contacts.models import PROPERTIES, Activity, Contact
from core.emails import email_key
from registration_forms.models import ConsentText, Submission
from webinars import internal
from webinars.models import Registration, Webinar
from webinars.models.registration import submitted_key
from webinars.registration_events import registrations_changed
from webinars.signals import registrations_due, waiting_list_joined

State = Registration.State
Source = Registration.Source
SubmittedValues = dict[str, Any]
_BATCH = 500


@dataclass(frozen=True, slots=True)
class FormData:
    """A submitted form. `submitted` holds first_name, last_name and email, the other fields that
    were filled in, and `answers` as (question, answer) pairs.

    A form of another system has its name as a stored text (`core.messages.part`) in `form`, its
    time in `submitted_at`, and in `marketing_text` what the person agreed to. `origin` is where the
    visitor came from; `corrects` is an earlier submission of the same person whose secret the
    sender knows. With `status_hidden` the confirmation page does not say whether the person was
    registered before.
    """

    submitted: SubmittedValues
    referral_source: str = ""
    origin: dict[str, str] = field(default_factory=dict)
    sender: str = ""
    consent: ConsentText | None = None
    marketing_consent: ConsentText | None = None
    corrects: Submission | None = None
    status_hidden: bool = False
    form: dict[str, Any] | None = None
    submitted_at: dt.datetime | None = None
    marketing_text: str = ""


def submit(webinar: Webinar, form_data: FormData) -> Submission:
    """Save a submission in one transaction, and queue the push of the registration.

    An existing contact is not changed; a registration already on the platform is left alone.
    Someone who was deleted or erased is treated as new: they return by registering (rule 5).
    """
    submitted = form_data.submitted
    person = email_key(submitted["email"])
    with transaction.atomic():
        contact = _contact(person, submitted)
        registration, sent = _registration(contact, webinar, form_data)
        corrects = form_data.corrects
        if corrects is not None and corrects.registration_id != registration.pk:
            corrects = None
        corrects_created = (
            corrects is not None and corrects.created_by_form and not corrects.status_hidden
        )
        submission = Submission.objects.create(
            registration=registration,
            submitted=submitted,
            origin=form_data.origin | ({"form": form_data.form} if form_data.form else {}),
            sender=form_data.sender,
            consent=form_data.consent,
            marketing_consent=form_data.marketing_consent,
            created_by_form=sent or corrects_created,
            registrant_key=corrects.registrant_key if corrects and not sent else "",
            status_hidden=form_data.status_hidden and not corrects_created,
            **({"submitted_at": form_data.submitted_at} if form_data.submitted_at else {}),
        )
        if form_data.marketing_text:
            consents.agree(
                registration.contact_id,
                decided_at=submission.submitted_at,
                text_version=form_data.marketing_text,
            )
        _record_submitted(submission, contact, webinar, form_data)
        if registration.state == State.PENDING:
            transaction.on_commit(partial(registrations_due.send, Registration), robust=True)
        elif registration.state == State.OVERFLOW:
            transaction.on_commit(
                partial(waiting_list_joined.send, Registration, webinar=webinar), robust=True
            )
    return submission


def _record_submitted(
    submission: Submission, contact: Contact, webinar: Webinar, form_data: FormData
) -> None:
    agreed = submission.marketing_consent_id or form_data.marketing_text
    data: dict[str, Any] = {"marketing": True} if agreed else {}
    if form_data.form:
        data["form"] = form_data.form
    record_activity(
        Activity(
            contact=contact,
            key=f"submitted:{submission.pk}",
            kind=Activity.Kind.SUBMITTED,
            happened_at=submission.submitted_at,
            webinar_key=webinar.key,
            webinar_subject=webinar.subject,
            data=data,
        )
    )


def _contact(person: str, submitted: SubmittedValues) -> Contact:
    known = contacts_by_email([person]).get(person)
    if known is not None:
        return known
    values: dict[str, Any] = {name: submitted.get(name, "")[:255] for name in PROPERTIES}
    values |= {
        "email": submitted["email"].strip(),
        "first_name": submitted["first_name"],
        "last_name": submitted["last_name"],
        "source": Contact.Source.FORM,
    }
    # Not get_or_create, which would look the contact up once more first.
    try:
        with transaction.atomic():
            return Contact.objects.create(**values)
    except IntegrityError:
        # Another submission has created the contact since.
        return Contact.objects.get(email_key=person)


def _registration(
    contact: Contact, webinar: Webinar, form_data: FormData
) -> tuple[Registration, bool]:
    """Return the registration of a submission, and whether the submission is what is sent."""
    registration, created = Registration.objects.get_or_create(
        contact=contact,
        webinar=webinar,
        defaults=_pending(timezone.now())
        | {
            "source": Source.FORM,
            "submitted": form_data.submitted,
            "referral_source": form_data.referral_source,
        },
    )
    if created:
        _written(Registration.objects.filter(pk=registration.pk))
        return registration, True
    is_new_request = _is_new_request(registration, webinar)
    if is_new_request:
        reset_for_push(registration, form_data.submitted)
        # The platform gets other values than the earlier submissions', so its join link does not
        # belong to them.
        registration.submissions.update(created_by_form=False, registrant_key="")
    return registration, is_new_request


def _is_new_request(registration: Registration, webinar: Webinar) -> bool:
    """Return whether a new submission asks the platform again: it refused before, or the person had
    cancelled.

    Where free seats are assigned automatically, people on the waiting list keep their place.
    """
    if registration.state == State.OVERFLOW:
        return not webinar.auto_promote
    return registration.state == State.REJECTED or registration.cancelled_at is not None


def _pending(now: dt.datetime) -> dict[str, Any]:
    return {"state": State.PENDING, "registered_at": now, "next_push_at": now}


def reset_for_push(registration: Registration, submitted: SubmittedValues) -> None:
    """Queue `registration` for another push, with the present values."""
    registration.state = State.PENDING
    registration.submitted = submitted
    registration.registered_at = registration.next_push_at = timezone.now()
    registration.push_attempts = 0
    registration.problem_code = registration.platform_message = ""
    registration.problem_params = {}
    registration.rejected_fields = []
    registration.sent_differently = []
    registration.save(
        update_fields=[
            "state",
            "submitted",
            "registered_at",
            "next_push_at",
            "push_attempts",
            "problem_code",
            "problem_params",
            "platform_message",
            "rejected_fields",
            "sent_differently",
        ]
    )
    _written(Registration.objects.filter(pk=registration.pk))


def _written(rows: QuerySet[Registration]) -> None:
    """Mark those of `rows` that are internal, and write outbox events."""
    internal.refresh(rows)
    registrations_changed(rows)


def save_registrant_key(registration: Registration, registrant_key: str) -> None:
    """Save with the submission that was sent which registrant the platform created.

    If a colleague corrected the address, the submission is not what was sent.
    """
    sent = submitted_key(registration.submitted)
    made = [
        pk
        for pk, submitted in registration.submissions.filter(created_by_form=True).values_list(
            "pk", "submitted"
        )
        if submitted_key(submitted) == sent
    ]
    Submission.objects.filter(pk__in=made).update(registrant_key=registrant_key)


def resubmit(
    registration: Registration, submitted: SubmittedValues, seen: dt.datetime | None = None
) -> bool:
    """Push a rejected registration with a colleague's corrections; False if it has changed in the
    meantime, or was sent again since `seen`: the time of registering shown to the colleague."""
    with transaction.atomic():
        refused = Registration.objects.select_for_update().filter(
            pk=registration.pk, state=State.REJECTED
        )
        if seen is not None:
            refused = refused.filter(registered_at=seen)
        row = refused.first()
        if row is None:
            return False
        reset_for_push(row, submitted)
        transaction.on_commit(partial(registrations_due.send, Registration), robust=True)
    return True


@dataclass(slots=True)
class RegisterResult:
    """How many people were newly registered, and how many were registered before."""

    new: int = 0
    known: int = 0


def register_contacts(
    webinar: Webinar, contact_ids: Iterable[int], source: Source
) -> RegisterResult:
    """Register existing contacts, and queue their pushes.

    Contacts with a registration, in whatever state, are left alone.
    """
    result = RegisterResult()
    ids = list(contact_ids)
    for start in range(0, len(ids), _BATCH):
        portion = ids[start : start + _BATCH]
        with transaction.atomic():
            here = webinar.registrations.filter(contact__in=portion)
            known = set(here.values_list("contact_id", flat=True))
            rows = Contact.objects.filter(pk__in=set(portion) - known).order_by("pk")
            new = [
                Registration(
                    contact_id=pk, webinar=webinar, source=source, **_pending(timezone.now())
                )
                for pk in rows.values_list("pk", flat=True)
            ]
            Registration.objects.bulk_create(new, ignore_conflicts=True)
            _written(
                Registration.objects.filter(
                    webinar=webinar, contact__in=[item.contact_id for item in new]
                )
            )
            result.new += len(new)
            result.known += len(known)
    if result.new:
        # After the commit of an outer transaction: before, a pusher does not see the rows.
        transaction.on_commit(partial(registrations_due.send, Registration), robust=True)
    return result
