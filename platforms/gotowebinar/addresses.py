"""E-mail addresses as the platform tells them."""

import unicodedata

# Control signs, line ends, and separators of paragraphs.
_CONTROL = {"Cc", "Zl", "Zp"}


def has_control_character(address: str) -> bool:
    """Return whether `address` has a line end or another control sign in it, at its end too."""
    return any(unicodedata.category(sign) in _CONTROL for sign in address)


def normalized(address: str) -> str:
    """Return `address`. Raises ValueError where it has a control sign in it: it would put headers
    of someone else's into an email."""
    if has_control_character(address):
        raise ValueError("a control sign in an address")
    return address


def normalized_or_none(address: str | None) -> str | None:
    """Return an address that can be missing; None where it has a control sign in it."""
    return None if address and has_control_character(address) else address
