"""Register the people of a file for a webinar, and follow the outcome."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from contact_imports.models import ContactImport, ImportLine
from contact_imports.portions import PORTION, let_others_write
from registration_forms.fields import Form, FormField, fields_of
from registration_forms.registrations import register_contacts, resubmit
from webinars.models import Registration

State = Registration.State


def register(item: ContactImport, mine: QuerySet[ContactImport], lease: dt.timedelta) -> None:
    """Register everyone of the file who can be, in portions, while `mine` finds the import."""
    after = 0
    while True:
        with transaction.atomic():
            if not mine.update(lease_until=timezone.now() + lease):
                return
            rows = item.lines.filter(number__gt=after, contact__isnull=False).order_by("number")
            lines = list(rows[:PORTION])
            if not lines:
                return
            _register(item, [line for line in lines if not line.lacking])
            after = lines[-1].number
        let_others_write()


def _register(item: ContactImport, lines: list[ImportLine]) -> None:
    webinar = item.webinar
    if webinar is None or not lines:
        return
    ids = {line.contact_id or 0 for line in lines}
    here = webinar.registrations.filter(contact__in=ids)
    ids -= set(here.values_list("contact_id", flat=True))
    register_contacts(webinar, sorted(ids), Registration.Source.IMPORT)
    made = dict(webinar.registrations.filter(contact__in=ids).values_list("contact_id", "pk"))
    new = [line for line in lines if line.contact_id in made]
    for line in new:
        line.registration_id = made[line.contact_id or 0]
    ImportLine.objects.bulk_update(new, ["registration"], batch_size=100)


def states(item: ContactImport) -> dict[str, int]:
    """Return how many of the import's registrations are in which state now."""
    rows = Registration.objects.filter(
        pk__in=item.lines.filter(registration__isnull=False).values("registration")
    )
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def to_repair(item: ContactImport) -> QuerySet[ImportLine]:
    """Return the lines of people whom the platform rejected, or who were not registered because
    they lack what the webinar requires."""
    refused = Q(registration__state=State.REJECTED)
    registered = Registration.objects.filter(webinar=item.webinar_id).values("contact")
    lacking = Q(registration__isnull=True) & ~Q(lacking=[]) & ~Q(contact__in=registered)
    rows = item.lines.filter(refused | lacking, contact__isnull=False)
    return rows.select_related("contact", "registration").order_by("number")


def fields_to_repair(item: ContactImport) -> list[FormField]:
    """Return the fields of the form that someone lacks, or that the platform named in a rejection,
    without names and email, which differ by person."""
    if item.webinar is None:
        return []
    names: set[str] = set()
    for line in to_repair(item).iterator(chunk_size=PORTION):
        names |= set(line.lacking)
        if line.registration is not None:
            names |= set(line.registration.rejected_fields)
    own = {"first_name", "last_name", "email"}
    return [field for field in fields_of(item.webinar) if field.name in names - own]


def repair(item: ContactImport, values: Mapping[str, str], form: Form) -> tuple[int, int]:
    """Send those of `to_repair` again with `values` for what they lack; return how many were sent,
    and how many still lack something."""
    sent = left = 0
    rows = to_repair(item)
    after = 0
    while lines := list(rows.filter(number__gt=after)[:PORTION]):
        after = lines[-1].number
        with transaction.atomic():
            for line in lines:
                if _repair(item, line, values, form):
                    sent += 1
                else:
                    left += 1
        let_others_write()
    return sent, left


def _repair(item: ContactImport, line: ImportLine, values: Mapping[str, str], form: Form) -> bool:
    contact, registration = line.contact, line.registration
    if contact is None or item.webinar is None:
        return False
    submitted = dict(registration.submitted) if registration else {}
    named = set(registration.rejected_fields) if registration else set()
    # A value that the form does not accept is replaced too.
    named |= set(line.lacking)
    for name, value in values.items():
        # What the platform named was rejected as it is.
        if name in named or not (submitted.get(name) or getattr(contact, name, "")):
            submitted[name] = value
    if form.missing(submitted, contact):
        return False
    if registration is not None:
        return resubmit(registration, submitted)
    _register(item, [line])
    if line.registration_id is None:
        return False
    Registration.objects.filter(pk=line.registration_id).update(submitted=submitted)
    return True
