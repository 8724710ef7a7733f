"""Numbers as people read them, and those that someone else wrote: into an address, a form or a
header."""

from django.utils.formats import number_format

# The largest number that a row can have as its id.
LARGEST_ID = 2**63 - 1


def whole_number(written: str | None, most: int = LARGEST_ID) -> int | None:
    """Return the number that `written` shows in digits from 0 to 9; None for anything else, and
    for one above `most`."""
    if not written or not written.isascii() or not written.isdecimal():
        return None
    # Python refuses to read thousands of digits.
    number = int(written) if len(written) <= 40 else most + 1
    return number if number <= most else None


def grouped(number: int) -> str:
    """Return `number` as it is written in the language in use: 1,000."""
    return number_format(number, use_l10n=True, force_grouping=True)
