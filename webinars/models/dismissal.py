"""To-do items of the dashboard that were marked as done."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from webinars.models.webinar import Webinar


class Dismissal(models.Model):
    """A to-do item that was marked as done at a count of `count`. It returns when there are
    more."""

    webinar = models.ForeignKey(Webinar, on_delete=models.CASCADE, related_name="dismissals")
    # What the item counts, by its name on the dashboard.
    kind = models.CharField(max_length=32)
    count = models.PositiveIntegerField()
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    dismissed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("dismissal")
        verbose_name_plural = _("dismissals")
        constraints = [
            models.UniqueConstraint(fields=["webinar", "kind"], name="dismissed_once_a_kind")
        ]
