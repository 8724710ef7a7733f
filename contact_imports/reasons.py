"""Why a file or a line of it cannot be used: kept as a code with parameters, and put into words
for whoever reads it (rule 13)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.timeline import property_label

_SENTENCES = {
    # A file.
    "empty": gettext_lazy("The file is empty. Choose a file with a line of headings."),
    "too_large": gettext_lazy("The file is larger than 25 MB. Split it and import the parts."),
    "no_headings": gettext_lazy(
        "The first line holds no headings. Add a line that names the columns."
    ),
    "nobody": gettext_lazy("The file has headings and nobody below them."),
    "broken_excel": gettext_lazy(
        "This is no Excel file that can be read. Save it again as XLSX or CSV."
    ),
    "old_excel": gettext_lazy(
        "This is an Excel file of the old kind (.xls). Open it in Excel, save it as “Excel "
        "Workbook (.xlsx)” and upload that."
    ),
    "protected": gettext_lazy(
        "This Excel file is protected with a password. Save it without one and upload that."
    ),
    "other_office": gettext_lazy(
        "This is a document of another kind. Open it in your spreadsheet, save it as XLSX or CSV "
        "and upload that."
    ),
    "web_page": gettext_lazy(
        "This is a web page with the name of a spreadsheet. Open it in Excel, save it as XLSX and "
        "upload that."
    ),
    "broken_csv": gettext_lazy(
        "This is no CSV file that can be read. Save it again as CSV or XLSX."
    ),
    "no_text": gettext_lazy("This is no CSV or Excel file. Save your list as CSV or XLSX."),
    "failed": gettext_lazy(
        "Something went wrong here, and nobody was imported. What had been written was undone. "
        "Try again."
    ),
    "named_deleted": gettext_lazy(
        "Somebody whom the file names was deleted, so the file was discarded. Take them out of it "
        "and upload it again."
    ),
    # A line.
    "email_missing": gettext_lazy("The e-mail is missing."),
    "new_needs": gettext_lazy("A new person needs: %(fields)s."),
    "same_person": gettext_lazy("The same person stands in line %(line)d already."),
    "erased": gettext_lazy("This person was erased for good and stays so."),
    # What an undo left alone.
    "edited_since": gettext_lazy("Changed since: %(fields)s."),
    "active_since": gettext_lazy("Something has come since: the contact stays."),
    "sent_since": gettext_lazy("The registration has been sent to GoToWebinar: the contact stays."),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of those above, or "invalid", and what its sentence is about.

    `fields` are names of properties; of "invalid" they are pairs of such a name and "email", "long"
    or "signs".
    """

    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.code == "invalid":
            return " ".join(
                f"{property_label(name)}: {_invalid(kind)}"
                for name, kind in self.parameters["fields"]
            )
        values = dict(self.parameters)
        if "fields" in values:
            values["fields"] = ", ".join(property_label(name) for name in values["fields"])
        return str(_SENTENCES.get(self.code, "")) % values


def _invalid(kind: str) -> str:
    if kind == "email":
        return _("Enter a valid email address.")
    if kind == "long":
        return _("This is longer than a contact has room for.")
    return _("This has signs in it that cannot be kept.")
