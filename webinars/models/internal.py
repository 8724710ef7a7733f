"""Internal people, by address."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class InternalAddress(models.Model):
    """An email address, or a domain with all its subdomains, whose people are internal."""

    # The normal form of core.emails.email_key; for a domain the part after the "@".
    text = models.CharField(_("address or domain"), max_length=254, unique=True)
    is_domain = models.BooleanField(_("domain"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("added by"),
    )
    created_at = models.DateTimeField(_("added"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("internal address")
        verbose_name_plural = _("internal people")
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: object, **kwargs: object) -> None:
        self.is_domain = "@" not in self.text
        fields: Any = kwargs.get("update_fields")
        if fields is not None and "text" in fields:
            kwargs["update_fields"] = {*fields, "is_domain"}
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class InternalRefresh(models.Model):
    """A requested check of all registrations, after internal addresses changed.

    There is at most one row, which is deleted when all were checked. Registrations with a key below
    `next_id` have been.
    """

    next_id = models.BigIntegerField(default=0)
    requested_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("marking of internal people")
        verbose_name_plural = _("markings of internal people")
