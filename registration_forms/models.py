"""Submissions of the registration form, and consent texts."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts import consents
from core.conditions import implies
from core.dates import stamp
from core.tokens import new_secret
from webinars.models.registration import Registration
from webinars.models.webinar import Webinar


class ConsentText(models.Model):
    """A text that people are asked to agree to. It is never edited: a new version is a new row, so
    that what someone agreed to can always be shown."""

    class Purpose(models.TextChoices):
        REGISTERING = "registering", _("To register (required)")
        MARKETING = "marketing", _("Marketing (optional)")

    purpose = models.CharField(_("used for"), max_length=12, choices=Purpose)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    version = models.PositiveIntegerField(_("version"), editable=False)
    text = models.TextField(_("text"), help_text=_("Text next to the checkbox."))
    link = models.URLField(
        _("link"), blank=True, help_text=_("Your privacy page, opened beside the form.")
    )
    in_use = models.BooleanField(
        _("in use"), default=True, help_text=_("The newest text in use is the one that is asked.")
    )
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["purpose", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "language", "version"], name="one_consent_text_a_version"
            )
        ]

    def __str__(self) -> str:
        return _("%(purpose)s, %(language)s, version %(version)d") % {
            "purpose": self.get_purpose_display(),
            "language": self.get_language_display(),
            "version": self.version,
        }

    @property
    def short_name(self) -> str:
        """The version, the same in every language, such as "en 3"."""
        return f"{self.language} {self.version}"


class Submission(models.Model):
    """A submission of the registration form, as it was posted."""

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="submissions"
    )
    submitted_at = models.DateTimeField(_("submitted"), db_default=Now())
    submitted = models.JSONField(_("submitted"), default=dict)
    # Where the visitor came from: utm_* parameters, `referrer`, `source`, `language`.
    origin = models.JSONField(_("origin"), default=dict, blank=True)
    # The secret of this submission's confirmation page, which cannot be reached otherwise.
    secret = models.CharField(max_length=64, unique=True, default=new_secret, editable=False)
    # Whether this submission, or one that it corrects, is what is sent to the platform. The next
    # submission that is sent instead replaces it.
    created_by_form = models.BooleanField(default=False, editable=False)
    # Whether the confirmation page must not depend on whether the person was registered before,
    # because the same network was told of many already.
    status_hidden = models.BooleanField(default=False, editable=False)
    # The platform's registrant for this submission. The join link is shown only while the
    # registration has that registrant, because anyone can type anyone's address.
    registrant_key = models.CharField(max_length=255, blank=True, default="", editable=False)
    # A keyed hash of the sender's network address, for the limits only.
    sender = models.CharField(max_length=64, blank=True, editable=False)
    # The consents, given at `submitted_at`.
    consent = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    marketing_consent = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("form submission")
        verbose_name_plural = _("form submissions")
        ordering = ["-id"]
        indexes = [models.Index(fields=["sender", "submitted_at"])]

    def __str__(self) -> str:
        return f"{self.registration} · {stamp(self.submitted_at)}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the submission, and the consent with the contact. Not agreeing withdraws nothing,
        because the box is empty on each new form."""
        new = self._state.adding
        super().save(*args, **kwargs)
        if new and self.marketing_consent is not None:
            consents.agree(
                self.registration.contact_id,
                decided_at=self.submitted_at,
                text_version=self.marketing_consent.short_name,
            )

    @property
    def made_registration(self) -> bool:
        """Whether this submission created the registration, here and on the platform: only then its
        confirmation page shows the join link."""
        registration = self.registration
        mine = self.created_by_form and self.registrant_key == registration.registrant_key
        return mine and registration.source == Registration.Source.FORM and not self.status_hidden


class AddressConfirmation(models.Model):
    """A confirmation link sent to an address, which lifts the limit for one submission of that
    address."""

    webinar = models.ForeignKey(Webinar, on_delete=models.CASCADE, related_name="+")
    # In clear text until the link was sent.
    email = models.EmailField(blank=True)
    # A keyed hash of the address.
    email_hash = models.CharField(max_length=64, db_index=True)
    secret = models.CharField(max_length=64, unique=True, default=new_secret)
    language = models.CharField(max_length=8)
    # A keyed hash of the network that requested it.
    sender = models.CharField(max_length=64)
    requested_at = models.DateTimeField(db_default=Now(), db_index=True)
    sent_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=implies(Q(sent_at__isnull=False), Q(email="")),
                name="registration_forms_addressconfirmation_sent_has_no_email",
            )
        ]

    def __str__(self) -> str:
        return f"{self.webinar} · {stamp(self.requested_at)}"
