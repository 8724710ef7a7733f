"""The turns of calls that the processes of an installation share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallBudget(models.Model):
    """When the next call to GoTo may be made, for all processes of an installation, when each lane
    had its last turn, and until when lanes above the lowest one have theirs
    (core.rate_limit.database); in seconds since 1970."""

    name = models.CharField(max_length=64, primary_key=True)
    next_at = models.FloatField(default=0)
    webhook_at = models.FloatField(default=0)
    button_at = models.FloatField(default=0)
    clock_at = models.FloatField(default=0)
    busy_at = models.FloatField(default=0)

    class Meta:
        verbose_name = _("call budget")
        verbose_name_plural = _("call budgets")
