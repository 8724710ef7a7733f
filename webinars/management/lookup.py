"""Lookups for the management commands."""

from collections.abc import Callable

from django.core.management.base import CommandError

from webinars.models import Webinar


def webinar_by_key(key: str, warn: Callable[[str], object]) -> Webinar:
    """Return the webinar with the platform's `key`; call `warn` if several have it. Raises
    CommandError with what to do."""
    found = list(Webinar.objects.select_related("connection").filter(key=key)[:2])
    if not found:
        raise CommandError(
            f"There is no webinar with the key {key} here. Run `manage.py sync_webinars` to "
            "refresh the list of webinars, and look up the key on the webinar's page."
        )
    if len(found) > 1:
        warn(
            f"Several connections have a webinar with the key {key}: this is the one of "
            f"{found[0].connection}."
        )
    return found[0]
