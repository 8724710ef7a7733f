"""The SECRET_KEY that is in the source is for trying out: whoever knows it can forge sessions
and read stored sign-ins."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

_MESSAGE = "Set SECRET_KEY in the environment first: see .env.example for how to make one."


def public_key_problem() -> str:
    """Return what to do where everyone knows the key in use; nothing while DEBUG is on."""
    known = settings.SECRET_KEY.startswith("django-insecure-")
    return _MESSAGE if known and not settings.DEBUG else ""


class OwnKeyCommand(BaseCommand):
    """A command that works with people or sign-ins, and not with the key that everyone knows."""

    def execute(self, *args: Any, **options: Any) -> Any:
        problem = public_key_problem()
        if problem:
            raise CommandError(problem)
        return super().execute(*args, **options)
