"""Django's own date formats in French: as `core.dates`, with the year."""

DATE_FORMAT = SHORT_DATE_FORMAT = "D j N Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "D j N Y, H:i"
TIME_FORMAT = "H:i"
