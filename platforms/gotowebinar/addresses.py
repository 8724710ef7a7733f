"""Email addresses in GoTo's responses."""

import unicodedata

# Control characters, line ends, and paragraph separators.
_CONTROL = {"Cc", "Zl", "Zp"}


def has_control_character(address: str) -> bool:
    """Return whether `address` contains a line end or another control character, also at its
    end."""
    return any(unicodedata.category(sign) in _CONTROL for sign in address)


def normalized(address: str) -> str:
    """Return `address`. Raises ValueError for one with a control character, which would inject
    headers into an email."""
    if has_control_character(address):
        raise ValueError("a control sign in an address")
    return address


def normalized_or_none(address: str | None) -> str | None:
    """Return an optional address; None if it has a control character."""
    return None if address and has_control_character(address) else address
