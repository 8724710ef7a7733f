"""A person here."""

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.emails import email_key

# The optional properties that go both ways when known (rule 2), with the names used on all sides.
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


class Contact(models.Model):
    """A person, known by e-mail. A sync adds contacts and never changes one (rule 3)."""

    class Source(models.TextChoices):
        GOTO = "goto", _("GoToWebinar")
        FORM = "form", _("Registration form")
        PERSON = "person", _("Entered by hand")
        IMPORT = "import", _("Imported file")

    email = models.EmailField(_("e-mail"), max_length=254)
    # Filled from `email` by save(); bulk writers fill it themselves with email_key().
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
        _("came from"), max_length=10, choices=Source, default=Source.PERSON, db_index=True
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False, db_index=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-id"]
        indexes = [models.Index(fields=["country"]), models.Index(fields=["organization"])]

    def __str__(self) -> str:
        return self.full_name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip()
        self.email_key = email_key(self.email)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def clean(self) -> None:
        """Tell a person who types the address of somebody already here, in whatever case."""
        self.email = self.email.strip()
        self.email_key = email_key(self.email)
        further = apps.get_model("contacts", "FurtherEmail").objects
        other = further.filter(email_key=self.email_key).select_related("contact").first()
        if other is not None:
            said = _("This is a further address of %(who)s <%(email)s>: the two were merged.")
            raise ValidationError(
                {"email": said % {"who": other.contact.full_name, "email": other.contact.email}}
            )
