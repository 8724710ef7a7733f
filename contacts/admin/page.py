"""What a contact's page shows: who they are, figures, sections of other packages, the timeline."""

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

# So many lines of the timeline are shown at once; older ones are a page further.
_LINES = 100
# Nobody has lived through more; a database takes no offset of any size.
_MOST_PASSED = 1_000_000

# Those that are not a part of the address.
_SHORT_PROPERTIES = ("job_title", "organization", "industry", "phone", "country")

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
        "merges": [item for item in Merge.objects.filter(kept=contact.pk) if item.undoable],
        "groups": _by_webinar(shown[:_LINES], _addresses(contact)),
        "older": first + _LINES if len(shown) > _LINES else None,
        "kinds": [(name, label, name == narrowed) for name, (label, _kinds) in NARROWED.items()],
        "narrowed": narrowed if narrowed in NARROWED else "",
    }


def _details(contact: Contact, seen: dt.datetime | None) -> list[tuple[Any, str]]:
    """Return what is known of `contact`, a label and a text each; `seen` is when they last did
    something."""
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
