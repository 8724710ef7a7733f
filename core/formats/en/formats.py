"""Dates as Django writes them by itself, in English: in the form of `core.dates`, with the year."""

DATE_FORMAT = SHORT_DATE_FORMAT = "D j M Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "D j M Y, H:i"
TIME_FORMAT = "H:i"
