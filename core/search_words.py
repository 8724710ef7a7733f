"""Limits of searches for words.

A row is compared with each word: a page of words would be compared with every row.
"""

from django.utils.translation import gettext as _

MOST_WORDS = 10
LONGEST = 200


def too_much(text: str) -> str:
    """Return a sentence why `text` is not searched for; "" if it is short enough."""
    if len(text) <= LONGEST and len(text.split()) <= MOST_WORDS:
        return ""
    return _(
        "The search is too long: at most %(words)d words and %(letters)d characters are searched "
        "for. Nothing is shown."
    ) % {"words": MOST_WORDS, "letters": LONGEST}
