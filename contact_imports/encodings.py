"""Detect the encoding of a text file, by its byte order mark or by its letters."""

import codecs
import io
import unicodedata
from collections.abc import Iterator
from typing import IO

from charset_normalizer import from_bytes
from django.utils.translation import gettext_lazy as _

# The encodings that a user can choose, by Python's names. Of those that give the same text, the
# first one is used.
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
_PIECE_BYTES = 64 * 1024


def detect(file: IO[bytes]) -> str:
    """Return the encoding of `file`, one of ENCODINGS; "" if it is no text."""
    file.seek(0)
    head = file.read(_PIECE_BYTES)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    if b"\x00" in head:
        size = file.seek(0, io.SEEK_END)
        is_utf16 = not size % 2 and _zeros_are_every_second(head)
        return "utf-16" if is_utf16 else ""
    decoder = codecs.getincrementaldecoder("utf-8")()
    has_zeros = False
    try:
        for piece in _pieces(file):
            decoder.decode(piece)
            has_zeros = has_zeros or b"\x00" in piece
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _by_letters(_sample(file))
    return "" if has_zeros else "utf-8"


class _Text(io.TextIOWrapper):
    """A text wrapper that leaves the underlying file open."""

    def close(self) -> None:
        pass


def open_text(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """Return the text of `file` without a byte order mark; invalid bytes are replaced."""
    file.seek(0)
    if encoding == "utf-16":
        head = file.read(2)
        file.seek(0)
        if head not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            encoding = "utf-16-be" if head.startswith(b"\x00") else "utf-16-le"
    elif encoding == "utf-8":
        encoding = "utf-8-sig"
    return _Text(file, encoding=encoding, errors="replace", newline="")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE_BYTES):
        yield piece


def _zeros_are_every_second(sample: bytes) -> bool:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return max(even, odd) * 4 > len(sample) and min(even, odd) * 20 < max(even, odd)


def _sample(file: IO[bytes]) -> bytes:
    """Return the first line and those with non-ASCII characters, as far as they are needed."""
    found: list[bytes] = []
    size = 0
    begun = b""
    for piece in _pieces(file):
        if found and piece.isascii() and begun.isascii():
            begun = piece.rpartition(b"\n")[2]
            continue
        lines = (begun + piece).splitlines(keepends=True)
        begun = b"" if lines[-1].endswith((b"\n", b"\r")) else lines.pop()
        if len(begun) > _SAMPLE_BYTES:
            lines, begun = [*lines, begun], b""
        wanted = [line for line in lines if not line.isascii()]
        found += wanted if found else [*lines[:1], *(line for line in wanted if line != lines[0])]
        size = sum(map(len, found))
        if size > _SAMPLE_BYTES:
            break
    return b"".join([*found, begun])[: 2 * _SAMPLE_BYTES]


def _by_letters(sample: bytes) -> str:
    """Return the detector's best guess. Of equal guesses, which are common for short texts, those
    with unusual words lose."""
    rated = []
    for match in from_bytes(sample, cp_isolation=_ONE_BYTE_A_LETTER):
        for name in {match.encoding, *match.could_be_from_charset} & set(_ONE_BYTE_A_LETTER):
            place = _ONE_BYTE_A_LETTER.index(name)
            rated.append((_odd(str(match)), match.chaos, -match.coherence, place, name))
    return min(rated)[-1] if rated else _FALLBACK


def _odd(text: str) -> int:
    """Return how many characters of `text` are unusual in names of people, companies and places."""
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
