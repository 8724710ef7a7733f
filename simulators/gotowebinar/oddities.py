"""Almost valid answers: a value missing, of another type, huge, doubled, or no text."""

from __future__ import annotations

import json
import random
from typing import Any

HUGE = "9" * 200_000
DEEP = 3000
ODD: tuple[Any, ...] = (None, True, -1, 1.5, "", [], {}, [[]], {"a": None}, 10**19, HUGE)


def odd(body: bytes, chance: random.Random) -> bytes:
    """Return ``body`` with one defect, chosen by ``chance``; if it is not JSON, unchanged."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    how = chance.choice((_changed, _changed, _changed, _doubled, _deep, _no_text, _cut))
    return how(value, body, chance)


def _changed(value: Any, body: bytes, chance: random.Random) -> bytes:
    return json.dumps(_with_one_change(value, chance)).encode()


def _with_one_change(value: Any, chance: random.Random) -> Any:
    """Return ``value`` with a random part missing or replaced."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(sorted(value))
        if chance.random() < 0.3:
            return {other: value[other] for other in value if other != name}
        return value | {name: _with_one_change(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        return [*value[:at], _with_one_change(value[at], chance), *value[at + 1 :]]
    return chance.choice(ODD)


def _doubled(value: Any, body: bytes, chance: random.Random) -> bytes:
    """Repeat a name in the outermost object, the wrong one last."""
    if not isinstance(value, dict) or not value:
        return body
    name = json.dumps(chance.choice(sorted(value))).encode()
    return body.rstrip()[:-1] + b"," + name + b":" + json.dumps(chance.choice(ODD)).encode() + b"}"


def _deep(value: Any, body: bytes, chance: random.Random) -> bytes:
    return b'{"data":' * DEEP + body + b"}" * DEEP


def _no_text(value: Any, body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + b"\xff\xfe" + body[at:]


def _cut(value: Any, body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]
