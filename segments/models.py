"""Saved segments."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.prefix_search import index_of


class Segment(models.Model):
    """A saved search. Its people are looked up each time (`segments.filters`)."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    # The query of the page that shows it.
    query = models.TextField(_("conditions"), blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    # Why its people cannot be counted, as a sentence; set by segments.service.
    uncounted = ""
    # Labels and URLs of actions of packages above; set by the page that lists segments.
    links: Sequence[tuple[Any, str]] = ()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name"]
        indexes = [index_of("name", name="segment_by_name")]

    def __str__(self) -> str:
        return self.name
