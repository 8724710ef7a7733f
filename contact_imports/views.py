"""The pages to import contacts from a file or list: choose, map columns, check, import."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contact_imports import results, source_reader, tasks, uploads
from contact_imports.encodings import ENCODINGS
from contact_imports.limits import MAX_FILE_BYTES
from contact_imports.mapping import MEANINGS, RECORD, problem_of
from contact_imports.models import ContactImport
from contact_imports.parsers import refuse_other_kinds
from contact_imports.reasons import Unreadable
from contact_imports.sources import ContactSource, SourceError, available_to, in_words
from contacts.timeline import property_label
from core.audit import Action, log_change, log_deletion
from core.body_limits import accepts_files
from core.permissions import permitted
from webinars.models import Webinar

State = ContactImport.State

_PAST = 25
# Files of another type are refused at once by these; a worker reads the rest.
_HEAD_BYTES = 4096
may_import = permitted("contacts.add_contact", "contacts.change_contact")


class _PeopleForm(forms.Form):
    """The webinar for which everyone in the file is registered."""

    webinar = forms.ModelChoiceField(
        label=gettext_lazy("Also register everyone for"),
        queryset=Webinar.objects.none(),
        required=False,
        empty_label=gettext_lazy("No webinar"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to_come = Webinar.objects.upcoming(timezone.now())
        self.fields["webinar"].queryset = to_come.soonest_first()  # type: ignore[attr-defined]


class UploadForm(_PeopleForm):
    """A file of contacts."""

    file = forms.FileField(
        label=gettext_lazy("File (CSV or XLSX, with a line of headings)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt,.tsv"}),
    )
    field_order = ("file", "webinar")


class ListForm(_PeopleForm):
    """A list of contacts in another system."""

    named = forms.CharField(max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    field_order = ("named", "webinar")

    def __init__(self, source: ContactSource, data: Any = None) -> None:
        super().__init__(data, prefix=source.key)
        self.source = source
        self.earlier = source_reader.earlier_names(source)
        self.fields["named"].label = source.field_label
        self.fields["named"].widget.attrs["list"] = f"{source.key}-earlier"


class ReadingForm(forms.Form):
    """How a file is read: what was detected can be corrected."""

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


@accepts_files(MAX_FILE_BYTES)
@require_http_methods(["GET", "POST"])
@may_import
def upload(request: HttpRequest) -> HttpResponse:
    """Accept a file, and show recent imports."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        item = _taken(request, form)
        if item is not None:
            return redirect("contact_imports:import", item.pk)
    return _choice(request, form)


def _choice(request: HttpRequest, form: UploadForm, chosen: ListForm | None = None) -> HttpResponse:
    """Show what can be imported and recent imports; `chosen` is a form with errors."""
    past = ContactImport.objects.select_related("created_by", "webinar")
    context: dict[str, Any] = {
        "title": _("Import contacts"),
        "form": form,
        "lists": [
            chosen if chosen and chosen.source is source else ListForm(source)
            for source in available_to(request.user)
        ],
        "page": Paginator(past, _PAST).get_page(request.GET.get("page")),
    }
    return TemplateResponse(request, "contact_imports/upload.html", context)


def _taken(request: HttpRequest, form: UploadForm) -> ContactImport | None:
    """Store the file in `form` and have it read; None, with an error in the form, if it cannot be
    read."""
    file = form.cleaned_data["file"]
    try:
        refuse_other_kinds(file.name, file.size, file.read(_HEAD_BYTES))
    except Unreadable as error:
        form.add_error("file", str(error))
        return None
    item = uploads.begin(
        filename=PurePath(file.name).name[:255],
        size=file.size,
        webinar=form.cleaned_data["webinar"],
        created_by_id=request.user.pk,
    )
    uploads.receive(item, file, tasks.queue)
    return item


@require_POST
@may_import
def from_source(request: HttpRequest, source_key: str) -> HttpResponse:
    """Have a worker read a list of another system."""
    source = next((each for each in available_to(request.user) if each.key == source_key), None)
    if source is None:
        raise Http404
    form = ListForm(source, request.POST)
    if form.is_valid():
        try:
            item = source_reader.begin(
                source,
                source.find(form.cleaned_data["named"]),
                webinar=form.cleaned_data["webinar"],
                created_by_id=request.user.pk,
            )
        except SourceError as error:
            why = str(Unreadable(error.code, error.params))
            form.add_error("named", f"{why} {in_words(source.key, error.source_message)}".strip())
        except Unreadable as error:
            form.add_error("named", str(error))
        else:
            tasks.queue(item)
            return redirect("contact_imports:import", item.pk)
    return _choice(request, UploadForm(), form)


@require_POST
@may_import
def read_list_again(request: HttpRequest, import_id: int) -> HttpResponse:
    """Retry a list that could not be read."""
    item = get_object_or_404(ContactImport, pk=import_id)
    if item.source not in {source.key for source in available_to(request.user)}:
        messages.error(request, _("Lists of this system cannot be read now."))
    elif source_reader.begin_again(item):
        tasks.queue(item)
    return redirect("contact_imports:import", import_id)


