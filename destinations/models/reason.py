"""Reasons why something is not in HubSpot or not here, shown in the reader's language (rule 13)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import messages


class WithReason(models.Model):
    """The code and parameters of a reason."""

    reason_code = models.CharField(max_length=64, blank=True)
    reason_params = models.JSONField(default=dict)

    class Meta:
        abstract = True

    @property
    def reason(self) -> str:
        """The sentence in the current language."""
        return messages.text(self.reason_code, self.reason_params)


class WithHubSpotReason(WithReason):
    """A reason with HubSpot's message."""

    hubspot_message = models.TextField(_("in HubSpot's words"), blank=True)

    class Meta:
        abstract = True


# Values that clear the columns of a `WithHubSpotReason`.
NO_REASON = {"reason_code": "", "reason_params": {}, "hubspot_message": ""}
