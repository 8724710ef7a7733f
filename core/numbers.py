"""Format numbers for people, and parse numbers from addresses, forms and headers."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# The largest id of a row.
LARGEST_ID = 2**63 - 1


def whole_number(written: str | None, most: int = LARGEST_ID) -> int | None:
    """Return the number written in digits from 0 to 9; None for anything else, and above `most`."""
    if not written or not written.isascii() or not written.isdecimal():
        return None
    # Python refuses to parse thousands of digits.
    number = int(written) if len(written) <= 40 else most + 1
    return number if number <= most else None


def percent(share: float) -> str:
    """Return a share of 1 as a whole percentage: 45%, and 45 % in French."""
    return _("%(n)d%%") % {"n": round(100 * share)}


def grouped(number: int) -> str:
    """Return `number` in the format of the current language: 1,000."""
    return number_format(number, use_l10n=True, force_grouping=True)
