"""What the columns of a file mean, and what each of its lines says."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from tablib import Dataset

from contact_imports.parsers import text_of
from contacts.models import PROPERTIES, Contact
from contacts.timeline import property_label
from core.emails import email_key

NAMES = ("email", "first_name", "last_name", *PROPERTIES)
# Without these a person cannot go to GoToWebinar (rule 2).
NEEDED = ("email", "first_name", "last_name")

# Headings as GoTo, HubSpot, spreadsheets and our own exports write them, in English and French,
# without accents, signs and case.
_HEADINGS = {
    "email": ("email", "emailaddress", "mail", "courriel", "adresseemail", "adressemail"),
    "first_name": ("firstname", "givenname", "prenom"),
    "last_name": ("lastname", "surname", "familyname", "nom", "nomdefamille"),
    "organization": ("organization", "organisation", "company", "companyname", "societe",
                     "entreprise"),
    "job_title": ("jobtitle", "title", "position", "fonction", "poste", "intituleduposte"),
    "industry": ("industry", "secteur", "secteurdactivite"),
    "phone": ("phone", "phonenumber", "mobile", "telephone", "tel"),
    "address": ("address", "street", "streetaddress", "adresse", "rue"),
    "city": ("city", "town", "ville"),
    "state": ("state", "stateregion", "province", "region", "etat"),
    "zip_code": ("zip", "zipcode", "postalcode", "postcode", "codepostal"),
    "country": ("country", "countryregion", "pays"),
}  # fmt: skip
_MEANT = {heading: name for name, headings in _HEADINGS.items() for heading in headings}
_ALL = {field.name for field in Contact._meta.fields}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number there, and either what it says or why it cannot be used.

    `values` hold the properties that stand in the line; an empty cell says nothing.
    """

    number: int
    person: str
    values: dict[str, str]
    problem: str = ""


def guess(columns: Sequence[str]) -> list[str]:
    """Return what each of `columns` means: a property's name, each once, or ""."""
    found: list[str] = []
    for heading in columns:
        name = _MEANT.get(_bare(heading), "")
        found.append("" if name in found else name)
    return found


def _bare(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", str(heading or "")).casefold()
    return re.sub(r"[^a-z]", "", plain)


def problem_of(mapping: Sequence[str]) -> str:
    """Return why columns with these meanings cannot be imported; "" where they can."""
    if "email" not in mapping:
        return _("Say which column holds the e-mail: people are known by it.")
    chosen = [name for name in mapping if name]
    if len(chosen) > len(set(chosen)):
        return _("Two columns have the same meaning. Leave one of them out.")
    return ""


def lines(dataset: Dataset, mapping: Sequence[str]) -> Iterator[Line]:
    """Return the lines of `dataset` with something in them, the first below the headings as 2."""
    for number, row in enumerate(dataset, start=2):
        cells = (text_of(cell) for cell in row)
        values = {name: cell for name, cell in zip(mapping, cells, strict=False) if name and cell}
        if values:
            yield _line(number, values)


def _line(number: int, values: dict[str, str]) -> Line:
    address = values.pop("email", "")
    if not address:
        return Line(number, "", values, _("The e-mail is missing."))
    values = {"email": address, **values}
    contact = Contact(**values)
    try:
        contact.clean_fields(exclude=_ALL - values.keys())
    except ValidationError as error:
        said = [
            f"{property_label(name)}: {' '.join(sentences)}"
            for name, sentences in error.message_dict.items()
        ]
        return Line(number, "", values, " ".join(said))
    return Line(number, email_key(address), values)


def missing(values: dict[str, str]) -> str:
    """Return what a new person lacks, as a sentence; "" where nothing."""
    lacking = [property_label(name) for name in NEEDED if not values.get(name)]
    return _("A new person needs: %(fields)s.") % {"fields": ", ".join(lacking)} if lacking else ""
