"""The entry points of the background jobs of the installation itself."""

from django.utils import timezone

from core.queue import job
from operations import retention


@job
def clean_up() -> None:
    """Delete and forget what is kept no longer (daily)."""
    retention.apply(timezone.now())
