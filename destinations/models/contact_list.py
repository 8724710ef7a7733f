"""Lists in HubSpot for audiences and segments, and their members."""

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Contact
from core.conditions import has_passed
from destinations.models.portal import Portal
from platforms.models.error import StoredError
from segments.models import Segment
from webinars.models import Webinar


class ContactListQuerySet(models.QuerySet["ContactList"]):
    def followed(self) -> Self:
        """Return those that are being updated."""
        return self.filter(state__in=["waiting", "on"])

    def due(self, now: dt.datetime) -> Self:
        """Return those whose people are due for a comparison."""
        return self.followed().filter(has_passed("next_try_at", now))


class ContactList(StoredError):
    """A list of HubSpot for an audience of a webinar, or for a segment."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being created")
        NAME_TAKEN = "name_taken", _("Name taken")
        ON = "on", pgettext_lazy("one list", "On")
        OFF = "off", pgettext_lazy("one list", "Off")
        GONE = "gone", _("Deleted in HubSpot")

    portal = models.ForeignKey(Portal, on_delete=models.CASCADE, related_name="lists")
    webinar = models.ForeignKey(
        Webinar, on_delete=models.CASCADE, null=True, related_name="hubspot_lists"
    )
    audience = models.CharField(max_length=20, blank=True)
    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, null=True, related_name="hubspot_lists"
    )
    name = models.CharField(_("name"), max_length=250)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.WAITING)
    # "" until HubSpot has it.
    list_id = models.CharField(max_length=32, blank=True)
    # The id of the list that has the name, if it is taken.
    other_list_id = models.CharField(max_length=32, blank=True)
    # Whether that one is a list whose members can be changed.
    other_is_changeable = models.BooleanField(default=True)
    # When its creation was last tried: from then on HubSpot may have it.
    create_tried_at = models.DateTimeField(null=True)
    # The marketing events on whose pages it is shown.
    shown_on = models.JSONField(default=list)
    compared_at = models.DateTimeField(_("compared"), null=True)
    # When HubSpot last confirmed that it has it.
    seen_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    # The worker that updates it; its claim expires.
    claim = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = ContactListQuerySet.as_manager()

    class Meta:
        verbose_name = _("list in HubSpot")
        verbose_name_plural = _("lists in HubSpot")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portal", "webinar", "audience"],
                condition=Q(webinar__isnull=False),
                name="one_list_an_audience",
            ),
            models.UniqueConstraint(
                fields=["portal", "segment"],
                condition=Q(segment__isnull=False),
                name="one_list_a_segment",
            ),
            models.CheckConstraint(
                condition=Q(webinar__isnull=False, segment__isnull=True) & ~Q(audience="")
                | Q(webinar__isnull=True, segment__isnull=False, audience=""),
                name="lists_follow_an_audience_or_a_segment",
            ),
            models.CheckConstraint(
                condition=~Q(state="on") | ~Q(list_id=""), name="lists_that_are_on_have_an_id"
            ),
            models.CheckConstraint(
                condition=~Q(state="name_taken") | ~Q(other_list_id=""),
                name="lists_whose_name_is_taken_know_by_which",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ListMemberQuerySet(models.QuerySet["ListMember"]):
    def present(self) -> Self:
        """Return those who are in the list in HubSpot, or may be."""
        return self.exclude(hubspot_id="")

    def absent(self) -> Self:
        """Return those who are not in HubSpot."""
        return self.filter(hubspot_id="")


class ListMember(models.Model):
    """A contact of HubSpot in a list, or someone of the audience who is not in HubSpot.

    `contact` is empty after the person was deleted here: they are removed from the list next.
    """

    contact_list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="members")
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, related_name="hubspot_list_members"
    )
    # "" of someone whom HubSpot did not have at `tried_at`.
    hubspot_id = models.CharField(max_length=32, blank=True)
    # Whether we have added them, and no one in HubSpot; None while that is not known.
    added = models.BooleanField(null=True)
    tried_at = models.DateTimeField()

    objects = ListMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a list in HubSpot")
        verbose_name_plural = _("members of lists in HubSpot")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["contact_list", "hubspot_id"],
                condition=~Q(hubspot_id=""),
                name="member_once_a_list",
            ),
        ]

    def __str__(self) -> str:
        return self.hubspot_id
