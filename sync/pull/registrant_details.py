"""Details of registrants: one call each, several at a time, each at most once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from django.conf import settings

from platforms.gotowebinar import Client, GoToError, NotFound, RegistrantDetails

T = TypeVar("T")

# So many new people are read, then written: no more is lost when the process is killed.
CHUNK = 50
# A broken answer concerns one person; so many in a row concern GoTo itself.
_TOO_MANY = 3


@dataclass(slots=True)
class Details:
    """What was read: details by registrant key, and whom GoTo could not tell about."""

    found: dict[str, RegistrantDetails] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    failed: dict[str, GoToError] = field(default_factory=dict)
    # Set when it makes no sense to go on asking.
    stop: GoToError | None = None

    @property
    def unread(self) -> set[str]:
        return self.gone | set(self.failed)


def read_details(client: Client, webinar_key: str, keys: Sequence[str]) -> Details:
    """Ask for the details of registrants; whoever could not be read is named, nobody is dropped."""
    details = Details()
    in_a_row = 0
    with ThreadPoolExecutor(max(1, settings.GOTO_PARALLEL_CALLS)) as pool:
        answers = pool.map(lambda key: _ask(client, webinar_key, key), keys)
        for key, answer in zip(keys, answers, strict=True):
            if isinstance(answer, RegistrantDetails):
                details.found[key] = answer
                in_a_row = 0
            elif isinstance(answer, NotFound):
                details.gone.add(key)
            else:
                details.failed[key] = answer
                in_a_row += 1
                if in_a_row >= _TOO_MANY:
                    details.stop = answer
    return details


def _ask(client: Client, webinar_key: str, key: str) -> RegistrantDetails | GoToError:
    try:
        return client.registrant(webinar_key, key)
    except GoToError as error:
        return error


def chunks(people: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield `people` in the portions that are read and written together."""
    for start in range(0, len(people), CHUNK):
        yield people[start : start + CHUNK]
