"""State that the processes of an installation share: rate limits, queued jobs and the outbox."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallBudget(models.Model):
    """The next free moment for a call to the platform, when each priority last used one, and until
    when those above the lowest have reserved some (core.rate_limit.database); in seconds since
    1970."""

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
    """Calls made in one minute (its start in seconds since 1970), by priority and by what they are
    counted for: a key of the package that makes them."""

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
    """A queued job that has not begun (core.queue), unique by kind and subject.

    The row is deleted when a worker begins the job. `args` are the job's arguments.
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
    """An event about `subject` that is still to be delivered to readers (core.outbox).

    Of one subject, a lower number happened earlier. `data` holds ids, kinds and times, depending on
    the kind; it is emptied when the person is erased.
    """

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("outbox event")
        verbose_name_plural = _("outbox events")


class OutboxDelivery(models.Model):
    """An event to be delivered to one reader; the row is deleted after the delivery.

    `next_try_at` is when it is due, or when the claim of the worker that delivers it ends.
    `error_code` is the reason of the last failure: the name of an error, never its message.
    """

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    reader = models.CharField(max_length=64)
    # The event's subject, copied because the order of deliveries is looked up by it.
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
