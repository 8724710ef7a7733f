"""What a contact's page shows beside its form: facts, sections of other packages, the timeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contacts import consents, timeline
from contacts.models import Activity, AlternateEmail, Contact, Merge, OptOut
from contacts.panels import contact_panels, facts, personal_data_requirements, timeline_links
from core.numbers import whole_number

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
    "mails": (_("Emails"), (Kind.MAILED, Kind.UNSUBSCRIBED)),
    "changes": (_("Changes"), (Kind.PROFILE_UPDATED, Kind.IMPORTED)),
}  # fmt: skip


@dataclass(slots=True)
class Group:
    """The lines of one webinar, latest first; without a webinar, those that belong to none."""

    subject: str
    address: str
    lines: list[tuple[Activity, timeline.Line]] = field(default_factory=list)


def about(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """Return what the page shows of `contact`; how many lines of the timeline to pass over, and to
    which of NARROWED it is narrowed, stands in the address."""
    activities = Activity.objects.filter(contact=contact.pk)
    own = activities.aggregate(
        questions=Count("pk", filter=Q(kind=Kind.QUESTION)),
        seen=Max(
            "happened_at", filter=~Q(kind__in=(Kind.MAILED, Kind.PROFILE_UPDATED, Kind.IMPORTED))
        ),
    )
    narrowed = request.GET.get("only", "")
    if narrowed in NARROWED:
        activities = activities.filter(kind__in=NARROWED[narrowed][1])
    first = whole_number(request.GET.get("from", ""), _MOST_PASSED) or 0
    shown = list(activities[first : first + _LINES + 1])
    user = request.user
    return contact_panels.context(request, contact) | {
        "facts": ", ".join(
            (
                *(part for item in facts.before() for part in item.line(contact)),
                *timeline.summary(questions=own["questions"], seen=own["seen"]),
                *(part for item in facts.after() for part in item.line(contact)),
            )
        ),
        "page_actions": [
            action
            for action in contact_panels.actions
            if action.on_page and user.has_perm(action.permission)
        ],
        "may_take_everything": user.has_perms(
            [item.permission for item in personal_data_requirements]
        ),
        # In the order of the list, the newest first.
        "next_id": Contact.objects.filter(pk__lt=contact.pk)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first(),
        "previous_id": Contact.objects.filter(pk__gt=contact.pk)
        .order_by("pk")
        .values_list("pk", flat=True)
        .first(),
        "alternate_emails": AlternateEmail.objects.filter(contact=contact.pk),
        "opt_out": OptOut.objects.filter(contact=contact.pk).last(),
        "consent": consents.latest_consents([contact.pk]).get(contact.pk),
        "merges": [item for item in Merge.objects.filter(kept=contact.pk) if item.undoable],
        "groups": _by_webinar(shown[:_LINES], _addresses(contact)),
        "older": first + _LINES if len(shown) > _LINES else None,
        "kinds": [(name, label, name == narrowed) for name, (label, _kinds) in NARROWED.items()],
        "narrowed": narrowed if narrowed in NARROWED else "",
    }


def _addresses(contact: Contact) -> dict[str, str]:
    """Return the address of the page of each webinar that the packages above know, by its key."""
    return {
        key: address
        for links in timeline_links
        for key, address in links.addresses(contact).items()
    }


def _by_webinar(activities: list[Activity], addresses: Mapping[str, str]) -> list[Group]:
    """Return `activities`, latest first, by webinar; the webinar of the latest line comes first."""
    groups: dict[str, Group] = {}
    for item in activities:
        group = groups.setdefault(
            item.webinar_key, Group(item.webinar_subject, addresses.get(item.webinar_key, ""))
        )
        group.lines.append((item, timeline.describe(item)))
    return list(groups.values())
