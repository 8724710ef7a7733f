"""Dry runs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sync.models.job import OnDemandJob


class DryRun(OnDemandJob):
    """The plan of a sync as numbers of people. It has no names: most of these people are not here
    yet."""

    contacts = models.PositiveIntegerField(_("new contacts"), default=0)
    registrations = models.PositiveIntegerField(_("new registrations"), default=0)
    changes = models.PositiveIntegerField(_("registrations that change"), default=0)
    cancellations = models.PositiveIntegerField(_("cancellations"), default=0)
    attendances = models.PositiveIntegerField(_("new attendances"), default=0)
    calls = models.PositiveIntegerField(_("API calls"), default=0)

    class Meta(OnDemandJob.Meta):
        abstract = False
        verbose_name = _("dry run")
        verbose_name_plural = _("dry runs")

    @property
    def changes_nothing(self) -> bool:
        return not any(
            (self.contacts, self.registrations, self.changes, self.cancellations, self.attendances)
        )
