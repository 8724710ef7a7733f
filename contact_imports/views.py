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

from contact_imports import results, tasks
from contact_imports.encodings import ENCODINGS
from contact_imports.mapping import MEANINGS, guess, problem_of
from contact_imports.models import ContactImport
from contact_imports.parsers import MOST_BYTES, Table, Unreadable, read
from contacts.timeline import property_label
from core.audit import note, note_deleted
from core.body_limits import takes_files
from core.permissions import permitted
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
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt,.tsv"}),
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


class ReadingForm(forms.Form):
    """How a file is read: what was found out can be put right."""

    encoding = forms.ChoiceField(label=gettext_lazy("Character encoding"), choices=ENCODINGS)
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"))
    heading_row = forms.IntegerField(
        label=gettext_lazy("Header row"), min_value=1, max_value=1_048_576
    )

    def __init__(self, item: ContactImport, data: Any = None) -> None:
        super().__init__(
            data,
            initial={
                "encoding": item.encoding, "sheet": item.sheet, "heading_row": item.heading_row,
            },
        )  # fmt: skip
        if not item.encoding:
            del self.fields["encoding"]
        if len(item.sheets) > 1:
            self.fields["sheet"].choices = [  # type: ignore[attr-defined]
                (name, name) for name in item.sheets
            ]
        else:
            del self.fields["sheet"]


@takes_files(MOST_BYTES)
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
        table = read(file.name, content)
    except Unreadable as error:
        form.add_error("file", str(error))
        return None
    return ContactImport.objects.create(
        filename=PurePath(file.name).name[:255],
        content=content,
        webinar=form.cleaned_data["webinar"],
        made_by_id=request.user.pk,
        **_read_as(table),
    )


def _read_as(table: Table) -> dict[str, Any]:
    """Return what is kept of a file that was read so."""
    return {
        "columns": table.columns,
        "mapping": guess(table.columns),
        "sample": [row for _number, row in table.rows[:_SAMPLE]],
        "total": len(table.rows),
        "encoding": table.encoding,
        "sheet": table.sheet,
        "sheets": list(table.sheets),
        "heading_row": table.heading_row,
    }


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
    }
    if item.state == State.UPLOADED:
        context["reading"] = ReadingForm(item)
        context["columns"] = _columns(item)
        context["choices"] = [(name, property_label(name)) for name in MEANINGS]
    elif not item.works:
        context |= results.context(item, request.GET)
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
def read_again(request: HttpRequest, import_id: int) -> HttpResponse:
    """Read an uploaded file with the encoding, the sheet and the row of headings chosen."""
    item = get_object_or_404(ContactImport, pk=import_id)
    form = ReadingForm(item, request.POST)
    if item.state != State.UPLOADED:
        return redirect("contact_imports:import", import_id)
    if not form.is_valid():
        messages.error(request, _("Choose how the file is read from what is offered."))
        return redirect("contact_imports:import", import_id)
    chosen = form.cleaned_data
    if chosen.get("sheet", item.sheet) != item.sheet:
        # The headings of another sheet are looked for anew.
        chosen["heading_row"] = 0
    try:
        table = read(item.filename, bytes(item.content), **chosen)
    except Unreadable as error:
        messages.error(request, str(error))
    else:
        ContactImport.objects.filter(pk=item.pk, state=State.UPLOADED).update(**_read_as(table))
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def check(request: HttpRequest, import_id: int) -> HttpResponse:
    """Keep what the columns mean and have the file checked: at once, or by a worker."""
    item = get_object_or_404(ContactImport, pk=import_id)
    if item.state in (State.UPLOADED, State.CHECKED):
        chosen = [request.POST.get(f"column{place}", "") for place in range(len(item.columns))]
        mapping = [name if name in MEANINGS else "" for name in chosen]
        problem = problem_of(mapping)
        unlocked = ContactImport.objects.filter(pk=item.pk, state=item.state)
        if problem:
            messages.error(request, problem)
            unlocked.update(mapping=mapping)
        elif unlocked.update(
            state=State.CHECKING, mapping=mapping, done=0, lease_until=None, error="", kept=0
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
    if checked.update(state=State.IMPORTING, done=0, lease_until=None, run_by=request.user.pk):
        note(request.user.pk, item, _("Started the import."))
        _begin(item)
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    """Have an import undone; a second click finds it under way."""
    item = get_object_or_404(ContactImport, pk=import_id)
    if item.undo_deadline is None:
        messages.error(request, _("An import can be undone for 30 days, and once."))
        return redirect("contact_imports:import", import_id)
    done = ContactImport.objects.filter(pk=import_id, state=State.DONE)
    if done.update(state=State.UNDOING, lease_until=None, undone_by=request.user.pk):
        note(request.user.pk, item, _("Undid the import."))
        _begin(item)
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def discard(request: HttpRequest, import_id: int) -> HttpResponse:
    """Forget a file that was not imported. The people of an imported one stay."""
    gone = ContactImport.objects.filter(
        pk=import_id, state__in=(State.UPLOADED, State.CHECKING, State.CHECKED, State.FAILED)
    )
    item = gone.defer("content").first()
    if item is not None and gone.delete()[0]:
        said = _("Discarded the file; nobody of it was imported.")
        note_deleted(request.user.pk, item, said, name=f"#{import_id}")
        messages.success(request, _("The file is forgotten. Nobody of it was imported."))
    return redirect("contact_imports:imports")


def _begin(item: ContactImport) -> None:
    """Begin the work: here where it is short, else in a worker; the sweep finds what is lost."""
    if item.total <= _AT_ONCE:
        tasks.import_contacts(item.pk)
    else:
        tasks.queue(item)
