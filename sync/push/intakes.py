"""Registries of other places where people register, which the pushers poll; packages above register
them."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intake:
    """A place to be polled for registrations.

    `poll` asks what has been due for a while, and returns how many people were registered; several
    pushers may call it at once. It is called while `is_active` returns True.
    """

    name: str
    is_active: Callable[[], bool]
    poll: Callable[[dt.timedelta], int]


_intakes: dict[str, Intake] = {}


def register(intake: Intake) -> None:
    """Register `intake`."""
    _intakes[intake.name] = intake


def is_any_active() -> bool:
    """Return whether any intake is active."""
    return any(intake.is_active() for intake in _intakes.values())


def poll_due(*, waited: dt.timedelta = dt.timedelta()) -> int:
    """Poll each intake for what has been due for `waited`; return how many people were registered.

    A failure affects neither the others nor the pushes: it is polled again.
    """
    taken = 0
    for intake in _intakes.values():
        try:
            if intake.is_active():
                taken += intake.poll(waited)
        except Exception as error:
            # The error may contain personal data: its kind is enough to find the cause.
            logger.error("Registrations from %s were not read: %s", intake.name, type(error))
    return taken
