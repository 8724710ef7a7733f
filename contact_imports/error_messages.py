"""Why a file or a line of it cannot be used, and what an undo left alone."""

from django.utils.translation import gettext_lazy as _

from core import messages

messages.register(
    {
        # A file.
        "import.empty": _("The file is empty. Choose a file with a line of headings."),
        "import.too_large": _("The file is larger than 25 MB. Split it and import the parts."),
        "import.no_headings": _(
            "The first line holds no headings. Add a line that names the columns."
        ),
        "import.nobody": _("The file has headings and nobody below them."),
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
        "import.failed": _(
            "Something went wrong here, and nobody was imported. What had been written was undone. "
            "Try again."
        ),
        "import.named_deleted": _(
            "Somebody whom the file names was deleted, so the file was discarded. Take them out of "
            "it and upload it again."
        ),
        # A line.
        "import.email_missing": _("The e-mail is missing."),
        "import.new_needs": _("A new person needs: %(fields)s."),
        "import.same_person": _("The same person stands in line %(line)d already."),
        "import.erased": _("This person was erased for good and stays so."),
        "import.too_many_tags": _(
            "Its tags would be more than the %(most)d that there is room for. Is it the right "
            "column?"
        ),
        "import.consent_refused": _(
            "The consent to marketing was not taken: the person said no, or unsubscribed."
        ),
        # What an undo left alone.
        "import.edited_since": _("Changed since: %(fields)s."),
        "import.active_since": _("Something has come since: the contact stays."),
        "import.sent_since": _("The registration has been sent to GoToWebinar: the contact stays."),
    }
)
