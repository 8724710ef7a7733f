"""Importing contacts from a file, step by step: upload, columns, check, import."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contact_imports.mapping import NAMES, guess, problem_of
from contact_imports.models import ContactImport
from contact_imports.parsers import MOST_BYTES, Unreadable, read, text_of
from contacts.timeline import property_label
from core.permissions import permitted
from sync import tasks
from webinars.models import Webinar

State = ContactImport.State

_PAST = 25
_SAMPLE = 5
# So few lines are checked while one waits for the page.
_AT_ONCE = 1000
may_import = permitted("contacts.add_contact", "contacts.change_contact")


class UploadForm(forms.Form):
    """The file, and the webinar for which everybody of it is registered."""

    file = forms.FileField(
        label=gettext_lazy("File (CSV or XLSX, with a line of headings)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )
    webinar = forms.ModelChoiceField(
        label=gettext_lazy("Register everybody of the file for"),
        queryset=Webinar.objects.none(),
        required=False,
        empty_label=gettext_lazy("No webinar"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to_come = Webinar.objects.filter(
            state=Webinar.State.SCHEDULED, sync_enabled=True, ends_at__gt=timezone.now()
        )
        self.fields["webinar"].queryset = to_come.order_by("starts_at")  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@may_import
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file, and show those taken before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        item = _taken(request, form)
        if item is not None:
            return redirect("contact_imports:import", item.pk)
    past = ContactImport.objects.defer("content").select_related("made_by", "webinar")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Import contacts"),
        "form": form,
        "page": Paginator(past, _PAST).get_page(request.GET.get("page")),
    }
    return TemplateResponse(request, "contact_imports/upload.html", context)


def _taken(request: HttpRequest, form: UploadForm) -> ContactImport | None:
    """Keep the file that `form` holds; None, with the reason in the form, where it is none."""
    file = form.cleaned_data["file"]
    content = file.read(MOST_BYTES + 1)
    try:
        found = read(file.name, content)
    except Unreadable as error:
        form.add_error("file", str(error))
        return None
    columns = [str(name or "") for name in found.headers]
    return ContactImport.objects.create(
        filename=PurePath(file.name).name[:255],
        content=content,
        columns=columns,
        mapping=guess(columns),
        sample=[
            [text_of(cell) for cell in found[number]] for number in range(min(_SAMPLE, len(found)))
        ],
        webinar=form.cleaned_data["webinar"],
        made_by_id=request.user.pk,
        total=len(found),
    )


@require_GET
@may_import
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show where an import stands: its columns to be named, its check, its progress, its end."""
    item = get_object_or_404(
        ContactImport.objects.defer("content").select_related("webinar"), pk=import_id
    )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": item.filename,
        "item": item,
        "look_again": item.works,
        "numbers": [
            (_("New people"), item.new),
            (_("People changed"), item.changed),
            (_("Nothing new"), item.unchanged),
            (_("Passed over"), item.skipped),
            (_("Lines with errors"), item.wrong),
        ],
    }
    if item.state == State.UPLOADED:
        context["columns"] = _columns(item)
        context["choices"] = [(name, property_label(name)) for name in NAMES]
    return TemplateResponse(request, "contact_imports/import.html", context)


def _columns(item: ContactImport) -> list[dict[str, Any]]:
    """Return each column with its heading, its meaning so far and what stands in its first rows."""
    return [
        {
            "place": place,
            "heading": heading,
            "meaning": item.mapping[place] if place < len(item.mapping) else "",
            "sample": ", ".join(row[place] for row in item.sample if row[place])[:120],
        }
        for place, heading in enumerate(item.columns)
    ]


@require_POST
@may_import
def check(request: HttpRequest, import_id: int) -> HttpResponse:
    """Keep what the columns mean and have the file checked: at once, or by a worker."""
    item = get_object_or_404(ContactImport, pk=import_id)
    if item.state in (State.UPLOADED, State.CHECKED):
        chosen = [request.POST.get(f"column{place}", "") for place in range(len(item.columns))]
        mapping = [name if name in NAMES else "" for name in chosen]
        problem = problem_of(mapping)
        unlocked = ContactImport.objects.filter(pk=item.pk, state=item.state)
        if problem:
            messages.error(request, problem)
            unlocked.update(mapping=mapping)
        elif unlocked.update(
            state=State.CHECKING, mapping=mapping, done=0, lease_until=None, error=""
        ):
            _begin(item)
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def again(request: HttpRequest, import_id: int) -> HttpResponse:
    """Go back to the columns of a file that was checked."""
    ContactImport.objects.filter(pk=import_id, state__in=(State.CHECKED, State.FAILED)).exclude(
        content=b""
    ).update(state=State.UPLOADED, error="")
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def run(request: HttpRequest, import_id: int) -> HttpResponse:
    """Have a checked file written; a second click finds it under way."""
    item = get_object_or_404(ContactImport, pk=import_id)
    checked = ContactImport.objects.filter(pk=import_id, state=State.CHECKED)
    if checked.update(state=State.IMPORTING, done=0, lease_until=None):
        _begin(item)
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def discard(request: HttpRequest, import_id: int) -> HttpResponse:
    """Forget a file that was not imported. The people of an imported one stay."""
    gone = ContactImport.objects.filter(pk=import_id).exclude(
        state__in=(State.IMPORTING, State.DONE)
    )
    if gone.delete()[0]:
        messages.success(request, _("The file is forgotten. Nobody of it was imported."))
    return redirect("contact_imports:imports")


def _begin(item: ContactImport) -> None:
    """Begin the work: here where it is short, else in a worker; the sweep finds what is lost."""
    if item.total <= _AT_ONCE:
        tasks.import_contacts(item.pk)
    else:
        tasks.queue_import(item)
