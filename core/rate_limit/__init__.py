"""The calls to the platform that all processes of an installation share."""


class RateLimitTimeout(Exception):
    """Someone in more of a hurry uses the calls: what this call was for can wait."""
