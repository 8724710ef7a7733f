"""Opt-outs from marketing emails."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact


class OptOut(models.Model):
    """An opt-out from marketing emails. It belongs to the person, not to one spelling of an
    address.

    `email` is the address that opted out, whether there is a contact or not. It is emptied when the
    person is deleted; the keyed hash remains and does not reveal the address.
    """

    class Source(models.TextChoices):
        LINK = "link", _("Our unsubscribe link")
        COLLEAGUE = "colleague", _("A colleague")
        PLATFORM = "platform", _("GoToWebinar")
        CRM = "crm", _("HubSpot")

    contact = models.ForeignKey(
        Contact,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="opt_outs",
        verbose_name=_("contact"),
    )
    email = models.EmailField(_("email"), max_length=254, blank=True, editable=False)
    email_hash = models.CharField(max_length=64, editable=False)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.COLLEAGUE)
    opted_out_at = models.DateTimeField(_("unsubscribed"), db_default=Now(), editable=False)
    # A plain key of the mailing whose link was used, because mailings are above this app.
    mailing_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("unsubscribe")
        verbose_name_plural = _("unsubscribes")
        ordering = ["-opted_out_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["email_hash", "source"], name="one_opt_out_an_address_and_source"
            )
        ]

    def __str__(self) -> str:
        return self.email or str(_("a deleted contact"))
