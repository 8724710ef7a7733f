"""The contact properties of a portal: their types and options, and their valid values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .clock import parse_iso
from .errors import Refusal, Shape, invalid

Options = tuple[tuple[str, str], ...]
# No contact can exist without a name or an address (documented).
ONE_OF = ("email", "firstname", "lastname")
_EMAIL = re.compile(
    r"[^@\s,;<>()\"]+@[^@\s.,;<>()\"]+(\.[^@\s.,;<>()\"]+)*\.([^@\s.\W\d_]{2,}|xn--\S+)"
)
# HubSpot validates the top-level domain too (seen with example.con).
_NO_DOMAINS = {"con", "cmo", "lcom", "ocm", "invalid", "local", "localhost"}


@dataclass
class Definition:
    """One property's definition. `options` are pairs of value and label."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    options: Options = ()
    read_only: bool = False
    hubspot_defined: bool = True
    description: str = ""

    def shape(self) -> Shape:
        """Return the definition as the API shows it."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": "contactinformation",
            "options": [
                {"label": label, "value": value, "displayOrder": at, "hidden": False}
                for at, (value, label) in enumerate(self.options)
            ],
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": False,
            "archived": False,
            "hasUniqueValue": self.name == "email",
            "hidden": False,
            "hubspotDefined": self.hubspot_defined,
            "formField": not self.read_only,
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyValue": self.read_only,
            },
        }

    def problem(self, value: str) -> tuple[str, str] | None:
        """Return why a value is invalid, as text and a code; an empty value clears."""
        if value == "":
            return None
        if self.name == "email" and not valid_email(value):
            return f"Email address {value} is invalid", "INVALID_EMAIL"
        if self.type in ("enumeration", "bool"):
            allowed = [option for option, _ in self.options]
            chosen = value.split(";") if self.field_type == "checkbox" else [value]
            wrong = [each for each in chosen if each and each not in allowed]
            if wrong:
                listed = ", ".join(allowed)
                words = f"{wrong[0]} was not one of the allowed options: [{listed}]"
                return words, "INVALID_OPTION"
        if self.type == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
            return f"{value} was not a valid long.", "INVALID_LONG"
        if self.type in ("date", "datetime") and not _is_moment(value):
            return f"{value} was not a valid {self.type}.", f"INVALID_{self.type.upper()}"
        return None


def valid_email(text: str) -> bool:
    """Return whether HubSpot would accept an address."""
    text = text.strip()
    return bool(_EMAIL.fullmatch(text)) and text.rpartition(".")[2].casefold() not in _NO_DOMAINS


def _is_moment(value: str) -> bool:
    if re.fullmatch(r"-?\d{1,15}", value):
        return True
    try:
        parse_iso(value)
    except ValueError:
        return False
    return True


def _text(name: str, label: str, field_type: str = "text") -> Definition:
    return Definition(name, label, field_type=field_type)


def _owned(name: str, label: str, type: str = "string", options: Options = ()) -> Definition:
    """Return a property whose value only HubSpot writes."""
    field_types = {"datetime": "date", "bool": "booleancheckbox", "number": "number"}
    return Definition(
        name, label, type, field_types.get(type, "text"), options=options, read_only=True
    )


def _choice(name: str, label: str, options: Options) -> Definition:
    return Definition(name, label, "enumeration", "select", options)


TRUE_FALSE: Options = (("true", "Yes"), ("false", "No"))
LIFECYCLE = (
    "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity",
    "customer", "evangelist", "other",
)  # fmt: skip
# Types as a real portal had them (seen): numemployees accepts only HubSpot's own ranges.
EMPLOYEES = ("1-5", "5-25", "25-50", "50-100", "100-500", "500-1000", "1000+")


def defaults() -> dict[str, Definition]:
    """Return the definitions of a new portal, by name."""
    listed = [
        _text("email", "Email"),
        _text("firstname", "First Name"),
        _text("lastname", "Last Name"),
        _text("jobtitle", "Job Title"),
        _text("company", "Company Name"),
        _text("industry", "Industry"),
        _text("address", "Street Address"),
        _text("city", "City"),
        _text("state", "State/Region"),
        _text("zip", "Postal Code"),
        _text("country", "Country/Region"),
        _text("salutation", "Salutation"),
        _text("website", "Website URL"),
        _text("message", "Message", "textarea"),
        _text("phone", "Phone Number", "phonenumber"),
        _text("mobilephone", "Mobile Phone Number", "phonenumber"),
        _choice("numemployees", "Number of Employees", tuple((each, each) for each in EMPLOYEES)),
        _choice("lifecyclestage", "Lifecycle Stage", tuple((e, e.title()) for e in LIFECYCLE)),
        _choice("hubspot_owner_id", "Contact owner", (("101", "Ada Owner"), ("102", "Ben Owner"))),
        Definition("annualrevenue", "Annual Revenue", "number", "number"),
        _owned("hs_object_id", "Record ID", "number"),
        _owned("createdate", "Create Date", "datetime"),
        _owned("lastmodifieddate", "Last Modified Date", "datetime"),
        _owned("notes_last_updated", "Last Activity Date", "datetime"),
        _owned("hs_additional_emails", "Additional email addresses"),
        _owned("hs_merged_object_ids", "Merged record IDs"),
        _owned("hs_email_domain", "Email Domain"),
        _owned("hs_email_optout", "Unsubscribed from all email", "bool", TRUE_FALSE),
        _owned("hs_marketable_status", "Marketing contact status", "bool", TRUE_FALSE),
    ]
    return {each.name: each for each in listed}


def read_definition(body: Mapping[str, Any]) -> Definition:
    """Return a custom property from the API's shape. Raises ValueError."""
    missing = [name for name in ("name", "label", "type", "fieldType") if not body.get(name)]
    if missing:
        raise ValueError(f"Some required fields were not set: [{', '.join(missing)}]")
    return Definition(
        name=str(body["name"]),
        label=str(body["label"]),
        type=str(body["type"]),
        field_type=str(body["fieldType"]),
        options=tuple((str(each["value"]), str(each["label"])) for each in body.get("options", [])),
        read_only=bool(body.get("modificationMetadata", {}).get("readOnlyValue", False)),
        hubspot_defined=False,
        description=str(body.get("description", "")),
    )


