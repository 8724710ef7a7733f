"""The normal form of email addresses (rule 3 of docs/concepts.md).

This is the only definition of "the same address". The database compares the keys made by
`email_key` for equality: no address is folded or lower-cased in SQL.
"""

from functools import lru_cache

import idna

# A key is at most as long as the longest address.
LONGEST = 254
# The only character whose lower-case form is longer than itself.
_DOTTED_I = "İ"
_ACE = "xn--"


def email_key(address: str) -> str:
    """Return the key of `address`: two addresses with equal keys are one mailbox.

    The address is trimmed and lower-cased. Characters that only look alike, and letters that case
    folding would merge ("ß" and "ss", the Kelvin sign and "k", dotted and dotless i), stay
    different: they are different mailboxes. Domains are compared by IDNA 2008, whether written in
    letters or as `xn--…`; the key has the letters.
    """
    text = address.strip()
    if text.isascii():
        lowered = text.lower()
        if _ACE not in lowered:
            return lowered
    local, at, domain = text.rpartition("@")
    key = _lower(local) + at + (_domain_key(domain) if at else _lower(domain))
    # A domain that becomes too long is not valid: it stays as written.
    return key if len(key) <= LONGEST else _lower(text)


def ascii_address(address: str) -> str:
    """Return `address` with its domain as in the Domain Name System (IDNA 2008).

    Django and the standard library use IDNA 2003, which encodes straße.example as strasse.example:
    an email would go to someone else.
    """
    text = address.strip()
    local, at, domain = text.rpartition("@")
    if not at or domain.isascii():
        return text
    labels = _domain_key(domain).split(".")
    return local + at + ".".join(map(_ascii_label, labels))


def spellings(key: str) -> set[str]:
    """Return the ways to write the address of `key`: with letters, or with `xn--…`."""
    return {key, ascii_address(key)}


def _lower(text: str) -> str:
    """Return `text` in lower case, character by character, if that is reversible."""
    if text.isascii():
        return text.lower()
    lowered = _DOTTED_I.join(part.lower() for part in text.split(_DOTTED_I))
    return "".join(
        small if small.upper() == sign else sign for sign, small in zip(text, lowered, strict=True)
    )


@lru_cache(maxsize=1024)
def _domain_key(domain: str) -> str:
    """Return the letters of `domain` by IDNA 2008; as it is if it is no valid domain."""
    try:
        return idna.decode(idna.encode(domain, uts46=True))
    except (idna.IDNAError, UnicodeError):
        return _lower(domain)


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    return _ACE + label.encode("punycode").decode()
