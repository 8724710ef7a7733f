"""What people type to search for words, and how much of it a page looks for.

A row is compared with each word: a page of words would be compared with every row.
"""

from django.utils.translation import gettext as _

MOST_WORDS = 10
LONGEST = 200


def too_much(text: str) -> str:
    """Return why nothing is searched for by `text`, in a sentence; "" where it is short enough."""
    if len(text) <= LONGEST and len(text.split()) <= MOST_WORDS:
        return ""
    return _(
        "The search is too long: at most %(words)d words and %(letters)d characters are searched "
        "for. Nothing is shown."
    ) % {"words": MOST_WORDS, "letters": LONGEST}
