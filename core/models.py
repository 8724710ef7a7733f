"""What the processes of an installation share: the turns of calls, which jobs are queued, and what
has happened that someone has still to be told."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallBudget(models.Model):
    """When the next call to the platform may be made, for all processes of an installation, when
    each priority had its last turn, and until when those above the lowest one have theirs
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


class OutboxEvent(models.Model):
    """Something that happened to `subject` and that readers are still to be told (core.outbox).

    Of one subject, a lower number happened earlier. `data` holds ids, kinds and times, as the kind
    says; it is empty once the person whom it is about was erased.
    """

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("outbox event")
        verbose_name_plural = _("outbox events")


class OutboxDelivery(models.Model):
    """An event that one reader is still to be told; the row goes when it has been.

    `next_try_at` is when it is due; while a worker has it, when that worker's claim ends.
    `error_code` says why the last try failed: the name of an error, never its words.
    """

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    reader = models.CharField(max_length=64)
    # That of the event: what is told in order is looked up by it.
    subject = models.CharField(max_length=64)
    next_try_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    error_code = models.CharField(max_length=64, blank=True, default="", db_default="")
    claim = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("outbox delivery")
        verbose_name_plural = _("outbox deliveries")
        indexes = [
            models.Index(fields=["subject", "reader", "event"], name="outbox_in_order"),
            models.Index(fields=["reader", "next_try_at", "event"], name="outbox_due"),
        ]
