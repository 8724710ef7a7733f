"""Entry points of the background jobs of contacts."""

from django.utils import timezone

from contacts import retention
from core.queue import job


@job
def apply_retention() -> int:
    """Delete contacts without activity for as long as the setting says (daily)."""
    return retention.forget(timezone.now())
