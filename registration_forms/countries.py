"""Recognize countries and US states by any common name: codes, English, German and French names."""

import gettext
import unicodedata
from collections.abc import Iterator
from functools import cache

import pycountry
from pycountry.db import Country

# Common names that ISO 3166 does not have, or that its translations spell differently.
_ALSO_CALLED = {
    "AT": ("Oesterreich",),
    "BN": ("Brunei",),
    "BY": ("Weißrussland", "Biélorussie", "Belorussia"),
    "CD": ("Democratic Republic of the Congo", "DR Congo", "Congo (Kinshasa)"),
    "CG": ("Republic of the Congo", "Congo (Brazzaville)"),
    "CI": ("Ivory Coast", "Elfenbeinküste"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic", "Tschechische Republik", "République tchèque"),
    "DE": ("BRD",),
    "FK": ("Falkland Islands",),
    "FM": ("Micronesia",),
    "GB": (
        "UK", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland",
        "Großbritannien", "Grande-Bretagne", "Angleterre",
    ),
    "KR": ("Südkorea", "Corée du Sud"),
    "MD": ("Moldawien", "Moldavie"),
    "MK": ("Macedonia",),
    "MM": ("Burma",),
    "MO": ("Macau",),
    "NL": ("The Netherlands", "Holland", "Hollande"),
    "PS": ("Palestine",),
    "RU": ("Russia", "Russland", "Russie"),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey", "Türkei", "Turquie"),
    "US": ("U.S.", "America", "The United States", "Vereinigte Staaten von Amerika"),
    "VA": ("Vatican City", "Vatican", "Vatikan"),
    "VI": ("US Virgin Islands",),
}  # fmt: skip
# Lists of countries mostly have the names from before these were changed.
_USUAL = {"CZ": "Czech Republic", "TR": "Turkey"}
_LANGUAGES = ("de", "fr")
_UNITED_STATES = "US"


def country_code(text: str) -> str | None:
    """Return the ISO code of the country named `text`; None for no or several countries."""
    return _codes().get(_key(text))


def usual_name(code: str) -> str:
    """Return the English name that lists usually have for a country."""
    country = _countries()[code]
    return _USUAL.get(code) or getattr(country, "common_name", None) or country.name


def is_usual_name(text: str, code: str) -> bool:
    """Return whether `text` is exactly one of the names that lists have for a country."""
    return text in (usual_name(code), _countries()[code].name)


def us_state(text: str, country: str | None = None) -> str | None:
    """Return the name of the US state or territory that `text` names or abbreviates.

    With a `country` (a code) other than the United States there is none: "CA" is not California
    there.
    """
    return _states().get(_key(text)) if country in (None, _UNITED_STATES) else None


def _key(text: str) -> str:
    """Return `text` normalized for comparison: letters and digits, without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if sign.isalnum())


@cache
def _countries() -> dict[str, Country]:
    return {country.alpha_2: country for country in pycountry.countries}


@cache
def _codes() -> dict[str, str]:
    """Return the codes of countries by key. A name shared by several countries is left out."""
    codes: dict[str, str] = {}
    # Earlier names are more reliable.
    for names_of in (_codes_of, _names, _translated, _shortened):
        met: dict[str, set[str]] = {}
        for country in _countries().values():
            for name in names_of(country):
                met.setdefault(_key(name), set()).add(country.alpha_2)
        for key, found in met.items():
            if len(found) == 1:
                codes.setdefault(key, *found)
    return codes


def _codes_of(country: Country) -> list[str]:
    return [country.alpha_2, country.alpha_3]


def _names(country: Country) -> list[str]:
    return [*_iso_names(country), *_ALSO_CALLED.get(country.alpha_2, ())]


def _translated(country: Country) -> Iterator[str]:
    for language in _LANGUAGES:
        words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language])
        for name in _iso_names(country):
            yield words.gettext(name)


def _shortened(country: Country) -> Iterator[str]:
    """Yield "Iran" and "Islamic Republic of Iran" for "Iran, Islamic Republic of"."""
    for name in (*_iso_names(country), *_translated(country)):
        first, comma, rest = name.partition(", ")
        if comma:
            yield first
            yield f"{rest} {first}"


def _iso_names(country: Country) -> list[str]:
    names = (getattr(country, name, None) for name in ("name", "common_name", "official_name"))
    return [name for name in names if name]


@cache
def _states() -> dict[str, str]:
    states = {_key("Washington D.C."): "District of Columbia"}
    for state in pycountry.subdivisions:
        country, _dash, code = state.code.partition("-")
        if country == _UNITED_STATES:
            states[_key(code)] = states[_key(state.name)] = state.name
    return states
