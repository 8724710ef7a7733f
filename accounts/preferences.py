"""Writing to a person who is not looking at a page: in their language, on their clock."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone, translation

from accounts.models import Preferences
from core.time_zones import zone_called


@contextmanager
def as_read_by(user: User) -> Iterator[None]:
    """Make texts and times inside those of `user`; what they did not choose, the installation's."""
    chosen = Preferences.objects.filter(user=user).first() or Preferences()
    language = chosen.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(zone_called(chosen.time_zone)):
        yield
