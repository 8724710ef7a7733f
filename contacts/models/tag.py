"""Words that colleagues sort contacts by."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact

LONGEST_TAG = 60


def tag_key(name: str) -> str:
    """Return how tags are compared: trimmed, and whatever their case."""
    return " ".join(name.split()).casefold()


class Tag(models.Model):
    """A tag; one that differs in case or blanks alone is the same tag."""

    name = models.CharField(_("name"), max_length=LONGEST_TAG)
    # Filled from `name` by save(); bulk writers fill it themselves with tag_key(). Folding makes
    # some letters two.
    name_key = models.CharField(max_length=3 * LONGEST_TAG, unique=True, editable=False)
    # The import that made it; imports are above this app, so it is a plain key.
    import_id = models.BigIntegerField(null=True, editable=False)
    contacts = models.ManyToManyField(
        Contact, through="ContactTag", related_name="tags", verbose_name=_("contacts")
    )

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name_key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = " ".join(self.name.split())
        self.name_key = tag_key(self.name)
        fields = kwargs.get("update_fields")
        if fields is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_key"}
        super().save(*args, **kwargs)


class ContactTag(models.Model):
    """A tag of a contact: since when, and by whom."""

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="tag_links", db_index=False
    )
    tag = models.ForeignKey(
        Tag, on_delete=models.CASCADE, related_name="links", verbose_name=_("tag")
    )
    added_at = models.DateTimeField(_("added"), db_default=Now())
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    import_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("tag of a contact")
        verbose_name_plural = _("tags of contacts")
        ordering = ["tag__name_key"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "tag"], name="each_tag_of_a_contact_once")
        ]

    def __str__(self) -> str:
        return str(self.tag)
