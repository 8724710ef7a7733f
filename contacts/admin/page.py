"""The page of a contact: details, figures, sections of other packages, and the timeline."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contacts import consents, tags, timeline
from contacts.models import Activity, AlternateEmail, Contact, Merge, OptOut
from contacts.panels import (
    contact_panels,
    facts,
    personal_data_requirements,
    timeline_links,
)
from contacts.timeline import property_label
from core import dates
from core.figures import Figure
from core.numbers import whole_number

# Timeline entries a page.
_LINES = 100
# An upper limit for the offset; no contact has more entries.
_MOST_PASSED = 1_000_000

# Parameters that are not part of a page's address.
_SHORT_PROPERTIES = ("job_title", "organization", "industry", "phone", "country")

Kind = Activity.Kind

# The filters of the timeline, by their name in the query.
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
    """The entries about one webinar, latest first, or those without a webinar."""

    subject: str
    address: str
    lines: list[tuple[Activity, timeline.Line]] = field(default_factory=list)


def about(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """Return the template context of `contact`. The query says how many timeline entries to skip,
    and by which of NARROWED they are filtered."""
    activities = Activity.objects.filter(contact=contact.pk)
    own = activities.aggregate(
        questions=Count("pk", filter=Q(kind=Kind.QUESTION)),
        seen=Max("happened_at", filter=timeline.DONE_BY_THEM),
    )
    narrowed = request.GET.get("only", "")
    if narrowed in NARROWED:
        activities = activities.filter(kind__in=NARROWED[narrowed][1])
    first = whole_number(request.GET.get("from", ""), _MOST_PASSED) or 0
    shown = list(activities[first : first + _LINES + 1])
    user = request.user
    return contact_panels.context(request, contact) | {
        "original": contact,
        "initials": f"{contact.first_name[:1]}{contact.last_name[:1]}".upper(),
        "role": [
            part for part in (contact.job_title, contact.organization, contact.country) if part
        ],
        "figures": [
            *(figure for item in facts.before() for figure in item.figures(contact)),
            Figure(_("Questions"), own["questions"]),
            *(figure for item in facts.after() for figure in item.figures(contact)),
        ],
        "details": _details(contact, seen=own["seen"]),
        "tags": tags.names_of([contact.pk]).get(contact.pk, ()),
        "page_actions": [
            action
            for action in contact_panels.actions
            if action.page_label and user.has_perm(action.permission)
        ],
        "may_take_everything": user.has_perms(
            [item.permission for item in personal_data_requirements]
        ),
        # In the order of the list, the newest first.
        "next": {"attrs": {"rel": "next"}},
        "previous": {"attrs": {"rel": "prev"}},
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
        "merges": [item for item in Merge.objects.filter(survivor=contact.pk) if item.undoable],
        "groups": _by_webinar(shown[:_LINES], _addresses(contact)),
        "older": first + _LINES if len(shown) > _LINES else None,
        "kinds": [(name, label, name == narrowed) for name, (label, _kinds) in NARROWED.items()],
        "narrowed": narrowed if narrowed in NARROWED else "",
    }


def _details(contact: Contact, seen: dt.datetime | None) -> list[tuple[Any, str]]:
    """Return the details of `contact` as labels and texts; `seen` is their last activity."""
    place = " ".join(part for part in (contact.zip_code, contact.city) if part)
    lines = (contact.address, place, contact.state)
    known: list[tuple[Any, str]] = [
        *((property_label(name), getattr(contact, name)) for name in _SHORT_PROPERTIES),
        (_("Address"), "\n".join(line for line in lines if line)),
        (_("Source"), contact.get_source_display()),
        (_("Last seen"), dates.day(seen) if seen else ""),
        (_("Created"), dates.day(contact.created_at)),
        (_("Last changed"), dates.day(contact.updated_at)),
    ]
    return [(capfirst(label), text) for label, text in known if text]


def _addresses(contact: Contact) -> dict[str, str]:
    """Return the URL of each webinar's page by the webinar's key, from the packages above."""
    return {
        key: address
        for links in timeline_links
        for key, address in links.addresses(contact).items()
    }


def _by_webinar(activities: list[Activity], addresses: Mapping[str, str]) -> list[Group]:
    """Group `activities`, latest first, by webinar; the webinar of the latest entry comes first."""
    groups: dict[str, Group] = {}
    for item in activities:
        group = groups.setdefault(
            item.webinar_key, Group(item.webinar_subject, addresses.get(item.webinar_key, ""))
        )
        group.lines.append((item, timeline.describe(item)))
    return list(groups.values())
