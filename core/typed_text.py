"""Text typed by strangers: on one line, and in our emails without becoming a link.

Mail programs turn whatever looks like a web or email address into a link, in text and HTML. Anyone
can fill in our form, or the platform's, with an advertisement as a name.
"""

import re

# WORD JOINER: invisible, no line break, and not part of an address.
BREAK = "\u2060"
# Longer than any name; titles of webinars can be longer.
LONGEST_NAME = 60
LONGEST_TEXT = 500
# Characters that hold an address together, including those that programs treat alike.
JOINS = re.escape(".:/@\\。．｡․：／＠＼")
_JOIN = re.compile(rf"[{JOINS}](?!\s)")
# Control characters, line ends, and paragraph separators (Unicode's Cc, Zl and Zp).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Characters that change the direction of the text after them.
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# In no name: an address with a scheme, of a mailbox, or of a page. "St.John" is a name.
_ADDRESS = re.compile(r"://|\bwww\.|\S@\S+\.\S|\S\.\w\S*/", re.IGNORECASE)


def one_line(text: str) -> str:
    """Return `text` on one line without control characters, with single blanks."""
    return " ".join(_CONTROL.sub(" ", text).split())


def has_address(name: str) -> bool:
    """Return whether a name contains a web or email address."""
    return _ADDRESS.search(name) is not None


def unlinked(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return `text`, which a stranger typed, on one line and so that no program turns it into a
    link.

    It looks the same: "St.John" and "Dr.Müller" stay readable.
    """
    kept = _TURNS.sub("", one_line(text))
    if len(kept) > longest:
        kept = kept[: longest - 1].rstrip() + "…"
    return _JOIN.sub(lambda found: f"{BREAK}{found[0]}{BREAK}", kept)


def unlinked_name(text: str) -> str:
    """Return a person's name for use in an email."""
    return unlinked(text, LONGEST_NAME)
