"""How colleagues look at lists of people: their columns, and filters under a name."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ListName(models.TextChoices):
    """The lists of people whose columns are chosen."""

    CONTACTS = "contacts", _("Contacts")
    AUDIENCE = "audience", _("People of a webinar")
    FOUND = "found", _("Found contacts")


class ChosenColumns(models.Model):
    """The columns that a user chose for a list; without a row they are the usual ones."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    list_name = models.CharField(max_length=10, choices=ListName)
    columns = models.JSONField(default=list)

    class Meta:
        verbose_name = _("chosen columns")
        verbose_name_plural = _("chosen columns")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "list_name"], name="one_choice_of_columns_a_user_and_list"
            )
        ]


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views."""

    def visible_to(self, user_id: int) -> Self:
        """Return the views that a user saved, and those shared by others."""
        return self.filter(Q(is_shared=True) | Q(created_by=user_id))


class SavedView(models.Model):
    """Filters, order and columns of a list under a name. Whom it shows is found anew each time.

    The conditions of *Find contacts* are saved as a `segments.models.Segment` instead.
    """

    list_name = models.CharField(max_length=10, choices=ListName)
    name = models.CharField(_("name"), max_length=80)
    # As in the address of the page that shows it.
    query = models.TextField(_("conditions"), blank=True, editable=False)
    columns = models.JSONField(default=list)
    is_shared = models.BooleanField(_("shared with colleagues"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
