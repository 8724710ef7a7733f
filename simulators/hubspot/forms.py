"""Forms and their submissions."""

from __future__ import annotations

from . import errors
from .calls import Answer, Call
from .clock import iso
from .errors import Shape
from .records import Form, Submission

MOST_A_PAGE = 50


# The appearance and behaviour of a form: the same for each, and irrelevant to submissions.
_CONFIGURATION: Shape = {
    "language": "en",
    "cloneable": True,
    "editable": True,
    "archivable": True,
    "recaptchaEnabled": False,
    "createNewContactForNewEmail": False,
    "prePopulateKnownValues": True,
    "allowLinkToResetKnownValues": False,
    "notifyContactOwner": False,
    "notifyRecipients": [],
    "lifecycleStages": [],
    "postSubmitAction": {"type": "thank_you", "value": "Thank you."},
}
_DISPLAY: Shape = {
    "renderRawHtml": False,
    "theme": "default_style",
    "submitButtonText": "Submit",
    "style": {
        "fontFamily": "arial, sans-serif",
        "backgroundWidth": "100%",
        "labelTextColor": "#333333",
        "labelTextSize": "14px",
        "helpTextColor": "#777777",
        "helpTextSize": "11px",
        "legalConsentTextColor": "#333333",
        "legalConsentTextSize": "14px",
        "submitColor": "#ff7a59",
        "submitFontColor": "#ffffff",
        "submitAlignment": "left",
        "submitSize": "12px",
    },
}
_FIELDS = (("email", "Email"), ("firstname", "First Name"), ("lastname", "Last Name"))


def shape(form: Form) -> Shape:
    """Return a form as the list of forms shows it."""
    return {
        "id": form.id,
        "name": form.name,
        "formType": "hubspot",
        "createdAt": iso(form.created_at),
        "updatedAt": iso(form.created_at),
        "archived": False,
        "fieldGroups": [_group(name, label) for name, label in (*_FIELDS, *form.fields)],
        "configuration": _CONFIGURATION,
        "displayOptions": _DISPLAY,
        "legalConsentOptions": {"type": "none"},
    }


def _group(name: str, label: str) -> Shape:
    """Return a row of a form with one field."""
    field: Shape = {
        "objectTypeId": "0-1",
        "name": name,
        "label": label,
        "required": name == "email",
        "hidden": False,
        "fieldType": "single_line_text",
        "dependentFields": [],
    }
    if name == "email":
        rules = {"blockedEmailDomains": [], "useDefaultBlockList": False}
        field |= {"fieldType": "email", "validation": rules}
    return {"groupType": "default_group", "richTextType": "text", "fields": [field]}


def listed(call: Call) -> Answer:
    """GET the forms."""
    page, paging = call.page(list(call.portal.forms.values()), 20, 500)
    return Answer(200, {"results": [shape(form) for form in page], **paging})


def read(call: Call) -> Answer:
    """GET one form."""
    return Answer(200, shape(_form(call)))


def submissions(call: Call) -> Answer:
    """GET a form's submissions, newest first, 50 a page at most (seen)."""
    newest = sorted(_form(call).submissions, key=lambda each: -each.submitted_at)
    page, paging = call.page(newest, 20, MOST_A_PAGE)
    return Answer(200, {"results": [_submission(each) for each in page], **paging})


def _form(call: Call) -> Form:
    form = call.portal.forms.get(call.path["form_id"])
    if form is None:
        raise errors.not_found()
    return form


def _submission(each: Submission) -> Shape:
    shown: Shape = {
        "submittedAt": each.submitted_at,
        "values": [
            {"name": name, "value": value, "objectTypeId": "0-1"} for name, value in each.values
        ],
        "pageUrl": each.page_url,
    }
    # Some answers do not have it (seen).
    if each.conversion_id is not None:
        shown["conversionId"] = each.conversion_id
    return shown
