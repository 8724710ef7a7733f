"""A contact: a person."""

from collections.abc import Collection, Iterable
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts import contact_hooks
from core.emails import email_key
from core.prefix_search import index_of

# The optional properties that are synced in both directions (rule 2), named alike everywhere.
PROPERTIES = (
    "organization",
    "job_title",
    "industry",
    "phone",
    "address",
    "city",
    "state",
    "zip_code",
    "country",
)

# The columns by which contacts are looked up, besides the address; each has an index.
SEARCH_KEYS = (("first_name", "last_name"), ("last_name", "first_name"), ("organization",))


class ContactQuerySet(models.QuerySet["Contact"]):
    """Query contacts. However an address is written, the former one stays known (rule 3)."""

    def bulk_create(self, objs: Iterable["Contact"], *args: Any, **kwargs: Any) -> list["Contact"]:
        made = super().bulk_create(list(objs), *args, **kwargs)
        _addresses_added([contact.email_key for contact in made])
        return made

    def update(self, **values: Any) -> int:
        if not {"email", "email_key"} & values.keys():
            return super().update(**values)
        with transaction.atomic(using=self.db):
            before = dict(self.order_by().values_list("pk", "email"))
            count = super().update(**values)
            rows = self.model._base_manager.filter(pk__in=before)
            for pk, now in rows.values_list("pk", "email"):
                keep_former_address(pk, before[pk], now)
        return count


def keep_former_address(contact_id: int, former: str, now: str) -> None:
    """Save `former` as a former address of a contact that now has the address `now`.

    Every change of an address ends here: on a page, by an import, a merge or the shell.
    """
    key, was = email_key(now), email_key(former)
    if key == was or not was:
        return
    further = apps.get_model("contacts", "AlternateEmail")._base_manager
    # A contact that returns to a former address does not keep it as a former one.
    further.filter(contact=contact_id, email_key=key).delete()
    further.get_or_create(email_key=was, defaults={"contact_id": contact_id, "email": former})
    _addresses_added([key])
    contact_hooks.addresses_changed([contact_id])


def _addresses_added(keys: Collection[str]) -> None:
    from contacts.opt_outs import rejoin  # it asks for models

    rejoin(keys)


class Contact(models.Model):
    """A person, identified by email. A sync adds contacts and never changes one (rule 3)."""

    class Source(models.TextChoices):
        PLATFORM = "platform", _("GoToWebinar")
        FORM = "form", _("Registration form")
        PERSON = "person", _("Entered by hand")
        IMPORT = "import", _("Imported file")

    email = models.EmailField(_("email"), max_length=254)
    # Set from `email` by save(); bulk writers set it themselves with email_key().
    email_key = models.CharField(max_length=254, unique=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=255)
    last_name = models.CharField(_("last name"), max_length=255)
    organization = models.CharField(_("organization"), max_length=255, blank=True)
    job_title = models.CharField(_("job title"), max_length=255, blank=True)
    industry = models.CharField(_("industry"), max_length=255, blank=True)
    phone = models.CharField(_("phone"), max_length=255, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    city = models.CharField(_("city"), max_length=255, blank=True)
    state = models.CharField(_("state"), max_length=255, blank=True)
    zip_code = models.CharField(_("zip code"), max_length=255, blank=True)
    country = models.CharField(_("country"), max_length=255, blank=True)
    source = models.CharField(
        _("source"), max_length=10, choices=Source, default=Source.PERSON, db_index=True
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False, db_index=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["country"]),
            models.Index(fields=["organization"]),
            # The columns of SEARCH_KEYS.
            index_of("first_name", "last_name", name="contact_by_first_name"),
            index_of("last_name", "first_name", name="contact_by_last_name"),
            index_of("organization", name="contact_by_organization"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip()
        self.email_key = email_key(self.email)
        fields = kwargs.get("update_fields")
        if fields is not None and "email" not in fields:
            super().save(*args, **kwargs)
            return
        if fields is not None:
            kwargs["update_fields"] = {*fields, "email_key"}
        # Without a savepoint, like Django's own save: a caller that goes on after an error has one.
        with transaction.atomic(savepoint=False):
            stored = Contact._base_manager.filter(pk=self.pk).values_list("email", flat=True)
            was = stored.first() if self.pk else None
            super().save(*args, **kwargs)
            if was is None:
                _addresses_added([self.email_key])
            else:
                keep_former_address(self.pk, was, self.email)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def clean(self) -> None:
        """Save with the address's key."""
        self.email = self.email.strip()
        self.email_key = email_key(self.email)
