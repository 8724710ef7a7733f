"""What the processes of an installation share: the turns of calls, and which jobs are queued."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallBudget(models.Model):
    """When the next call to GoTo may be made, for all processes of an installation, when each
    priority had its last turn, and until when those above the lowest one have theirs
    (core.rate_limit.database); in seconds since 1970."""

    name = models.CharField(max_length=64, primary_key=True)
    next_at = models.FloatField(default=0)
    webhook_at = models.FloatField(default=0)
    manual_at = models.FloatField(default=0)
    scheduled_at = models.FloatField(default=0)
    busy_at = models.FloatField(default=0)

    class Meta:
        verbose_name = _("call budget")
        verbose_name_plural = _("call budgets")


class CallCount(models.Model):
    """Calls that were made in one minute (its start in seconds since 1970), by lane and by whom
    they are counted for: a key of the package that makes them."""

    counted_for = models.CharField(max_length=64)
    minute = models.BigIntegerField()
    priority = models.CharField(max_length=12)
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("number of calls")
        verbose_name_plural = _("numbers of calls")
        constraints = [
            models.UniqueConstraint(
                fields=["counted_for", "minute", "priority"],
                name="one_call_count_a_minute_and_priority",
            )
        ]


class QueuedJob(models.Model):
    """A job that is queued and has not begun (core.queue): one of a kind and subject at a time.

    The row goes when a worker begins the job. `args` are what the job begins with.
    """

    kind = models.CharField(max_length=128)
    subject = models.CharField(max_length=64, blank=True)
    args = models.JSONField(default=list)
    queued_at = models.DateTimeField()

    class Meta:
        verbose_name = _("queued job")
        verbose_name_plural = _("queued jobs")
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="one_queued_job_of_a_kind")
        ]
