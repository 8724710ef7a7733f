"""Tags of contacts."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact

LONGEST_TAG = 60


def tag_key(name: str) -> str:
    """Return the key by which tags are compared: trimmed, and without regard to case."""
    return " ".join(name.split()).casefold()


class Tag(models.Model):
    """A tag. Names that differ only in case or blanks are the same tag."""

    name = models.CharField(_("name"), max_length=LONGEST_TAG)
    # Set from `name` by save(); bulk writers set it themselves with tag_key(). Case folding can
    # make a key longer than the name.
    name_key = models.CharField(max_length=3 * LONGEST_TAG, unique=True, editable=False)
    # A plain key of the import that created it, because imports are above this app.
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
