"""How an email address names a person (rule 3 of docs/concepts.md).

This is the only definition of "the same address". The database compares the keys that `email_key`
makes, by plain equality: no column with an address is folded or lower-cased in SQL.
"""

import idna

# A key is as long as the longest address that is stored.
LONGEST = 254
# The only sign whose lower-case form is longer than itself.
_DOTTED_I = "İ"
_ACE = "xn--"


def email_key(address: str) -> str:
    """Return the key of `address`: two addresses with equal keys are one mailbox.

    The address is trimmed and lower-cased. Signs that only look alike, and letters that are joined
    by case folding ("ß" and "ss", the Kelvin sign and "k", dotted and dotless i), stay different:
    they are different mailboxes. Domains are equal where IDNA 2008 says so, whether they are
    written in letters or as `xn--…`; the key has the letters.
    """
    text = address.strip()
    if text.isascii():
        lowered = text.lower()
        if _ACE not in lowered:
            return lowered
    local, at, domain = text.rpartition("@")
    key = _lower(local) + at + (_domain_key(domain) if at else _lower(domain))
    # A domain that grows past what is stored is none: it stays as it is written.
    return key if len(key) <= LONGEST else _lower(text)


def ascii_address(address: str) -> str:
    """Return `address` with its domain as the Domain Name System has it (IDNA 2008).

    Django and the standard library encode domains by IDNA 2003, which takes straße.example for
    strasse.example: an email would go to someone else.
    """
    text = address.strip()
    local, at, domain = text.rpartition("@")
    if not at or domain.isascii():
        return text
    labels = _domain_key(domain).split(".")
    return local + at + ".".join(map(_ascii_label, labels))


def spellings(key: str) -> set[str]:
    """Return how the address of `key` may be written: with letters, or with `xn--…`."""
    return {key, ascii_address(key)}


def _lower(text: str) -> str:
    """Return `text` in lower case, letter by letter, as far as this can be taken back."""
    if text.isascii():
        return text.lower()
    lowered = _DOTTED_I.join(part.lower() for part in text.split(_DOTTED_I))
    return "".join(
        small if small.upper() == sign else sign for sign, small in zip(text, lowered, strict=True)
    )


def _domain_key(domain: str) -> str:
    """Return the letters of `domain`, as IDNA 2008 compares it; as it is where it is no domain."""
    try:
        return idna.decode(idna.encode(domain, uts46=True))
    except (idna.IDNAError, UnicodeError):
        return _lower(domain)


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    return _ACE + label.encode("punycode").decode()
