"""What strangers typed: on one line, and in our emails so that it is read and never a link.

Mail programs make links by themselves, in text and in HTML, of whatever looks like a web or email
address. Anybody can fill in our form, or the platform's, with an advertisement for a name.
"""

import re
import unicodedata

# WORD JOINER: not seen, no place to break a line, and part of no address.
BREAK = "\u2060"
# No name that people have is longer; a title of a webinar is.
LONGEST_NAME = 60
LONGEST_TEXT = 500
# What holds an address together, with the signs that programs take for it.
JOINS = re.escape(".:/@\\。．｡․：／＠＼")
_JOIN = re.compile(rf"[{JOINS}](?!\s)")
_LINE_ENDS = {"Cc", "Zl", "Zp"}
# Signs that turn the direction of the text after them.
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# In no name: an address with a scheme, of a mailbox, or of a page. "St.John" is one.
_ADDRESS = re.compile(r"://|\bwww\.|\S@\S+\.\S|\S\.\w\S*/", re.IGNORECASE)


def one_line(text: str) -> str:
    """Return `text` without control characters and line ends, its blanks single."""
    kept = "".join(" " if unicodedata.category(sign) in _LINE_ENDS else sign for sign in text)
    return " ".join(kept.split())


def has_address(name: str) -> bool:
    """Return whether what should be a name has a web or email address in it."""
    return _ADDRESS.search(name) is not None


def unlinked(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return `text`, which a stranger typed, on one line and so that no program links any of it.

    It looks as it did: "St.John" and "Dr.Müller" stay whom they are.
    """
    kept = _TURNS.sub("", one_line(text))
    if len(kept) > longest:
        kept = kept[: longest - 1].rstrip() + "…"
    return _JOIN.sub(lambda found: f"{BREAK}{found[0]}{BREAK}", kept)


def unlinked_name(text: str) -> str:
    """Return a person's name as it may be in an email."""
    return unlinked(text, LONGEST_NAME)
