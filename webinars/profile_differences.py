"""Submitted values that differ from the contact: the one definition (rule 3).

A difference is a submitted value that is not empty and differs from the contact's, both trimmed.
One that a user dismissed is none until another value is submitted. `differences` computes it for
one registration, `Differs` in the database, so that a list of 10,000 can be paged; a test compares
the two. The email is never a difference: it identifies the person.
"""

import hashlib
import sys
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Left

from contacts.models import PROPERTIES, Contact
from webinars.models import Registration

# The properties that can be updated, in the order of display.
TAKEN = ("first_name", "last_name", *PROPERTIES)
# The maximum length of a contact's field: longer values of the platform are compared truncated.
LONGEST = 255
_BLANKS = "".join(sign for sign in map(chr, range(sys.maxunicode)) if sign.isspace())


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference in one property of one registration: the present and the submitted value,
    trimmed."""

    registration_id: int
    contact_id: int
    name: str
    here: str
    submitted: str

    @property
    def label(self) -> str:
        return label(self.name)

    @property
    def token(self) -> str:
        """What a form submits: the difference, and both values when it was shown."""
        seen = hashlib.sha256(f"{self.here}\0{self.submitted}".encode()).hexdigest()[:16]
        return f"{self.registration_id}:{self.name}:{seen}"


def label(name: str) -> str:
    """Return the label of a property, such as “Job title”."""
    return str(getattr(Contact._meta.get_field(name), "verbose_name", name)).capitalize()


def plain(value: object) -> str:
    """Return `value` as a contact would have it: trimmed and truncated."""
    return value.strip()[:LONGEST].rstrip() if isinstance(value, str) else ""


def differences(registration: Registration) -> list[Difference]:
    """Return the differences of one registration, read with its contact."""
    contact, submitted, dismissed = (
        registration.contact,
        registration.submitted,
        registration.dismissed,
    )
    found = []
    for name in TAKEN:
        here, there = str(getattr(contact, name)).strip(), plain(submitted.get(name))
        if there and there not in (here, plain(dismissed.get(name))):
            found.append(Difference(registration.pk, contact.pk, name, here, there))
    return found


def of_contact(contact_id: int) -> list[tuple[Difference, Registration]]:
    """Return a contact's differences over all webinars, the newest registration's first.

    Equal values of several registrations are listed once.
    """
    rows = Registration.objects.filter(contact=contact_id).select_related("contact", "webinar")
    met: dict[tuple[str, str], tuple[Difference, Registration]] = {}
    for registration in rows.order_by("-registered_at", "-pk"):
        for item in differences(registration):
            met.setdefault((item.name, item.submitted), (item, registration))
    return sorted(met.values(), key=lambda pair: TAKEN.index(pair[0].name))


# -- the same, for the database -----------------------------------------------------------------


class _Trimmed(Func):
    """Trim everything that Python's strip() removes."""

    function = "TRIM"
    output_field = TextField()

    def __init__(self, expression: Any) -> None:
        super().__init__(expression, Value(_BLANKS))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return super().as_sql(compiler, connection, function="BTRIM")


def _plain(field: str, name: str) -> _Trimmed:
    return _Trimmed(Left(_Trimmed(KeyTextTransform(name, field)), LONGEST))


class Differs(Func):
    """On `Registration`: whether property `name` was submitted and differs. NULL if not
    submitted."""

    output_field = BooleanField()

    def __init__(self, name: str) -> None:
        here = _Trimmed(F(f"contact__{name}"))
        super().__init__(
            _plain("submitted", name), here, Coalesce(_plain("dismissed", name), Value(""))
        )

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, Any]:
        submitted, here, dismissed = map(compiler.compile, self.get_source_expressions())
        sql = f"({submitted[0]} NOT IN ('', {here[0]}, {dismissed[0]}))"
        return sql, (*submitted[1], *here[1], *dismissed[1])


def with_differences(
    registrations: QuerySet[Registration], name: str = ""
) -> QuerySet[Registration]:
    """Return those of `registrations` that differ in `name`, or in any property."""
    wanted = Q()
    for each in [name] if name else TAKEN:
        wanted |= Q(Differs(each))
    return registrations.filter(wanted)


def counts(registrations: QuerySet[Registration]) -> dict[str, int]:
    """Return how many of `registrations` differ in each property, with one query."""
    counted = registrations.aggregate(**{name: Count("pk", filter=Differs(name)) for name in TAKEN})
    return {name: counted[name] for name in TAKEN}
