"""Use a user's language and time zone outside of their requests, for emails."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone, translation

from accounts.models import Preferences
from core.time_zones import zone_called


@contextmanager
def as_read_by(user: User) -> Iterator[None]:
    """Activate the language and time zone of `user`, with the installation's as default."""
    chosen = Preferences.objects.filter(user=user).first() or Preferences()
    language = chosen.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(zone_called(chosen.time_zone)):
        yield
