"""How an e-mail address names a person (rule 3 of docs/architecture.md)."""


def email_key(address: str) -> str:
    """Return `address` trimmed and case-folded: two addresses with equal keys are one person."""
    return address.strip().casefold()
