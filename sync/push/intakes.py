"""Other places where people register, polled by the pushers: packages above add theirs."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intake:
    """A place that is to be asked for registrations.

    `poll` asks what has been due for a while, and returns how many were taken in; another pusher
    may ask at the same moment. It is called while `is_active` says that there is anything to ask.
    """

    name: str
    is_active: Callable[[], bool]
    poll: Callable[[dt.timedelta], int]


_intakes: dict[str, Intake] = {}


def register(intake: Intake) -> None:
    """Have `intake` asked from now on."""
    _intakes[intake.name] = intake


def is_any_active() -> bool:
    """Return whether there is anything to ask anywhere."""
    return any(intake.is_active() for intake in _intakes.values())


def poll_due(*, waited: dt.timedelta = dt.timedelta()) -> int:
    """Ask each intake for what has been due for `waited`; return how many were taken in.

    One that fails costs neither the others nor the pushes: it is asked again.
    """
    taken = 0
    for intake in _intakes.values():
        try:
            if intake.is_active():
                taken += intake.poll(waited)
        except Exception as error:
            # What went wrong may hold what a person sent: its kind is enough to find it.
            logger.error("Registrations from %s were not read: %s", intake.name, type(error))
    return taken
