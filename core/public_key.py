"""Refuse the SECRET_KEY from the source: anyone who knows it can forge sessions and decrypt stored
sign-ins."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

_MESSAGE = "Set SECRET_KEY in the environment first: see .env.example for how to make one."


def public_key_problem() -> str:
    """Return what to do if the public key is in use; "" while DEBUG is on."""
    known = settings.SECRET_KEY.startswith("django-insecure-")
    return _MESSAGE if known and not settings.DEBUG else ""


class OwnKeyCommand(BaseCommand):
    """A command that works with personal data or sign-ins, and refuses the public key."""

    def execute(self, *args: Any, **options: Any) -> Any:
        problem = public_key_problem()
        if problem:
            raise CommandError(problem)
        return super().execute(*args, **options)
