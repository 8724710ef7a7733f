"""What the operator's commands share."""

from django.core.management.base import CommandError

from webinars.models import Webinar


def webinar_by_key(key: str) -> Webinar:
    """Return the webinar with GoTo's `key`. Raises CommandError with what to do."""
    found = list(Webinar.objects.select_related("connection").filter(key=key)[:2])
    if not found:
        raise CommandError(
            f"There is no webinar with the key {key} here. Run `manage.py sync_webinars` to "
            "refresh the list of webinars, and look up the key on the webinar's page."
        )
    return found[0]