@dataclass
class Rules:
    """The properties that the portal's administrators require of new records.

    `conditional` are triples: the property is required if another has this value. `in_schema` is
    whether the schema of contacts contains `required`.
    """

    required: list[str] = field(default_factory=list)
    conditional: list[tuple[str, str, str]] = field(default_factory=list)
    in_schema: bool = True

    def missing(self, properties: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return the properties that are missing, each with the code of the error."""
        found = [
            (name, "MISSING_REQUIRED_PROPERTY")
            for name in self.required
            if not properties.get(name)
        ]
        found += [
            (name, "MISSING_CONDITIONAL_REQUIRED_PROPERTY")
            for name, other, value in self.conditional
            if properties.get(other) == value and not properties.get(name)
        ]
        return found


def refused_values(problems: list[tuple[str, str, str]], portal_id: int, codes: bool) -> Refusal:
    """Return the 400 of invalid values: triples of property, text and code.

    They are JSON inside the text (seen), or with `codes` as in newer APIs (documented).
    """
    if codes:
        return invalid(
            f"Property values were not valid: {problems[0][1]}",
            errors=[
                {"message": words, "code": code, "context": {"propertyName": [name]}}
                for name, words, code in problems
            ],
        )
    listed: list[dict[str, Any]] = []
    for name, words, code in problems:
        row: dict[str, Any] = {"isValid": False, "message": words, "error": code, "name": name}
        if code == "PROPERTY_DOESNT_EXIST":
            row |= {"localizedErrorMessage": words, "portalId": portal_id}
        listed.append(row)
    text = json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    return invalid(f"Property values were not valid: {text}")
