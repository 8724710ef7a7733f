"""The properties of a new HubSpot contact: our values, checked against the portal's definitions.

A value that the portal would refuse is left out and named; it never prevents the contact.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from destinations.hubspot import reasons
from destinations.hubspot.property_checks import NEVER_MAPPED
from destinations.hubspot.records import PropertyDefinition, PropertyOption

LONGEST_TEXT = 65_536
_TRUE = {"true", "yes", "1", "on"}
_FALSE = {"false", "no", "0", "off"}


@dataclass(frozen=True, slots=True)
class LeftOutValue:
    """A value that is not sent: the property's label in HubSpot, and a code of `reasons`."""

    property: str
    value: str = field(repr=False)
    reason: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(slots=True)
class CheckedValues:
    """The properties of a new contact, those left out, and the required ones it lacks."""

    properties: dict[str, str] = field(default_factory=dict, repr=False)
    left_out: list[LeftOutValue] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)


class UnfitValue(ValueError):
    """A value does not fit a property; `reason` is a code of `reasons`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def checked_values(
    ours: Mapping[str, str],
    mapping: Mapping[str, str],
    definitions: Mapping[str, PropertyDefinition],
    required: Iterable[str] = (),
) -> CheckedValues:
    """Return the properties of a new contact from `ours` by `mapping` (our name: HubSpot's).

    Without definitions, which were not read yet, nothing is left out. The address is always sent.
    """
    made = CheckedValues()
    for name, target in mapping.items():
        value = ours.get(name, "").strip()
        if not value or not target or target in made.properties or target in NEVER_MAPPED:
            continue
        if name == "email" or not definitions:
            made.properties[target] = value
            continue
        try:
            definition = definitions.get(target)
            if definition is None:
                raise UnfitValue(reasons.UNKNOWN_PROPERTY)
            made.properties[target] = fit(value, definition)
        except UnfitValue as error:
            made.left_out.append(LeftOutValue(target, value, error.reason))
    made.lacking = sorted(set(required) - made.properties.keys())
    return made


def fit(value: str, definition: PropertyDefinition) -> str:
    """Return `value` in the format of the property. Raises UnfitValue."""
    if definition.read_only:
        raise UnfitValue(reasons.READ_ONLY)
    if definition.type == "enumeration":
        return _option(value, definition)
    if definition.type == "bool":
        return _boolean(value)
    if definition.type == "number":
        return _number(value)
    if definition.type in ("date", "datetime"):
        return _datetime_value(value, definition.type)
    if len(value) > LONGEST_TEXT:
        raise UnfitValue(reasons.TOO_LONG)
    return value


def _option(value: str, definition: PropertyDefinition) -> str:
    """Return the value of the option with this value or label."""
    if definition.field_type == "booleancheckbox":
        return _boolean(value)
    if definition.field_type == "checkbox":
        parts = [part.strip() for part in value.split(";") if part.strip()]
        if len(parts) > 1 and _match(value, definition.options) is None:
            return ";".join(dict.fromkeys(_one_option(part, definition) for part in parts))
    return _one_option(value, definition)


def _one_option(value: str, definition: PropertyDefinition) -> str:
    found = _match(value, definition.options)
    if found is None:
        raise UnfitValue(reasons.NO_OPTION)
    return found


def _match(value: str, options: Iterable[PropertyOption]) -> str | None:
    known = list(options)
    for same in (
        [option.value for option in known if option.value == value],
        [option.value for option in known if option.value.casefold() == value.casefold()],
        [option.value for option in known if option.label.casefold() == value.casefold()],
    ):
        if same:
            return same[0]
    return None


def _boolean(value: str) -> str:
    word = value.casefold()
    if word not in _TRUE | _FALSE:
        raise UnfitValue(reasons.WRONG_TYPE)
    return "true" if word in _TRUE else "false"


def _number(value: str) -> str:
    text = value.replace(" ", "")
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UnfitValue(reasons.WRONG_TYPE)
    return text


def _datetime_value(value: str, kind: str) -> str:
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        raise UnfitValue(reasons.WRONG_TYPE) from None
    if kind == "date":
        return moment.date().isoformat()
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return aware.isoformat()
