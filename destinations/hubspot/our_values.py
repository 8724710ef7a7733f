"""Our values that can be mapped to contact properties of HubSpot."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy

from destinations.models.portal import STANDARD_MAPPING
from registration_forms.fields import LABELS
from webinars.models import Webinar

# The prefix of answers to the organizers' own questions, followed by the question.
ANSWER = "answer:"
REFERRAL_SOURCE = "referral_source"
# The join link, which the platform gives each registrant.
JOIN_LINK = "join_url"
_LABELS = {REFERRAL_SOURCE: gettext_lazy("Source"), JOIN_LINK: gettext_lazy("Join link")}
# The organizer's further fields, as in `Registration.submitted`.
FURTHER = ("employees", "purchasing_time_frame", "purchasing_role", "comments")
# Our values other than answers.
KNOWN = tuple(dict.fromkeys((*STANDARD_MAPPING, *FURTHER, *_LABELS)))
LONGEST_KEY = 400
# Questions of this many of the latest webinars are offered.
_WEBINARS = 300


def label_of(key: str) -> Any:
    """Return the label of one of our values."""
    if key.startswith(ANSWER):
        return key.removeprefix(ANSWER)
    return _LABELS.get(key) or LABELS.get(key, key)


def is_ours(key: str) -> bool:
    """Return whether `key` is one of our values; any question is possible."""
    if key.startswith(ANSWER):
        return len(ANSWER) < len(key) <= LONGEST_KEY
    return key in KNOWN


def offered(mapped: Iterable[str]) -> list[tuple[str, Any]]:
    """Return (key, label) of the values without a row in the mapping."""
    taken = set(mapped)
    keys = [*KNOWN, *_answers()]
    return [(key, label_of(key)) for key in dict.fromkeys(keys) if key not in taken]


def _answers() -> list[str]:
    """Return the keys of the questions of the latest webinars, sorted."""
    webinars = Webinar.objects.exclude(form_fields=None).order_by("-starts_at", "-pk")
    found = set()
    for fields in webinars.values_list("form_fields", flat=True)[:_WEBINARS]:
        for question in fields.get("questions", []) if isinstance(fields, dict) else []:
            found.add(f"{ANSWER}{question.get('question', '')}".strip())
    return sorted(key for key in found if is_ours(key))
