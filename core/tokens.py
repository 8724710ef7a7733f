"""Random tokens for links."""

import secrets


def new_secret() -> str:
    """Return a random token for a link that only its owner should have."""
    return secrets.token_urlsafe(24)
