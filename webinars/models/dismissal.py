"""What someone said is done, of what the dashboard asks for."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from webinars.models.webinar import Webinar


class Dismissal(models.Model):
    """A line of *To do* that was marked as done when it counted `count`. It comes back once there
    are more."""

    webinar = models.ForeignKey(Webinar, on_delete=models.CASCADE, related_name="dismissals")
    # What the line counts, as the dashboard calls it.
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
