"""Errors of the Redis client, told without importing it: that takes a quarter of a second, which
a process of an installation without Redis need not spend at its start.
"""


def is_redis_error(error: Exception) -> bool:
    """Return whether the Redis client raised `error`."""
    return type(error).__module__.partition(".")[0] == "redis"
