"""Django's own date formats in English: as `core.dates`, with the year."""

DATE_FORMAT = SHORT_DATE_FORMAT = "D j M Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "D j M Y, H:i"
TIME_FORMAT = "H:i"
