"""Convert cells of a spreadsheet to the text that it shows; errors become empty."""

import datetime as dt
import re
from functools import lru_cache

from core.csv_export import unescape_formula

# What spreadsheets show for a failed formula, in several languages, and in a column too narrow
# for a number.
_ERRORS = frozenset(
    (
        "#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#null!", "#num!", "#spill!", "#calc!",
        "#getting_data", "#field!", "#blocked!", "#connect!", "#unknown!", "#busy!", "#error!",
        "#nv", "#bezug!", "#wert!", "#zahl!", "#nom?", "#nombre!", "#valeur!", "#nul!",
        "#n/d", "#n/d!", "#adr!", "#arg!", "#liczba!", "#nazwa?", "#zero!", "#¡ref!", "#¡valor!",
        "#¿nombre?", "#¡num!", "#¡div/0!", "#¡nulo!", "#rif!", "#valore!", "#verw!", "#waarde!",
    )
)  # fmt: skip
_TOO_NARROW = re.compile(r"#{3,}")

# The parts of a number format: quoted text, an escaped character, brackets, padding, other
# characters.
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|\[([^\]]*)\]|[_*](?:.)|(.)', re.DOTALL)
_LIMIT = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)")
_COMPARED = {
    "<=": lambda number, limit: number <= limit,
    ">=": lambda number, limit: number >= limit,
    "<>": lambda number, limit: number != limit,
    "<": lambda number, limit: number < limit,
    ">": lambda number, limit: number > limit,
    "=": lambda number, limit: number == limit,
}
_DIGITS = frozenset("0#?")
# Characters that are shown as they are.
_LITERALS = frozenset(" -+():$€£'")


def text_of(cell: object) -> str:
    """Return a cell as text: an error is empty, and what our exports put before a formula is
    removed."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        cell = int(cell)
    text = unescape_formula(cell)
    return "" if _is_error(text) else text


def _is_error(text: str) -> bool:
    return text[:1] == "#" and (
        text.casefold() in _ERRORS or _TOO_NARROW.fullmatch(text) is not None
    )


def shown(value: object, number_format: str) -> str:
    """Return the value of an Excel cell as its number format shows it; dates as ISO 8601 text."""
    match value:
        case dt.datetime():
            plain = value.date() if value.time() == dt.time() else value.replace(microsecond=0)
            return plain.isoformat()
        case dt.date() | dt.time():
            return value.isoformat()
        case bool() | None | str():
            return text_of(value)
        case int() | float():
            formatted = _formatted(value, number_format)
            return text_of(value) if formatted is None else formatted
        case _:
            return text_of(value)


def _formatted(number: float, number_format: str) -> str | None:
    """Return a whole `number` in a format of digits and characters, such as 00000 or +## # ## ##
    ##; None for other formats: the plain number is used."""
    if number_format == "General" or number != int(number):
        return None
    section = _section(number, number_format)
    parts = _parts(section)
    if parts is None:
        return None
    digits = list(str(abs(int(number))))
    shown: list[str] = []
    places = [place for place, (is_digit, _) in enumerate(parts) if is_digit]
    for place in reversed(range(len(parts))):
        is_digit, sign = parts[place]
        if not is_digit:
            shown.append(sign)
        elif place == places[0]:
            # The first placeholder takes all remaining digits.
            shown.append("".join(digits) or ("0" if sign == "0" else ""))
        elif digits:
            shown.append(digits.pop())
        elif sign == "0":
            shown.append("0")
    text = "".join(reversed(shown)).strip()
    return f"-{text}" if number < 0 and ";" not in number_format else text


def _section(number: float, number_format: str) -> str:
    """Return the part of the format that applies to `number`."""
    sections = _sections(number_format)
    for section in sections:
        limit = _LIMIT.search(section) if section.startswith("[") else None
        if limit and not _COMPARED[limit[1]](number, float(limit[2])):
            continue
        if limit:
            return section
    plain = [section for section in sections if not _LIMIT.match(section[1:])]
    if number < 0 and len(plain) > 1 and len(plain) == len(sections):
        return plain[1]
    return plain[0] if plain else ""


# A file has few formats and many cells.
@lru_cache(maxsize=512)
def _sections(number_format: str) -> list[str]:
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)


@lru_cache(maxsize=512)
def _parts(section: str) -> list[tuple[bool, str]] | None:
    """Return the digit placeholders as (True, 0 # or ?), and the characters between them as (False,
    character); None for other formats."""
    found: list[tuple[bool, str]] = []
    for quoted, escaped, bracketed, sign in _TOKEN.findall(section):
        if sign in _DIGITS and sign:
            found.append((True, sign))
        elif sign and sign not in _LITERALS:
            return None
        elif sign or quoted or escaped:
            found.append((False, sign or quoted or escaped))
        elif bracketed.startswith("$"):
            found.append((False, bracketed[1:].split("-")[0]))
    signs = [sign for is_digit, sign in found if is_digit]
    # A plain number is used unformatted.
    return found if len(signs) > 1 or (signs and len(found) > 1) else None
