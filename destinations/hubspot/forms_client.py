"""The calls for forms and their submissions."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from destinations.hubspot import answers
from destinations.hubspot.client import Client, part

# Forms have no dated version.
_FORMS = "/marketing/v3/forms"
_SUBMISSIONS = "/form-integrations/v1/submissions/forms"
_FORMS_AT_ONCE, _SUBMISSIONS_AT_ONCE = "100", "50"


@dataclass(frozen=True, slots=True)
class HubSpotField:
    """A field of a form: its internal name and its label."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class HubSpotForm:
    """A form of the portal."""

    id: str
    name: str
    fields: tuple[HubSpotField, ...] = ()


@dataclass(frozen=True, slots=True)
class HubSpotSubmission:
    """One submission of a form; `at` is None if its time is invalid. Several values of a field are
    joined by "; "."""

    at: dt.datetime | None
    values: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """A page of submissions, newest first; `next` is the cursor of the page after it, "" at the
    end."""

    rows: list[HubSpotSubmission]
    next: str = ""


def list_forms(client: Client) -> list[HubSpotForm]:
    """Return the forms of the portal. Raises HubSpotError."""
    return sorted(_forms(client), key=lambda form: form.name.casefold())


def _forms(client: Client) -> Iterator[HubSpotForm]:
    after = ""
    while True:
        params = {"limit": _FORMS_AT_ONCE} | ({"after": after} if after else {})
        body = client.call("GET", _FORMS, params)
        yield from (form for row in answers.rows_of(body) if (form := read_form(row)).id)
        after = answers.next_page(body)
        if not after:
            return


def submissions(client: Client, form_id: str, after: str = "") -> SubmissionPage:
    """Return a page of a form's submissions. Raises HubSpotError, NotFound if the form was
    deleted."""
    params = {"limit": _SUBMISSIONS_AT_ONCE} | ({"after": after} if after else {})
    body = client.call("GET", f"{_SUBMISSIONS}/{part(form_id)}", params)
    return SubmissionPage(
        [read_submission(row) for row in answers.rows_of(body)], answers.next_page(body)
    )


def read_form(row: Mapping[str, Any]) -> HubSpotForm:
    """Return a form as the list of forms shows it."""
    fields = [
        HubSpotField(name, answers.text(item.get("label")) or name)
        for group in answers.mappings(row.get("fieldGroups"))
        for item in _with_dependent(answers.mappings(group.get("fields")))
        if (name := answers.text(item.get("name")))
    ]
    unique: dict[str, HubSpotField] = {}
    for item in fields:
        unique.setdefault(item.name, item)
    return HubSpotForm(
        answers.text(row.get("id")),
        answers.text(row.get("name")),
        tuple(unique.values()),
    )


def _with_dependent(fields: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield fields, each followed by those that depend on its answers."""
    for item in fields:
        yield item
        for dependent in answers.mappings(item.get("dependentFields")):
            found = dependent.get("dependentField")
            if isinstance(found, dict):
                yield found


def read_submission(row: Mapping[str, Any]) -> HubSpotSubmission:
    """Return a submission; values that are no text are left out."""
    values: dict[str, list[str]] = {}
    for item in answers.mappings(row.get("values")):
        name, value = answers.text(item.get("name")), item.get("value")
        text = str(value).lower() if isinstance(value, bool) else answers.text(value)
        if name and text:
            values.setdefault(name, []).append(text)
    return HubSpotSubmission(
        answers.moment(row.get("submittedAt")),
        {name: "; ".join(texts) for name, texts in values.items()},
    )
