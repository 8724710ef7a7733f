"""The webinar sections, figures, columns and filters on the pages of contacts."""

from collections.abc import Mapping
from typing import Any

from django.db.models import (
    Count,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Sum,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from contacts.models import Contact
from contacts.panels import (
    DeletedRows,
    Facts,
    TimelineLinks,
    contact_panels,
    deleted_rows,
    facts,
    merge_sections,
    personal_data_requirements,
    timeline_links,
)
from contacts.timeline import minutes
from core.figures import Figure
from core.numbers import percent
from core.panels import Action, Column, Filter, Requirement, Section
from webinars import profile_differences
from webinars.audiences import Audience, condition, not_internal
from webinars.contact_filters import AudienceFilter, WebinarFilter
from webinars.internal_action import mark_internal
from webinars.models import Attendance, Registration
from webinars.statuses import with_status


def _count_of(audience: Audience) -> Subquery:
    rows = Registration.objects.filter(condition(audience), contact=OuterRef("pk"))
    counted = rows.order_by().values("contact").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())


def _column(audience: Audience, label: Any, order: int) -> Column:
    """Return the column with the number of webinars for which people are in `audience`."""
    count = f"{audience.value}_count"
    return Column(
        audience.value,
        label,
        lambda contact: getattr(contact, count) or 0,
        order,
        annotations=lambda: {count: _count_of(audience)},
        ordering=count,
    )


def _totals(contact: Contact) -> dict[str, int]:
    return Registration.objects.filter(contact=contact.pk).aggregate(
        registrations=Count("pk"),
        registered=Count("pk", filter=condition(Audience.REGISTERED)),
        attended=Count("pk", filter=condition(Audience.ATTENDED)),
        missed=Count("pk", filter=condition(Audience.NO_SHOW)),
        seconds=Coalesce(Sum("seconds_attended", filter=not_internal()), 0),
    )


def _figures(contact: Contact) -> list[Figure]:
    totals = _totals(contact)
    attended, ended = totals["attended"], totals["attended"] + totals["missed"]
    return [
        Figure(_("Registrations"), totals["registrations"]),
        Figure(
            _("Webinars attended"),
            attended,
            minutes(totals["seconds"]) if attended else "",
        ),
        Figure(
            _("Attendance rate"),
            percent(attended / ended) if ended else "–",
        ),
    ]


def _compared(contact: Contact) -> list[tuple[Any, Any]]:
    totals = _totals(contact)
    return [
        (pgettext_lazy("webinars of one person", "Registered"), totals["registered"]),
        (
            pgettext_lazy("webinars of one person", "Attended"),
            f"{totals['attended']} · {minutes(totals['seconds'])}",
        ),
    ]


def _registrations_of(contact: Contact) -> list[Registration]:
    """Return the registrations of `contact`, cached for all of its page."""
    rows = (
        with_status(Registration.objects.select_related("webinar", "contact"))
        .prefetch_related("aliases")
        .order_by(F("webinar__starts_at").desc(nulls_last=True))
    )
    prefetch_related_objects([contact], Prefetch("registrations", rows))
    return list(contact.registrations.all())


def _registrations(_request: HttpRequest, contact: Contact) -> dict[str, Any]:
    return {"registrations": _registrations_of(contact)}


def _differences(_request: HttpRequest, contact: Contact) -> dict[str, Any]:
    return {"differences": profile_differences.of_contact(contact.pk)}


def _addresses(contact: Contact) -> Mapping[str, str]:
    return {
        item.webinar.key: reverse("admin:webinars_webinar_change", args=[item.webinar_id])
        for item in _registrations_of(contact)
    }


def _both(_request: HttpRequest, pair: tuple[Contact, Contact]) -> dict[str, Any]:
    kept, gone = pair
    theirs = Registration.objects.filter(contact=gone).values("webinar")
    return {"both": Registration.objects.filter(contact=kept, webinar__in=theirs).count()}


def _deleted(contacts: QuerySet[Contact]) -> list[str]:
    registrations = Registration.objects.filter(contact__in=contacts).count()
    stays = Attendance.objects.filter(registration__contact__in=contacts).count()
    counted = (
        (registrations, ngettext("%(n)d registration", "%(n)d registrations", registrations)),
        (stays, ngettext("%(n)d attendance", "%(n)d attendances", stays)),
    )
    return [words % {"n": number} for number, words in counted if number]


contact_panels.columns.register(
    _column(Audience.REGISTERED, pgettext_lazy("webinars of one person", "Registered"), 10)
)
contact_panels.columns.register(
    _column(Audience.ATTENDED, pgettext_lazy("webinars of one person", "Attended"), 20)
)
contact_panels.actions.register(
    Action(
        "mark_internal", _("Mark as internal…"), "webinars.add_internaladdress", mark_internal,
        order=20,
    )
)  # fmt: skip
contact_panels.filters.register(Filter(WebinarFilter, order=-20))
contact_panels.filters.register(Filter(AudienceFilter, order=-10))
contact_panels.sections.register(
    Section("webinars/profile_updates_of_contact.html", _differences, order=-10)
)
contact_panels.sections.register(
    Section("webinars/registrations_of_contact.html", _registrations, order=10)
)
facts.register(Facts(_figures, _compared, order=-10))
deleted_rows.register(DeletedRows(_deleted, order=-10))
timeline_links.register(TimelineLinks(_addresses))
merge_sections.register(Section("webinars/merge_of_registrations.html", _both))
personal_data_requirements.register(Requirement("webinars.view_registration"))
