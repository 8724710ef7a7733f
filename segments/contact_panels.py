"""Links and actions of the list of contacts: the search, saved segments, and files."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.panels import contact_panels
from core.panels import Action, Link
from core.table_export import FileKind
from segments.export import list_file

_SEE = "contacts.view_contact"


def _export(
    kind: FileKind, _admin: Any, request: HttpRequest, people: QuerySet[Contact]
) -> HttpResponseBase:
    return list_file(kind, request, people)


contact_panels.list_links.register(Link(_("Advanced search"), "segments:find", (_SEE,), order=10))
contact_panels.list_links.register(Link(_("Segments"), "segments:segments", (_SEE,), order=20))
for _kind, _to in (
    (FileKind.CSV, "segments:list_export"),
    (FileKind.XLSX, "segments:list_export_xlsx"),
):
    contact_panels.list_links.register(
        Link(_kind.button, _to, (_SEE,), order=90, keeps_filters=True)
    )
    contact_panels.actions.register(
        Action(f"export_{_kind}", _kind.button, _SEE, partial(_export, _kind), order=90)
    )
