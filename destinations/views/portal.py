"""Settings → HubSpot: connect a portal, test it, map properties, and set what is sent."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import messages as texts
from core.audit import log_change
from core.changed_fields import changed_by_others
from core.flash import flash_result
from core.permissions import permitted
from core.queue import enqueue
from destinations.error_messages import sentence_with_words
from destinations.hubspot import access, our_values
from destinations.hubspot.deadline import Deadline
from destinations.hubspot.errors import HubSpotError
from destinations.hubspot.property_checks import (
    NEVER_MAPPED,
    Problem,
    definitions_of,
    problems,
    unmapped_required,
)
from destinations.models import Portal
from destinations.models.portal import DEFAULTS, label_of_default

may_see = permitted("destinations.view_portal")
may_change = permitted("destinations.view_portal", "destinations.change_portal")

CHECK_LABELS = {
    "account": gettext_lazy("Account"),
    "contacts": gettext_lazy("Contacts"),
    "properties": gettext_lazy("Contact properties"),
    "marketing_events": gettext_lazy("Marketing events"),
    "lists": gettext_lazy("Lists"),
    "forms": gettext_lazy("Forms"),
    access.OPT_OUTS: gettext_lazy("Opt-outs of addresses"),
}
_LONGEST_NAME = 200
_TEST_TASK = "destinations.tasks.verify_hubspot"
# A page left open does not look again for ever.
_LOOKING = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of the test: what was read, whether it works, and HubSpot's message."""

    label: Any
    works: bool
    text: str
    hubspot_message: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class MappingRow:
    """A row of the mapping; `place` numbers its fields in the form."""

    place: int
    ours: str
    label: Any
    name: str
    # The stored value, which the page submits again: it may differ from what was typed.
    stored: str
    problem: Problem | None
    # Someone else has changed it in the meantime.
    changed: str = ""

    @property
    def fixed(self) -> bool:
        """New contacts are identified by their address."""
        return self.ours == "email"


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A submitted row of the mapping; `shown` is the value that the page showed."""

    ours: str
    name: str
    shown: str

    @property
    def is_changed(self) -> bool:
        return self.name != self.shown

    def conflicts_with(self, stored: str) -> bool:
        """Return whether someone else changed it to another value."""
        return self.is_changed and stored not in (self.shown, self.name)


@require_GET
@may_see
def page(request: HttpRequest) -> HttpResponse:
    """Show the connected portal, or how to connect one."""
    return _page(request, _current())


def _page(
    request: HttpRequest, portal: Portal | None, typed: Sequence[TypedRow] = ()
) -> HttpResponse:
    """Show the page, with unsaved rows of the mapping in `typed`."""
    context: dict[str, Any] = {"title": _("HubSpot"), "portal": portal}
    if portal is None:
        context["former"] = Portal.objects.order_by("-disconnected_at").first()
    else:
        rows = _rows(portal, typed)
        context |= {
            "checks": _check_lines(portal),
            "look_again": _is_tested(portal),
            "test_passed": _test_passed(portal),
            "write_scopes": ", ".join(portal.missing_write_scopes),
            "writing_works": portal.checks.get(access.WRITING) == {"ok": True},
            "rows": rows,
            "offered": our_values.offered(row.ours for row in rows),
            "properties": _choices(portal),
            "required": unmapped_required(portal),
            "day_used": _day_used(portal),
            "defaults": [
                (name, label_of_default(name), getattr(portal, name)) for name in DEFAULTS
            ],
        }
    return TemplateResponse(request, "destinations/hubspot.html", context)


def _rows(portal: Portal, typed: Sequence[TypedRow]) -> list[MappingRow]:
    found = problems(portal)
    by_ours = {each.ours: each for each in typed}
    rows = []
    for place, ours in enumerate({**portal.mapping, **by_ours}):
        stored = portal.mapping.get(ours, "")
        each = by_ours.get(ours, TypedRow(ours, stored, stored))
        is_stored = each.name == stored
        changed = changed_by_others(stored) if each.conflicts_with(stored) else ""
        problem = found.get(ours) if is_stored else None
        label = our_values.label_of(ours)
        name = each.name if each.is_changed else stored
        rows.append(MappingRow(place, ours, label, name, stored, problem, changed))
    return rows


def _current() -> Portal | None:
    return Portal.objects.joined().select_related("connected_by").first()


def _check_lines(portal: Portal) -> list[CheckLine]:
    lines = []
    for name in access.CHECKS:
        check = portal.checks.get(name)
        if check is None:
            continue
        text = _("Works") if check["ok"] else texts.text(check["code"], check["params"])
        needed = name in access.NEEDED
        hubspot_message = check.get("words", "")
        lines.append(CheckLine(CHECK_LABELS[name], check["ok"], text, hubspot_message, needed))
    return lines


def _is_tested(portal: Portal) -> bool:
    """Return whether a test is on its way."""
    since = portal.testing_since
    return since is not None and since > timezone.now() - _LOOKING


def _test_passed(portal: Portal) -> bool | None:
    """Return whether all that is needed could be read; None before the first test, and where the
    connection itself tells what is wrong."""
    if portal.checked_at is None or portal.error:
        return None
    return all(portal.checks.get(name, {}).get("ok") for name in access.NEEDED)


def _choices(portal: Portal) -> list[tuple[str, str]]:
    """Return the writable properties, by label."""
    found = [
        (name, definition.label)
        for name, definition in definitions_of(portal).items()
        if not definition.read_only and name not in NEVER_MAPPED
    ]
    return sorted(found, key=lambda pair: pair[1].casefold())


def _day_used(portal: Portal) -> int | None:
    if portal.daily_limit is None or portal.daily_remaining is None:
        return None
    return portal.daily_limit - portal.daily_remaining


@sensitive_post_parameters("access_token")
@require_POST
@may_change
@sensitive_variables()
def connect(request: HttpRequest) -> HttpResponse:
    """Connect the portal of the token that was entered, or replace the token of the connected
    one. A worker tests the connection."""
    token = request.POST.get("access_token", "").strip()
    replaced = _current() is not None
    if not token:
        messages.error(request, texts.text("hubspot.no-token"))
        return redirect("destinations:hubspot")
    try:
        portal = access.join(token, request.user.pk, deadline=Deadline.of_form())
    except HubSpotError as error:
        messages.error(request, sentence_with_words(error))
    except access.OtherPortal as error:
        messages.error(request, texts.text(error.code, error.params))
    except ValueError as error:
        messages.error(request, str(error))
    else:
        done = "audit.hubspot-token-replaced" if replaced else "audit.hubspot-connected"
        log_change(request.user.pk, portal, done)
        messages.success(request, _("%(portal)s is connected.") % {"portal": portal})
        _test(portal)
    return redirect("destinations:hubspot")


@require_POST
@may_change
def test(request: HttpRequest) -> HttpResponse:
    """Have a worker make one read of each kind, and redirect to the result."""
    portal = _current()
    if portal is not None:
        message = _("The connection is being tested. This page shows what was found.")
        flash_result(request, _test(portal), message)
    return redirect("destinations:hubspot")


def _test(portal: Portal) -> bool:
    """Have a worker make one read of each kind; return whether it was queued."""
    begun = enqueue(_TEST_TASK, portal.pk)
    since = timezone.now() if begun else None
    Portal.objects.filter(pk=portal.pk).update(testing_since=since)
    return begun


@require_http_methods(["GET", "POST"])
@may_change
def disconnect(request: HttpRequest) -> HttpResponse:
    """Disconnect after confirmation."""
    portal = _current()
    if portal is None:
        return redirect("destinations:hubspot")
    if request.method == "POST":
        access.disconnect(portal)
        log_change(request.user.pk, portal, "audit.hubspot-disconnected")
        message = _("%(portal)s is disconnected. What was sent stays in HubSpot.")
        messages.success(request, message % {"portal": portal})
        return redirect("destinations:hubspot")
    context = {"title": _("Disconnect %(portal)s") % {"portal": portal}, "portal": portal}
    return TemplateResponse(request, "destinations/disconnect_hubspot.html", context)


@require_POST
@may_change
def save_mapping(request: HttpRequest) -> HttpResponse:
    """Keep which property of HubSpot gets which of our values; an empty one takes the row out.

    What was not changed on the page is left as it is now. Where someone else has changed the same
    row in the meantime nothing is saved, and the page says so.
    """
    with transaction.atomic():
        portal = Portal.objects.select_for_update().joined().first()
        if portal is None:
            return redirect("destinations:hubspot")
        before = portal.mapping
        typed = _typed(request, before)
        if any(each.conflicts_with(before.get(each.ours, "")) for each in typed):
            messages.error(
                request,
                _(
                    "Nothing was saved, because someone else has changed the mapping. See the "
                    "rows below."
                ),
            )
            return _page(request, portal, typed)
        mapping = {**before, **{each.ours: each.name for each in typed if each.is_changed}}
        portal.mapping = {ours: name for ours, name in mapping.items() if name}
        portal.save(update_fields=["mapping"])
        if changed := _changes(before, portal.mapping):
            log_change(request.user.pk, portal, "audit.hubspot-mapping", {"changes": changed})
    messages.success(request, _("Saved. It applies to contacts that are created from now on."))
    return redirect("destinations:hubspot")


def _typed(request: HttpRequest, stored: dict[str, str]) -> list[TypedRow]:
    """Return the rows that were posted. Who did not load the page sends no former values: then what
    differs from the stored ones counts as changed."""
    ours = request.POST.getlist("ours")
    names = request.POST.getlist("property")
    shown = request.POST.getlist("shown")
    if len(shown) != len(ours):
        shown = [stored.get(key, "") for key in ours]
    return [
        TypedRow(key, name.strip()[:_LONGEST_NAME], was)
        for key, name, was in zip(ours, names, shown, strict=False)
        if key != "email" and our_values.is_ours(key) and "\0" not in key + name
    ]


def _changes(before: dict[str, str], after: dict[str, str]) -> list[Any]:
    """Return which rows of the mapping changed, as the audit log stores it."""
    return [
        texts.part(
            "audit.hubspot-mapped",
            value=texts.part(f"audit.hubspot-value-{key}")
            if key in our_values.KNOWN
            else our_values.label_of(key),
            before=before.get(key) or "–",
            after=after.get(key) or "–",
        )
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]


@require_POST
@may_change
def save_defaults(request: HttpRequest) -> HttpResponse:
    """Keep what is sent where no one says otherwise."""
    with transaction.atomic():
        portal = Portal.objects.select_for_update().joined().first()
        if portal is None:
            return redirect("destinations:hubspot")
        changed, before = [], portal.send_notes
        for name in DEFAULTS:
            wanted = name in request.POST
            if request.POST.get(f"shown_{name}") == ("on" if wanted else "off"):
                # Not changed on the page: left as someone else may have set it in the meantime.
                continue
            if getattr(portal, name) != wanted:
                setattr(portal, name, wanted)
                code = f"audit.hubspot-default-{'on' if wanted else 'off'}"
                setting = texts.part(f"audit.hubspot-setting-{name}")
                changed.append(texts.part(code, setting=setting))
        if changed:
            if portal.send_notes and not before:
                portal.send_notes_since = timezone.now()
            portal.save(update_fields=[*DEFAULTS, "send_notes_since"])
            log_change(request.user.pk, portal, "audit.hubspot-defaults", {"changes": changed})
    messages.success(request, _("Saved."))
    return redirect("destinations:hubspot")
