"""Entry points of the background jobs of operations."""

from django.utils import timezone

from core.queue import job
from operations import retention


@job
def clean_up() -> None:
    """Delete what is no longer needed (daily)."""
    retention.apply(timezone.now())
