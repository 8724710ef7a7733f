"""Email addresses in GoTo's responses."""

import re

# Control characters, line ends, and paragraph separators (Unicode's Cc, Zl and Zp).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def has_control_character(address: str) -> bool:
    """Return whether `address` contains a line end or another control character, also at its
    end."""
    return _CONTROL.search(address) is not None


def normalized(address: str) -> str:
    """Return `address`. Raises ValueError for one with a control character, which would inject
    headers into an email."""
    if has_control_character(address):
        raise ValueError("a control character in an address")
    return address


def normalized_or_none(address: str | None) -> str | None:
    """Return an optional address; None if it has a control character."""
    return None if address and has_control_character(address) else address
