"""Views to compare, merge and separate two contacts."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts import merge as merging
from contacts.matching import begin_with
from contacts.models import Activity, Contact
from contacts.panels import facts, merge_sections
from contacts.timeline import property_label
from core import dates
from core.audit import Action, log_change
from core.permissions import permitted

_MOST_FOUND = 20
may_merge = permitted("contacts.change_contact", "contacts.delete_contact")


@require_GET
@may_merge
def choose(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show contacts to merge into this one, first those with the same name."""
    survivor = get_object_or_404(Contact, pk=contact_id)
    text = request.GET.get("q", survivor.full_name)
    found = begin_with(text, _MOST_FOUND + 1)
    context: dict[str, Any] = {
        "title": _("Merge contacts"),
        "opts": Contact._meta,
        "original": survivor,
        "text": text,
        "found": [person for person in found if person.pk != survivor.pk][:_MOST_FOUND],
    }
    return TemplateResponse(request, "contacts/choose_merge.html", context)


@require_http_methods(["GET", "POST"])
@may_merge
def merge(request: HttpRequest, survivor_id: int, gone_id: int) -> HttpResponse:
    """Compare two contacts, and merge the second into the first when confirmed."""
    if survivor_id == gone_id:
        raise Http404
    survivor = get_object_or_404(Contact, pk=survivor_id)
    gone = get_object_or_404(Contact, pk=gone_id)
    if request.method == "POST":
        taken = [name for name in merging.TAKEABLE if request.POST.get(name) == "gone"]
        try:
            done = merging.merge(survivor_id, gone_id, taken, request.user.pk)
        except Contact.DoesNotExist as error:
            raise Http404 from error  # a colleague was quicker
        except IntegrityError:
            messages.error(request, _("These contacts were changed just now. Try again."))
            return redirect("contacts:merge", survivor_id, gone_id)
        log_change(request.user.pk, survivor, "audit.merged", action=Action.MERGED)
        message = _("%(name)s was merged into this contact. It can be undone until %(until)s.")
        until = dates.moment(done.undo_deadline)
        messages.success(request, message % {"name": done.name, "until": until})
        return redirect("admin:contacts_contact_change", survivor_id)
    context: dict[str, Any] = {
        "title": _("Merge contacts"),
        "survivor": survivor,
        "gone": gone,
        "compared": _compared(survivor, gone),
        "differing": [
            (name, property_label(name), getattr(survivor, name), getattr(gone, name))
            for name in merging.TAKEABLE
            if getattr(survivor, name) != getattr(gone, name) and getattr(gone, name)
        ],
        "sections": list(merge_sections),
    }
    for section in merge_sections:
        context |= section.context(request, (survivor, gone))
    return TemplateResponse(request, "contacts/merge.html", context)


def _compared(survivor: Contact, gone: Contact) -> list[tuple[Any, Any, Any]]:
    """Return the rows of the comparison: a label, and the value of each contact."""
    rows = [
        (_("Email"), survivor.email, gone.email),
        (_("Name"), survivor.full_name, gone.full_name),
    ]
    for item in facts:
        both = zip(item.compared(survivor), item.compared(gone), strict=True)
        rows += [(label, here, there) for (label, here), (_label, there) in both]
    here, there = (Activity.objects.filter(contact=each).count() for each in (survivor, gone))
    return [*rows, (_("Lines of the timeline"), here, there)]


@require_POST
@may_merge
def undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Undo a merge."""
    survivor = get_object_or_404(Contact, merges=merge_id)
    try:
        back = merging.undo(merge_id)
    except merging.CannotUndo as error:
        messages.error(request, str(error))
        return redirect("admin:contacts_contact_change", survivor.pk)
    except IntegrityError:
        # Data of the other contact was deleted since, such as a webinar with its connection.
        messages.error(request, _("Some data of the other contact no longer exists."))
        return redirect("admin:contacts_contact_change", survivor.pk)
    log_change(request.user.pk, survivor, "audit.merge-undone", action=Action.UNDONE)
    message = _("%(name)s is a separate contact again. Newer data stayed where it was.")
    messages.success(request, message % {"name": back})
    return redirect("admin:contacts_contact_change", back.pk)
