"""The rate limit in Redis (`CALL_BUDGET_URL`): the same turns that `database` hands out by a row,
decided atomically by Redis.

If Redis is emptied, turns start over and the counts of the last hour are lost; nothing else.
"""

from collections import Counter
from functools import lru_cache

import redis
from django.conf import settings

_KEPT = 2 * 3600
# One atomic script. KEYS: the clock, and the prefix of the counts of a minute. ARGV: now ('':
# Redis' own time), the step, how many turns ahead (-1: any), the priority, the longest time without
# a turn, what is counted, for the lowest priority how long no other may have had a turn (-1: this
# is another), and the length of a counting period. Returns whether the turn is ours, its moment or
# the next free one, until when others have turns, and now; numbers are returned as text, because
# Redis truncates them.
_TAKE = (
    """
local now, step, ahead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local moment = string.format('%.6f', now)
local next_at = math.max(tonumber(redis.call('HGET', KEYS[1], 'next_at') or '0'), now)
local last = tonumber(redis.call('HGET', KEYS[1], ARGV[4]) or '0')
local busy_at, quiet = tonumber(redis.call('HGET', KEYS[1], 'busy_at') or '0'), tonumber(ARGV[7])
local refused
if quiet >= 0 then
  refused = next_at > now or busy_at > now - quiet
else
  refused = ahead >= 0 and next_at > now + ahead * step and last > now - tonumber(ARGV[5])
end
if refused then
  return {0, string.format('%.6f', next_at), string.format('%.6f', busy_at), moment}
end
redis.call('HSET', KEYS[1], 'next_at', string.format('%.6f', next_at + step), ARGV[4], moment)
if quiet < 0 then
  redis.call('HSET', KEYS[1], 'busy_at', string.format('%.6f', next_at))
end
if ARGV[6] ~= '' then
  local counts = KEYS[2] .. string.format('%d', now - now % tonumber(ARGV[8]))
  redis.call('HINCRBY', counts, ARGV[6], 1)
  redis.call('EXPIRE', counts, """
    + f"{_KEPT}"
    + """)
end
return {1, string.format('%.6f', next_at), string.format('%.6f', busy_at), moment}
"""
)


@lru_cache(maxsize=2)
def _server(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5)


def reserve(
    name: str,
    now: float | None,
    step: float,
    priority: str,
    *,
    ahead: int | None,
    share: float,
    quiet: float | None,
    counted_by: int,
    counted_for: str,
) -> tuple[bool, float, float, float]:
    """Return whether a turn is ours and its moment, else False and the next free moment; then until
    when other priorities than the lowest have turns, and the time.

    Times are in seconds since 1970, by Redis' clock unless `now` is passed. `quiet` is passed for
    the lowest priority only: how long no other may have had a turn. Raises redis.RedisError.
    """
    counted = f"{counted_for}:{priority}" if counted_for else ""
    script = _server(settings.CALL_BUDGET_URL).register_script(_TAKE)
    mine, moment, busy_at, counted_at = script(
        keys=[f"webinarsync:budget:{name}", "webinarsync:calls:"],
        args=[
            "" if now is None else f"{now:.6f}",
            step,
            -1 if ahead is None else ahead,
            priority,
            share,
            counted,
            -1 if quiet is None else quiet,
            counted_by,
        ],
    )
    return bool(mine), float(moment), float(busy_at), float(counted_at)


def time_there() -> float:
    """Return Redis' time in seconds since 1970. Raises redis.RedisError."""
    seconds, microseconds = _server(settings.CALL_BUDGET_URL).time()
    return float(seconds) + float(microseconds) / 1e6


def counted(minutes: range) -> Counter[tuple[str, str]]:
    """Return the calls of those minutes (given by their start), by what they are counted for and by
    priority."""
    found: Counter[tuple[str, str]] = Counter()
    pipe = _server(settings.CALL_BUDGET_URL).pipeline(transaction=False)
    for minute in minutes:
        pipe.hgetall(f"webinarsync:calls:{minute}")
    for calls in pipe.execute():
        for named, count in calls.items():
            key, _, priority = named.decode().rpartition(":")
            found[key, priority] += int(count)
    return found
