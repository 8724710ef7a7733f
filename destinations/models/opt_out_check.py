"""When HubSpot was last asked whether a contact opted out there."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from destinations.models.portal import Portal


class OptOutCheck(models.Model):
    """That HubSpot was asked whether someone opted out; the opt-out itself is saved with the person
    (`contacts.models.OptOut`)."""

    portal = models.ForeignKey(Portal, on_delete=models.CASCADE, related_name="opt_out_checks")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="hubspot_opt_out_checks"
    )
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("check for an opt-out in HubSpot")
        verbose_name_plural = _("checks for opt-outs in HubSpot")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portal", "contact"], name="opt_out_check_once_a_contact"
            )
        ]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}"