@require_GET
@may_import
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show the current step of an import: columns, check, progress, result."""
    item = get_object_or_404(ContactImport.objects.select_related("webinar"), pk=import_id)
    context: dict[str, Any] = {
        "title": item.title,
        "item": item,
        "look_again": item.is_running,
    }
    if item.state == State.UPLOADED:
        context["reading"] = ReadingForm(item)
        context["columns"] = _columns(item)
        context["choices"] = [(name, property_label(name)) for name in MEANINGS]
        if item.source:
            context["choices"].append((RECORD, _("record ID")))
    elif not item.is_running:
        context |= results.context(item, request.GET)
    return TemplateResponse(request, "contact_imports/import.html", context)


def _columns(item: ContactImport) -> list[dict[str, Any]]:
    """Return each column with its heading, its meaning so far and its first values."""
    return [
        {
            "place": place,
            "heading": heading,
            "meaning": item.mapping[place] if place < len(item.mapping) else "",
            "sample": _sample(item, place)[:120],
        }
        for place, heading in enumerate(item.columns)
    ]


def _sample(item: ContactImport, place: int) -> str:
    """Return the cell of a column; a line can be shorter than others."""
    return ", ".join(cell for row in item.sample for cell in row[place : place + 1] if cell)


@require_POST
@may_import
def read_again(request: HttpRequest, import_id: int) -> HttpResponse:
    """Have an uploaded file read again with the chosen encoding, sheet and header row."""
    item = get_object_or_404(ContactImport, pk=import_id)
    form = ReadingForm(item, request.POST)
    if item.state != State.UPLOADED or item.source:
        return redirect("contact_imports:import", import_id)
    if not form.is_valid():
        messages.error(request, _("Choose how the file is read from what is offered."))
        return redirect("contact_imports:import", import_id)
    chosen = form.cleaned_data
    if chosen.get("sheet", item.sheet) != item.sheet:
        # Another sheet has its own header row.
        chosen["heading_row"] = 0
    uploaded = ContactImport.objects.filter(pk=item.pk, state=State.UPLOADED)
    if uploaded.update(state=State.READING, read_as=chosen, error="", lease_until=None):
        tasks.queue(item)
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def check(request: HttpRequest, import_id: int) -> HttpResponse:
    """Save what the columns mean and have a worker check the file."""
    item = get_object_or_404(ContactImport, pk=import_id)
    if item.state in (State.UPLOADED, State.CHECKED):
        chosen = [request.POST.get(f"column{place}", "") for place in range(len(item.columns))]
        known = (*MEANINGS, RECORD) if item.source else MEANINGS
        mapping = [name if name in known else "" for name in chosen]
        problem = problem_of(mapping)
        unlocked = ContactImport.objects.filter(pk=item.pk, state=item.state)
        if problem:
            messages.error(request, problem)
            unlocked.update(mapping=mapping)
        elif unlocked.update(
            state=State.CHECKING,
            mapping=mapping,
            done=0,
            lease_until=None,
            error="",
            undo_skipped=0,
        ):
            tasks.queue(item)
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def again(request: HttpRequest, import_id: int) -> HttpResponse:
    """Go back to the columns of a checked file."""
    item = get_object_or_404(ContactImport, pk=import_id)
    if uploads.is_stored(item):
        ContactImport.objects.filter(pk=import_id, state__in=(State.CHECKED, State.FAILED)).update(
            state=State.UPLOADED, error="", finished_at=None
        )
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def run(request: HttpRequest, import_id: int) -> HttpResponse:
    """Start the import of a checked file; a second click finds it running."""
    item = get_object_or_404(ContactImport, pk=import_id)
    checked = ContactImport.objects.filter(pk=import_id, state=State.CHECKED)
    if checked.update(state=State.IMPORTING, done=0, lease_until=None, run_by=request.user.pk):
        log_change(request.user.pk, item, "audit.import-started", action=Action.IMPORTED)
        tasks.queue(item)
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    """Start to undo an import; a second click finds it running."""
    item = get_object_or_404(ContactImport, pk=import_id)
    if item.undo_deadline is None:
        messages.error(request, _("An import can be undone for 30 days, and once."))
        return redirect("contact_imports:import", import_id)
    done = ContactImport.objects.filter(pk=import_id, state=State.DONE)
    if done.update(state=State.UNDOING, lease_until=None, undone_by=request.user.pk):
        log_change(request.user.pk, item, "audit.import-undone", action=Action.UNDONE)
        tasks.queue(item)
    return redirect("contact_imports:import", import_id)


@require_POST
@may_import
def discard(request: HttpRequest, import_id: int) -> HttpResponse:
    """Discard a file that was not imported. Contacts of an imported one stay."""
    gone = ContactImport.objects.filter(
        pk=import_id,
        state__in=(State.READING, State.UPLOADED, State.CHECKING, State.CHECKED, State.FAILED),
    )
    item = gone.first()
    if item is not None and gone.delete()[0]:
        log_deletion(request.user.pk, item, "audit.file-discarded", name=f"#{import_id}")
        messages.success(request, _("File discarded. No contacts were imported."))
    return redirect("contact_imports:imports")
