"""Check the mapping against the portal's contact properties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import messages
from destinations.hubspot.records import PropertyDefinition, PropertyOption
from destinations.models import Portal

# HubSpot only moves it forward: it belongs to people and workflows there.
NEVER_MAPPED = frozenset({"lifecyclestage"})
_DATES, _NUMBERS = frozenset({"date", "datetime"}), frozenset({"number"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why values of a row of the mapping may not arrive. `blocks` if none of them does."""

    code: str
    params: Mapping[str, Any]
    blocks: bool = False

    def __str__(self) -> str:
        return messages.text(self.code, self.params)


def definitions_of(portal: Portal) -> dict[str, PropertyDefinition]:
    """Return the portal's contact properties by name."""
    found = [
        PropertyDefinition(
            **{**row, "options": tuple(PropertyOption(**option) for option in row["options"])}
        )
        for row in portal.definitions
    ]
    return {definition.name: definition for definition in found}


def problems(portal: Portal) -> dict[str, Problem]:
    """Return the problems of rows of the mapping by our value; empty while the properties are
    unknown."""
    if not portal.definitions:
        return {}
    known = definitions_of(portal)
    found: dict[str, Problem] = {}
    taken: set[str] = set()
    for ours, name in portal.mapping.items():
        problem = _problem(name, known.get(name), name in taken)
        taken.add(name)
        if problem is not None:
            found[ours] = problem
    return found


def _problem(name: str, definition: PropertyDefinition | None, twice: bool) -> Problem | None:
    if definition is None:
        return Problem("hubspot.property-unknown", {"property": name}, blocks=True)
    label = {"label": definition.label}
    if name in NEVER_MAPPED:
        return Problem("hubspot.property-never", label, blocks=True)
    if definition.read_only:
        return Problem("hubspot.property-read-only", label, blocks=True)
    if twice:
        return Problem("hubspot.property-twice", label, blocks=True)
    if definition.options:
        count = len(definition.options)
        return Problem("hubspot.property-options", {**label, "count": count})
    if definition.type in _NUMBERS:
        return Problem("hubspot.property-number", label)
    if definition.type in _DATES:
        return Problem("hubspot.property-date", label)
    return None


def unmapped_required(portal: Portal) -> list[Problem]:
    """Return the properties that a new contact requires and that nothing is mapped to."""
    required: Sequence[str] = portal.required_properties or ()
    known, mapped = definitions_of(portal), set(portal.mapping.values())
    lacking = [name for name in required if name not in mapped]
    labels = [known[name].label if name in known else name for name in lacking]
    return [Problem("hubspot.property-required", {"label": label}) for label in labels]
