"""What a worker reads in HubSpot for a page, so that no page waits for HubSpot."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from destinations.models.portal import Portal
from sync.models import OnDemandJob


class HubSpotCheck(OnDemandJob):
    """A check of a webinar, and what was found; people are in `result` by the id of their
    contact, so that nothing of them is left when they are deleted."""

    portal = models.ForeignKey(Portal, on_delete=models.CASCADE, related_name="%(class)ss")
    # {} until something was found.
    result = models.JSONField(default=dict)

    class Meta(OnDemandJob.Meta):
        abstract = True


class HubSpotPreview(HubSpotCheck):
    """What would be sent of a webinar (`destinations.hubspot.preview`)."""

    class Meta(HubSpotCheck.Meta):
        abstract = False
        verbose_name = _("preview for HubSpot")
        verbose_name_plural = _("previews for HubSpot")


class HubSpotComparison(HubSpotCheck):
    """How a webinar's people are here and in HubSpot (`destinations.hubspot.status`)."""

    class Meta(HubSpotCheck.Meta):
        abstract = False
        verbose_name = _("comparison with HubSpot")
        verbose_name_plural = _("comparisons with HubSpot")


class HubSpotFormList(HubSpotCheck):
    """Which forms the portal has, for someone who chooses one for a webinar."""

    class Meta(HubSpotCheck.Meta):
        abstract = False
        verbose_name = _("list of HubSpot forms")
        verbose_name_plural = _("lists of HubSpot forms")
