"""The rate limit for platform calls that all processes of an installation share."""


class RateLimitTimeout(Exception):
    """Calls of a higher priority use the limit: this one can wait."""
