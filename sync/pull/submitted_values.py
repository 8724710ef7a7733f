"""Save what people submitted with their registration, from its details (rule 3).

Contacts are not changed: differences are offered for review (`webinars.profile_differences`).
"""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from platforms.records import RegistrantDetails
from registration_forms.fields import Form
from registration_forms.models import Submission
from sync.pull.changes import Data
from sync.pull.plan import source_of, submitted_values
from sync.pull.registrant_details import Details
from sync.pull.snapshot import of_registrants
from webinars.models import Registration, Webinar


def save_submitted_values(webinar: Webinar, details: Details) -> None:
    """Save the details of registrants of `webinar`, and that they were read.

    For registrants that the platform no longer has there are no details.
    """
    now = timezone.now()
    posted = Submission.objects.filter(registration=OuterRef("pk"))
    with transaction.atomic():
        # Rows locked by a sync are skipped and read another time, because each of the two holds
        # rows that the other may want.
        rows = (
            of_registrants(webinar, details.found)
            .annotate(posted=Exists(posted))
            .select_related("contact")
            .select_for_update(of=("self",), skip_locked=True)
        )
        changed = []
        form = Form.of(webinar)
        for row in rows:
            found = details.found[row.registrant_key]
            # Submitted here: through our form, by a colleague or in a file.
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
    of_registrants(webinar, details.gone).update(details_read_at=now)


def _with_missing(row: Registration, details: RegistrantDetails, form: Form) -> Data:
    """Return the values submitted here, with further values of the platform.

    Values of the contact were sent to the platform by us, as far as it accepts them: no one
    submitted those.
    """
    submitted: Data = dict(row.submitted)
    sent = {(item["name"], item["sent"]) for item in row.sent_differently}
    # A registration whose push was interrupted has no record of what was sent.
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
