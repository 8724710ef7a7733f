"""Forms and submissions: from bytes, and over HTTP with the simulated portal."""

import datetime as dt
import json

import pytest

from destinations.hubspot.client import Client
from destinations.hubspot.errors import MissingScope, NotFound
from destinations.hubspot.forms_client import (
    HubSpotField,
    list_forms,
    read_form,
    read_submission,
    submissions,
)
from simulators.hubspot.process import HubSpotProcess

pytestmark = pytest.mark.pure

SUBMISSION = b"""{"conversionId": "f7", "submittedAt": 1795000000123, "values": [
  {"name": "email", "value": "Ada@Example.com", "objectTypeId": "0-1"},
  {"name": "topics", "value": "Sales", "objectTypeId": "0-1"},
  {"name": "topics", "value": "Tax", "objectTypeId": "0-1"},
  {"name": "agree", "value": true}, {"name": "age", "value": 41}, {"name": "odd", "value": null},
  {"value": "nameless"}, 7], "pageUrl": "https://www.example.com/"}"""
FORM = b"""{"id": "9b1e", "name": "Webinar", "fieldGroups": [
  {"fields": [{"name": "email", "label": "Email", "dependentFields": [
     {"dependentField": {"name": "company", "label": "Company"}}, 3]}]},
  {"fields": [{"name": "email", "label": "Again"}, {"name": "plan"}, {"label": "nameless"}, null]},
  {"richText": "<b>Hello</b>"}]}"""


@pytest.fixture
def client(hubspot: HubSpotProcess) -> Client:
    return Client(hubspot.api_url, str(hubspot.ready["access_token"]))


def test_a_submission_is_read_from_its_bytes() -> None:
    found = read_submission(json.loads(SUBMISSION))
    assert found.at == dt.datetime.fromtimestamp(1795000000.123, dt.UTC)
    assert found.values == {
        "email": "Ada@Example.com",
        "topics": "Sales; Tax",
        "agree": "true",
        "age": "41",
    }
    assert "Ada" not in repr(found)


@pytest.mark.parametrize("odd", [None, "soon", True, {}, [1], 10**40, -(10**16)])
def test_a_submission_without_a_readable_time_or_values_is_still_one(odd: object) -> None:
    found = read_submission({"submittedAt": odd, "values": odd})
    assert found.at is None
    assert found.values == {}


def test_a_form_is_read_from_its_bytes_with_fields_that_depend_on_others() -> None:
    form = read_form(json.loads(FORM))
    assert (form.id, form.name) == ("9b1e", "Webinar")
    assert form.fields == (
        HubSpotField("email", "Email"),
        HubSpotField("company", "Company"),
        HubSpotField("plan", "plan"),
    )


def test_forms_and_all_pages_of_submissions_are_read(
    hubspot: HubSpotProcess, client: Client
) -> None:
    hubspot.control("POST", "form", {"name": "A form", "fields": [["company", "Company"]]})
    forms = list_forms(client)
    assert [form.name for form in forms] == ["A form", "Newsletter", "Webinar registration"]
    assert HubSpotField("company", "Company") in forms[0].fields
    for number in range(53):
        body = {"email": f"p{number}@example.com", "form": "A form", "contact": False}
        hubspot.control("POST", "submit-form", body | {"submitted_at": 1795000000000 + number})
    first = submissions(client, forms[0].id)
    assert len(first.rows) == 50
    assert first.rows[0].values["email"] == "p52@example.com"
    second = submissions(client, forms[0].id, first.next)
    assert [row.values["email"] for row in second.rows] == [
        "p2@example.com", "p1@example.com", "p0@example.com",
    ]  # fmt: skip
    assert not second.next


def test_a_form_that_was_deleted_and_a_missing_scope_are_distinguished(
    hubspot: HubSpotProcess, client: Client
) -> None:
    with pytest.raises(NotFound):
        submissions(client, "none")
    hubspot.control("POST", "scopes", {"missing": ["forms"]})
    with pytest.raises(MissingScope) as refused:
        list_forms(client)
    assert refused.value.scopes == ("forms",)
