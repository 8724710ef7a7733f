"""What the columns of a file mean, and what each of its lines contains."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contact_imports import further_values
from contact_imports.further_values import CONSENT, FURTHER, NOTHING, OPT_OUT, TAGS, Further
from contact_imports.reasons import Reason
from contacts.models import PROPERTIES, Contact
from core.emails import email_key

NAMES = ("email", "first_name", "last_name", *PROPERTIES)
# What a column can mean.
MEANINGS = (*NAMES, *FURTHER)
# Of a list: the person's id in its system. No property, and never offered for a file.
RECORD = "record"
# Required to register a person on the platform (rule 2).
NEEDED = ("email", "first_name", "last_name")

EMAIL_MISSING = "email_missing"
# Headings as the platform, HubSpot, spreadsheets and our own exports write them, in English,
# French, German, Polish and Spanish, without accents, punctuation and case.
_HEADINGS = {
    "email": ("email", "emailaddress", "emailaddresses", "workemail", "businessemail", "mail",
              "courriel", "adresseemail", "adressemail", "mailadresse", "emailadresse", "epost",
              "adresemail", "correo", "correoelectronico"),
    "first_name": ("firstname", "givenname", "forename", "prenom", "vorname", "imie", "nombre"),
    "last_name": ("lastname", "surname", "familyname", "nom", "nomdefamille", "nachname",
                  "familienname", "nazwisko", "apellido", "apellidos"),
    "organization": ("organization", "organisation", "company", "companyname", "employer",
                     "societe", "entreprise", "firma", "unternehmen", "empresa"),
    "job_title": ("jobtitle", "job", "title", "position", "role", "fonction", "poste",
                  "intituleduposte", "beruf", "stanowisko", "cargo", "puesto"),
    "industry": ("industry", "secteur", "secteurdactivite", "branche", "branza", "sector"),
    "phone": ("phone", "phonenumber", "telephonenumber", "mobile", "mobilephone", "cellphone",
              "telephone", "tel", "telefon", "telefonnummer", "telefono"),
    "address": ("address", "street", "streetaddress", "adresse", "rue", "strasse", "adres",
                "ulica", "direccion"),
    "city": ("city", "town", "ville", "stadt", "ort", "miasto", "ciudad"),
    "state": ("state", "stateregion", "stateprovince", "province", "region", "etat",
              "bundesland", "wojewodztwo"),
    "zip_code": ("zip", "zipcode", "zippostalcode", "postalcode", "postcode", "codepostal", "plz",
                 "postleitzahl", "kodpocztowy", "codigopostal"),
    "country": ("country", "countryregion", "pays", "land", "kraj", "pais"),
    TAGS: ("tag", "tags", "label", "labels", "etiquette", "etiquettes", "motscles", "schlagwort",
           "schlagworte", "schlagworter", "etykieta", "etykiety", "etiqueta", "etiquetas"),
    CONSENT: ("marketingconsent", "consenttomarketing", "consent", "optin", "marketingoptin",
              "emailoptin", "agreedtomarketing", "consentement", "consentementmarketing",
              "consentementaumarketing", "einwilligung", "werbeeinwilligung", "zgoda",
              "zgodamarketingowa", "consentimiento"),
    # The headings and the name of HubSpot's exports.
    OPT_OUT: ("unsubscribedfromallemail", "hsemailoptout"),
}  # fmt: skip
# Our own exports have a no for people who were never asked: being exported is no refusal.
_NOT_GUESSED = "marketing_consent"
_MEANT = {heading: name for name, headings in _HEADINGS.items() for heading in headings}
_ALL = {field.name for field in Contact._meta.fields}
# What is wrong with a cell, by Django's error codes.
_KINDS = {"max_length": "long", "null_characters_not_allowed": "signs"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number, and either its values or why it cannot be used.

    `values` are properties; an empty cell is left out. `record` is the person's id in the list's
    system.
    """

    number: int
    person: str
    values: dict[str, str]
    problem: Reason | None = None
    further: Further = NOTHING
    record: str = ""


def guess(columns: Sequence[str]) -> list[str]:
    """Return what each of `columns` means: a property's name, each once, or ""."""
    found: list[str] = []
    for heading in columns:
        name = "" if heading == _NOT_GUESSED else _MEANT.get(_bare(heading), "")
        found.append("" if name in found else name)
    return found


def _bare(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", str(heading or "")).casefold()
    # The one letter of these languages that does not decompose into a letter and an accent.
    return re.sub(r"[^a-z]", "", plain.replace("ł", "l"))


def problem_of(mapping: Sequence[str]) -> str:
    """Return why columns with these meanings cannot be imported; "" if they can."""
    if "email" not in mapping:
        return _("Choose the column with the email: contacts are matched by it.")
    chosen = [name for name in mapping if name]
    if len(chosen) > len(set(chosen)):
        return _("Two columns are mapped to the same field. Skip one of them.")
    return ""


def lines(rows: Iterable[tuple[int, Sequence[str]]], mapping: Sequence[str]) -> Iterator[Line]:
    """Return the lines of the numbered `rows` that have a value in a mapped column."""
    for number, row in rows:
        values = {name: cell for name, cell in zip(mapping, row, strict=False) if name and cell}
        if values:
            record = values.pop(RECORD, "")
            yield replace(_line(number, values), record=record)


def _line(number: int, values: dict[str, str]) -> Line:
    address = values.pop("email", "")
    if not address:
        return Line(number, "", values, Reason(EMAIL_MISSING))
    further, wrong = further_values.read(values)
    values = {"email": address, **values}
    contact = Contact(**values)
    try:
        contact.clean_fields(exclude=_ALL - values.keys())
    except ValidationError as error:
        wrong = [
            [name, _KINDS.get(item.code or "", "email")]
            for name, items in error.error_dict.items()
            for item in items[:1]
        ] + wrong
    if wrong:
        return Line(number, "", values, Reason("invalid", {"fields": wrong}))
    return Line(number, email_key(address), values, further=further)


def missing(values: dict[str, str]) -> Reason | None:
    """Return why a new person is incomplete; None if they are complete."""
    lacking = [name for name in NEEDED if not values.get(name)]
    return Reason("new_needs", {"fields": lacking}) if lacking else None
