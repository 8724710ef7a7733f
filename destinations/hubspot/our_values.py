"""What is known of a person here that a contact property of HubSpot can be given."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy

from destinations.models.portal import STANDARD_MAPPING
from registration_forms.fields import LABELS
from webinars.models import Webinar

# Answers to the organizers' own questions begin with it, followed by the question.
ANSWER = "answer:"
REFERRAL_SOURCE = "referral_source"
# The link to join, which the platform gives each registrant.
JOIN_LINK = "join_url"
_LABELS = {REFERRAL_SOURCE: gettext_lazy("Source"), JOIN_LINK: gettext_lazy("Join link")}
# The organizer's further fields, as `Registration.submitted` has them.
FURTHER = ("employees", "purchasing_time_frame", "purchasing_role", "comments")
LONGEST_KEY = 400
# Questions of so many webinars, the latest, are offered.
_WEBINARS = 300


def label_of(key: str) -> Any:
    """Return what people read for one of our values."""
    if key.startswith(ANSWER):
        return key.removeprefix(ANSWER)
    return _LABELS.get(key) or LABELS.get(key, key)


def is_ours(key: str) -> bool:
    """Tell whether `key` names one of our values; any question may have been asked."""
    if key.startswith(ANSWER):
        return len(ANSWER) < len(key) <= LONGEST_KEY
    return key in STANDARD_MAPPING or key in FURTHER or key in _LABELS


def offered(mapped: Iterable[str]) -> list[tuple[str, Any]]:
    """Return (key, label) of the values that are in no row of the mapping yet."""
    taken = set(mapped)
    keys = [*STANDARD_MAPPING, *FURTHER, *_LABELS, *_answers()]
    return [(key, label_of(key)) for key in dict.fromkeys(keys) if key not in taken]


def _answers() -> list[str]:
    """Return the keys of the questions that the latest webinars ask, by the alphabet."""
    webinars = Webinar.objects.exclude(form_fields=None).order_by("-starts_at", "-pk")
    found = set()
    for fields in webinars.values_list("form_fields", flat=True)[:_WEBINARS]:
        for question in fields.get("questions", []) if isinstance(fields, dict) else []:
            found.add(f"{ANSWER}{question.get('question', '')}".strip())
    return sorted(key for key in found if is_ours(key))
