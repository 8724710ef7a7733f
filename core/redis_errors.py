"""Recognize errors of the Redis client without importing it: that takes a quarter of a second,
which processes of an installation without Redis save."""


def is_redis_error(error: Exception) -> bool:
    """Return whether the Redis client raised `error`."""
    return type(error).__module__.partition(".")[0] == "redis"
