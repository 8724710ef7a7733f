"""Submitted values that are not properties of a contact, as labels and texts."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from webinars.models import Registration
from webinars.profile_differences import TAKEN

LABELS = {
    "employees": gettext_lazy("Number of employees"),
    "purchasing_time_frame": gettext_lazy("Time frame for buying"),
    "purchasing_role": gettext_lazy("Role in buying"),
    "comments": gettext_lazy("Questions and comments"),
}
# Left out: properties of contacts, and values shown otherwise.
_ELSEWHERE = {"email", "answers", "registration_type", *TAKEN}


def further_values(registration: Registration) -> list[tuple[str, str]]:
    """Return (label, text) of the organizer's further fields, answers, source, and whether they
    registered for the recording."""
    submitted: dict[str, Any] = registration.submitted
    values = [
        (str(label), str(submitted[name])) for name, label in LABELS.items() if submitted.get(name)
    ]
    rest = submitted.keys() - _ELSEWHERE - LABELS.keys()
    values += [(name, str(submitted[name])) for name in sorted(rest) if submitted[name]]
    values += [(question, answer) for question, answer in submitted.get("answers", []) if answer]
    if registration.referral_source:
        values.append((_("Source"), registration.referral_source))
    if submitted.get("registration_type"):
        values.append(
            (pgettext("one person", "Registered"), _("after the webinar, for its recording"))
        )
    return values
