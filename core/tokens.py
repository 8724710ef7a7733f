"""Unguessable ends of links."""

import secrets


def new_secret() -> str:
    """Return the unguessable end of a link that only its owner should have."""
    return secrets.token_urlsafe(24)
