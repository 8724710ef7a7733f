"""Reconciliations of a webinar's two lists, and everyone on whom they differ (rule 9)."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from sync.models.job import OnDemandJob
from webinars.models.registration import Registration


class Side(models.TextChoices):
    """The list that has a person who is not on the other."""

    HERE = "here", _("Only here")
    PLATFORM = "platform", _("Only on GoToWebinar")


class Reason(models.TextChoices):
    """Why a person is on one side only; the values are those that commands print."""

    CANCELLED = "cancelled there", _("Cancelled on GoToWebinar")
    DELETED = "deleted here", _("Deleted here")
    OVERFLOW = "overflow", _("Webinar was full")
    PENDING = "pending", _("Waiting to be sent")
    REJECTED = "rejected", _("Rejected by GoToWebinar")
    NEW = "new since the last sync", _("New on GoToWebinar since the last sync")
    TWICE = "same email twice", _("Listed twice on GoToWebinar")
    NAMELESS = "no name or email", _("Without a name or an email")
    INTERNAL = "internal", _("Speaker or internal")
    WALK_IN = "walk-in", _("Attended without registration")
    UNEXPLAINED = "unexplained", _("Without an explanation")

    @property
    def slug(self) -> str:
        """The reason as it is in a URL."""
        return self.value.replace(" ", "-")


# How many people differ, by side and reason (the values of both).
Counts = Mapping[tuple[str, str], int]


def adds_up(here: int, on_platform: int, both: int, counts: Counts) -> bool:
    """Return whether each total equals those on both lists plus those on it alone, all with a
    reason."""
    alone = {
        side: sum(count for (where, _why), count in counts.items() if where == side)
        for side in Side
    }
    unexplained = sum(counts.get((side.value, Reason.UNEXPLAINED.value), 0) for side in Side)
    return (
        here == both + alone[Side.HERE]
        and on_platform == both + alone[Side.PLATFORM]
        and not unexplained
    )


class Reconciliation(OnDemandJob):
    """A reconciliation that a user requested."""

    here = models.PositiveIntegerField(_("In WebinarSync"), default=0)
    on_platform = models.PositiveIntegerField(_("In GoToWebinar"), default=0)
    both = models.PositiveIntegerField(_("In both"), default=0)
    # Of those on both.
    awaiting = models.PositiveIntegerField(_("awaiting approval"), default=0)
    denied = models.PositiveIntegerField(_("denied"), default=0)

    class Meta(OnDemandJob.Meta):
        abstract = False
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")

    def counts(self) -> Counts:
        """Return how many people differ, by side and reason, in one query."""
        rows = self.differences.order_by().values_list("side", "reason")
        counted = rows.annotate(count=models.Count("pk"))
        return {(side, reason): count for side, reason, count in counted}


class ReconciliationDifference(models.Model):
    """One person (or one further registrant of a person) on one side only.

    For people here, `registration` says who they are. The email is stored only of those who are not
    here; the name of a person's second registrant too, who may be someone else with the same
    address. These rows are deleted with the contact (rule 5). For people deleted here there is only
    the platform's registrant key.
    """

    reconciliation = models.ForeignKey(
        Reconciliation, on_delete=models.CASCADE, related_name="differences"
    )
    reason = models.CharField(_("reason"), max_length=24, choices=Reason)
    side = models.CharField(_("side"), max_length=10, choices=Side)
    registration = models.ForeignKey(
        Registration, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    registrant_key = models.CharField(_("registrant key"), max_length=255, blank=True)
    email = models.CharField(_("email"), max_length=254, blank=True)
    email_key = models.CharField(max_length=254, blank=True, db_index=True)
    name = models.CharField(_("name"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["id"]
        indexes = [models.Index(fields=["reconciliation", "reason"])]
