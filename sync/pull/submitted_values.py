"""Keeping what people submitted with their registration, as its details tell it (rule 3).

A contact is never changed by it: differences are offered (`webinars.profile_differences`).
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from platforms.records import RegistrantDetails
from registration_forms.fields import Form
from registration_forms.models import Submission
from sync.pull.changes import Data
from sync.pull.plan import source_of, submitted_values
from sync.pull.registrant_details import Details
from webinars.models import Registration, Webinar


def save_submitted_values(webinar: Webinar, details: Details) -> None:
    """Write what was read of registrants of `webinar`, and that they were asked for.

    Of whom the platform does not know any more there is nothing to read.
    """
    now = timezone.now()
    posted = Submission.objects.filter(registration=OuterRef("pk"))
    with transaction.atomic():
        # Who is being written by a sync is left out, not waited for, and read another time: each
        # of the two holds rows that the other may want.
        rows = (
            _of(webinar, details.found)
            .annotate(posted=Exists(posted))
            .select_related("contact")
            .select_for_update(of=("self",), skip_locked=True)
        )
        changed = []
        form = Form.of(webinar)
        for row in rows:
            found = details.found[row.registrant_key]
            # Ours is what a form of ours collected, or a colleague or a file told.
            ours = row.source != Registration.Source.PLATFORM or row.posted
            row.submitted = (
                _with_missing(row, found, form) if ours else row.submitted | submitted_values(found)
            )
            row.referral_source = row.referral_source or source_of(found)
            row.details_read_at = now
            changed.append(row)
        Registration.objects.bulk_update(
            changed, ["submitted", "referral_source", "details_read_at"]
        )
    _of(webinar, details.gone).update(details_read_at=now)


def _of(webinar: Webinar, keys: Collection[str]) -> QuerySet[Registration]:
    rows = Registration.objects.filter(webinar=webinar, registrant_key__in=keys)
    return rows.exclude(registrant_key="").order_by()


def _with_missing(row: Registration, details: RegistrantDetails, form: Form) -> Data:
    """Return what the person gave here, and what only the platform has.

    What is in their contact was sent there from it, as far as the platform accepts it: no one
    gave that.
    """
    submitted: Data = dict(row.submitted)
    sent = {(item["name"], item["sent"]) for item in row.sent_differently}
    # A registration whose push was cut short has no note of what was sent.
    sent |= form.accepted(row.submitted, row.contact).values.items()
    for name, value in submitted_values(details).items():
        if name == "answers":
            known = {question for question, _answer in submitted.get(name, [])}
            new = [[question, answer] for question, answer in value if question not in known]
            if new:
                submitted[name] = [*submitted.get(name, []), *new]
        elif not (
            submitted.get(name)
            or value == getattr(row.contact, name, "")
            or (name, value.strip()) in sent
        ):
            submitted[name] = value
    return submitted
