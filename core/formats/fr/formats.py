"""Dates as Django writes them by itself, in French: in the form of `core.dates`, with the year."""

DATE_FORMAT = SHORT_DATE_FORMAT = "D j N Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "D j N Y, H:i"
TIME_FORMAT = "H:i"
