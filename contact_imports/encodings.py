"""In which encoding a text file is written: told by its marks, or by what its letters look like."""

import codecs
import unicodedata

from charset_normalizer import from_bytes
from django.utils.translation import gettext_lazy as _

# What a colleague can choose, by Python's names. Of those that make the same text of a file the
# first one is taken.
ENCODINGS = {
    "utf-8": _("Unicode (UTF-8)"),
    "utf-16": _("Unicode (UTF-16, Excel's “Unicode text”)"),
    "cp1252": _("Western European (Windows)"),
    "cp1250": _("Central European (Windows)"),
    "cp1251": _("Cyrillic (Windows)"),
    "cp1253": _("Greek (Windows)"),
    "cp1254": _("Turkish (Windows)"),
    "cp1257": _("Baltic (Windows)"),
    "iso8859_2": _("Central European (ISO 8859-2)"),
    "mac_roman": _("Western European (Mac)"),
    "cp850": _("Western European (DOS)"),
    "cp932": _("Japanese (Shift JIS)"),
    "gb18030": _("Chinese (GB 18030)"),
    "big5": _("Chinese (Big5)"),
    "cp949": _("Korean (Windows)"),
}
_FALLBACK = "cp1252"
_ONE_BYTE_A_LETTER = [name for name in ENCODINGS if not name.startswith("utf")]
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SAMPLE_BYTES = 64 * 1024


def detect(content: bytes) -> str:
    """Return the name of the encoding of `content`, of ENCODINGS; "" where it is no text."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return name
    if b"\x00" in content[:_SAMPLE_BYTES]:
        is_utf16 = not len(content) % 2 and _zeros_are_every_second(content[:_SAMPLE_BYTES])
        return "utf-16" if is_utf16 else ""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _by_letters(_sample(content))
    return "" if b"\x00" in content else "utf-8"


def decode(content: bytes, encoding: str) -> str:
    """Return the text of `content` without a mark; what `encoding` does not know is replaced."""
    if encoding == "utf-16" and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-be" if content[:2].startswith(b"\x00") else "utf-16-le"
    return content.decode(encoding, errors="replace").removeprefix("\ufeff")


def _zeros_are_every_second(sample: bytes) -> bool:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return max(even, odd) * 4 > len(sample) and min(even, odd) * 20 < max(even, odd)


def _sample(content: bytes) -> bytes:
    """Return the first line and those that are not plain ASCII, as far as they are needed."""
    lines = iter(content.splitlines())
    found = [next(lines, b"")]
    size = len(found[0])
    for line in lines:
        if not line.isascii():
            found.append(line)
            size += len(line)
        if size > _SAMPLE_BYTES:
            break
    return b"\n".join(found)[: 2 * _SAMPLE_BYTES]


def _by_letters(sample: bytes) -> str:
    """Return what the detector finds likeliest. Between guesses that it finds alike, as it does
    with few words, those lose that make odd words of them."""
    rated = []
    for match in from_bytes(sample, cp_isolation=_ONE_BYTE_A_LETTER):
        for name in {match.encoding, *match.could_be_from_charset} & set(_ONE_BYTE_A_LETTER):
            place = _ONE_BYTE_A_LETTER.index(name)
            rated.append((_odd(str(match)), match.chaos, -match.coherence, place, name))
    return min(rated)[-1] if rated else _FALLBACK


def _odd(text: str) -> int:
    """Return how many signs of `text` hardly stand in names of people, companies and places."""
    return sum(_odd_in(word) for word in text.split() if not word.isascii())


def _odd_in(word: str) -> int:
    letters = [letter for letter in word if letter.isalpha()]
    latin = [
        letter
        for letter in letters
        if not letter.isascii() and unicodedata.name(letter, "").startswith("LATIN")
    ]
    symbols = sum(
        not letter.isascii() and not letter.isalpha() and letter not in "’‘“”–—…«»" + "\u00a0"
        for letter in word
    )
    turns = sum(
        one.islower() and other.isupper() and not (one.isascii() and other.isascii())
        for one, other in zip(word, word[1:], strict=False)
    )
    return symbols + turns + (len(latin) > 2 and len(latin) == len(letters))
