"""An HTTP response."""

from collections.abc import Mapping
from typing import NamedTuple


class Answer(NamedTuple):
    """Status, headers (names in lower case) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
