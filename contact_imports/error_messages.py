"""The messages of imports: why a file or a line cannot be used, and what an undo left alone."""

from django.utils.translation import gettext_lazy as _

from core import messages

messages.register(
    {
        # A file.
        "import.empty": _("The file is empty. Choose a file with a line of headings."),
        "import.too_large": _("The file is larger than 50 MB. Split it and import the parts."),
        "import.too_many_rows": _(
            "The file has more than 250,000 lines with something in them, or lines far below the "
            "last one. Split it, or copy the people into a new file, and import that."
        ),
        "import.too_many_columns": _(
            "The file has more than 900 columns. Keep the columns that you need, save it again "
            "and upload that."
        ),
        "import.too_many_cells": _(
            "The file has more than 5,000,000 cells, empty ones included. Keep the columns that "
            "you need, or split it, and import that."
        ),
        "import.cell_too_long": _(
            "A cell has more than 65,536 characters, or a quotation mark is never closed. Correct "
            "it, or leave out that column, and upload the file again."
        ),
        "import.row_too_long": _(
            "A row has more than 500,000 characters. Check that each person has a row of "
            "their own, keep only the columns that you need, and upload the file again."
        ),
        "import.too_many_sheets": _(
            "The file has more than 250 sheets. Save the one with the people as a file of its own "
            "and upload that."
        ),
        "import.too_many_texts": _(
            "The file holds more than 40 MB of text in its cells. Save the sheet with the people "
            "as CSV, or split it, and upload that."
        ),
        "import.too_large_unpacked": _(
            "The file holds more than 300 MB once it is unpacked. Save the sheet with the people "
            "as CSV, or split it, and upload that."
        ),
        "import.too_slow": _(
            "Reading the file takes too long. Save the sheet with the people as CSV, or split it, "
            "and upload that."
        ),
        "import.no_headings": _(
            "The first line holds no headings. Add a line that names the columns."
        ),
        "import.nobody": _("The file has headings but no rows below them."),
        "import.broken_excel": _(
            "This is no Excel file that can be read. Save it again as XLSX or CSV."
        ),
        "import.old_excel": _(
            "This is an Excel file of the old kind (.xls). Open it in Excel, save it as “Excel "
            "Workbook (.xlsx)” and upload that."
        ),
        "import.protected": _(
            "This Excel file is protected with a password. Save it without one and upload that."
        ),
        "import.other_office": _(
            "This is a document of another kind. Open it in your spreadsheet, save it as XLSX or "
            "CSV and upload that."
        ),
        "import.web_page": _(
            "This is a web page with the name of a spreadsheet. Open it in Excel, save it as XLSX "
            "and upload that."
        ),
        "import.broken_csv": _(
            "This is no CSV file that can be read. Save it again as CSV or XLSX."
        ),
        "import.no_text": _("This is no CSV or Excel file. Save your list as CSV or XLSX."),
        "import.cut_off": _("The upload was cut off. Upload the file again."),
        "import.unread": _(
            "Reading the file failed several times. Save it again as XLSX or CSV and upload that."
        ),
        "import.failed": _(
            "Something went wrong on our side, and no contacts were imported. Please try again."
        ),
        "import.named_deleted": _(
            "A person in the file was deleted, so the file was discarded. Remove them "
            "from it and upload it again."
        ),
        # A list.
        "import.list_empty": _("The list has no members that can be read."),
        "import.list_too_large": _(
            "The list has more than 250,000 people. Split it and import the parts."
        ),
        "import.list_unread": _(
            "Reading the list failed several times. Try again, and tell an operator if it fails "
            "again."
        ),
        "import.no_source": _("Lists of this system cannot be imported any more."),
        "import.list_named_deleted": _(
            "A person on the list was deleted here while the list waited to be imported, so what "
            "was read of it was discarded. Import the list again without them."
        ),
        # A line.
        "import.email_missing": _("The email is missing."),
        "import.new_needs": _("A new person needs: %(fields)s."),
        "import.same_person": _("Duplicate of row %(line)d."),
        "import.erased": _("This person was deleted permanently and is not imported."),
        "import.too_many_tags": _(
            "There would be more than %(most)d tags. Is this the right column?"
        ),
        "import.consent_refused": _(
            "The consent to marketing was not imported: the person declined or unsubscribed."
        ),
        # What an undo left alone.
        "import.opt_out_stays": _("The opt-out from all email stays."),
        "import.edited_since": _("Changed since: %(fields)s."),
        "import.active_since": _("The contact has newer data and was not deleted."),
        "import.sent_since": _(
            "The registration has been sent to GoToWebinar, so the contact was not deleted."
        ),
    }
)
