"""The schema of this portal's contacts: its properties, and the required ones."""

from __future__ import annotations

from . import errors
from .calls import Answer, Call
from .clock import iso
from .definitions import read_definition
from .errors import Refusal, invalid

CONTACTS = ("contacts", "contact", "0-1")


def properties(call: Call) -> Answer:
    """GET the definitions of all contact properties."""
    definitions = call.portal.definitions.values()
    return Answer(200, {"results": [each.shape() for each in definitions]})


def one_property(call: Call) -> Answer:
    """GET the definition of one contact property."""
    definition = call.portal.definitions.get(call.path["property_name"])
    if definition is None:
        raise errors.not_found()
    return Answer(200, definition.shape())


def create_property(call: Call) -> Answer:
    """POST the definition of a custom property."""
    try:
        definition = read_definition(call.json())
    except ValueError as error:
        raise invalid(str(error)) from error
    if definition.name in call.portal.definitions:
        message = f"A property named '{definition.name}' already exists."
        raise Refusal(409, errors.error_body("OBJECT_ALREADY_EXISTS", message))
    call.portal.definitions[definition.name] = definition
    call.portal.changed()
    return Answer(201, definition.shape())


def schema(call: Call) -> Answer:
    """GET the schema of contacts, with what the portal requires of a new one (published so).

    Whether HubSpot reports there what administrators require is not known; conditional requirements
    are not included.
    """
    if call.path["object_type"] not in CONTACTS:
        raise errors.not_found()
    portal = call.portal
    return Answer(
        200,
        {
            "id": "0-1",
            "objectTypeId": "0-1",
            "name": "CONTACT",
            "fullyQualifiedName": "CONTACT",
            "labels": {"singular": "Contact", "plural": "Contacts"},
            "primaryDisplayProperty": "email",
            "secondaryDisplayProperties": [],
            "searchableProperties": ["email", "firstname", "lastname"],
            "requiredProperties": portal.rules.required if portal.rules.in_schema else [],
            "properties": [each.shape() for each in portal.definitions.values()],
            "associations": [],
            "allowsSensitiveProperties": False,
            "archived": False,
            "createdAt": iso(0),
            "updatedAt": iso(0),
        },
    )
