"""What a contact's page shows beside its form: facts, registrations, the timeline by webinar."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from contacts import consents, timeline
from contacts.models import Activity, Contact, FurtherEmail, Merge, OptOut
from core.numbers import whole_number
from webinars import profile_differences
from webinars.audiences import Audience, condition, everybody
from webinars.models import Registration

# So many lines of the timeline are shown at once; older ones are a page further.
_LINES = 100
# Nobody has lived through more; a database takes no offset of any size.
_MOST_PASSED = 1_000_000

Kind = Activity.Kind

# What the timeline can be narrowed to, by the word in the address.
NARROWED: dict[str, tuple[Any, tuple[Kind, ...]]] = {
    "registrations": (
        _("Registrations"),
        (
            Kind.SUBMITTED, Kind.REGISTERED, Kind.AWAITING, Kind.REJECTED, Kind.OVERFLOW,
            Kind.PROMOTED, Kind.CANCELLED, Kind.RETURNED,
        ),
    ),
    "attendance": (_("Attendance"), (Kind.ATTENDED, Kind.MISSED)),
    "questions": (_("Questions"), (Kind.QUESTION,)),
    "answers": (_("Polls and surveys"), (Kind.POLL, Kind.SURVEY)),
    "mails": (_("Mails"), (Kind.MAILED, Kind.UNSUBSCRIBED)),
    "changes": (_("Changes"), (Kind.TAKEN_OVER, Kind.IMPORTED)),
}  # fmt: skip


@dataclass(slots=True)
class Group:
    """The lines of one webinar, latest first; without a webinar, those that belong to none."""

    subject: str
    webinar_id: int | None
    lines: list[tuple[Activity, timeline.Line]] = field(default_factory=list)


def about(contact_id: int, *, start: str = "", narrowed: str = "") -> dict[str, Any]:
    """Return what the page shows; `start` is how many lines to pass over, `narrowed` of
    NARROWED, both as they stand in the address."""
    registrations = list(
        Registration.objects.filter(contact=contact_id)
        .select_related("webinar", "contact")
        .prefetch_related("aliases")
        .order_by(F("webinar__starts_at").desc(nulls_last=True))
    )
    activities = Activity.objects.filter(contact=contact_id)
    facts = activities.aggregate(
        questions=Count("pk", filter=Q(kind=Kind.QUESTION)),
        seen=Max("happened_at", filter=~Q(kind__in=(Kind.MAILED, Kind.TAKEN_OVER, Kind.IMPORTED))),
    )
    totals = Registration.objects.filter(contact=contact_id).aggregate(
        registered=Count("pk", filter=condition(Audience.REGISTERED)),
        attended=Count("pk", filter=condition(Audience.ATTENDED)),
        seconds=Coalesce(Sum("seconds_attended", filter=everybody()), 0),
    )
    if narrowed in NARROWED:
        activities = activities.filter(kind__in=NARROWED[narrowed][1])
    first = whole_number(start, _MOST_PASSED) or 0
    shown = list(activities[first : first + _LINES + 1])
    ids = {item.webinar.key: item.webinar_id for item in registrations}
    return {
        "facts": timeline.summary(**totals, questions=facts["questions"], seen=facts["seen"]),
        # In the order of the list, the newest first.
        "next_id": Contact.objects.filter(pk__lt=contact_id)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first(),
        "previous_id": Contact.objects.filter(pk__gt=contact_id)
        .order_by("pk")
        .values_list("pk", flat=True)
        .first(),
        "further_emails": FurtherEmail.objects.filter(contact=contact_id),
        "opt_out": OptOut.objects.filter(contact=contact_id).last(),
        "consent": consents.latest_consents([contact_id]).get(contact_id),
        "merges": [item for item in Merge.objects.filter(kept=contact_id) if item.undoable],
        "registrations": registrations,
        "differences": profile_differences.of_contact(contact_id),
        "groups": _by_webinar(shown[:_LINES], ids),
        "older": first + _LINES if len(shown) > _LINES else None,
        "kinds": [(name, label, name == narrowed) for name, (label, _kinds) in NARROWED.items()],
        "narrowed": narrowed if narrowed in NARROWED else "",
    }


def _by_webinar(activities: list[Activity], ids: dict[str, int]) -> list[Group]:
    """Return `activities`, latest first, by webinar; the webinar of the latest line comes first."""
    groups: dict[str, Group] = {}
    for item in activities:
        group = groups.setdefault(
            item.webinar_key, Group(item.webinar_subject, ids.get(item.webinar_key))
        )
        group.lines.append((item, timeline.describe(item)))
    return list(groups.values())
