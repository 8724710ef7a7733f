"""HubSpot portals connected by an access token, with their settings."""

import time
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from core.conditions import both_or_neither
from core.encryption import EncryptedTextField
from platforms.models.error import StoredError

# Our property, and the contact property of HubSpot that new contacts get it in.
STANDARD_MAPPING = {
    "email": "email",
    "first_name": "firstname",
    "last_name": "lastname",
    "address": "address",
    "city": "city",
    "state": "state",
    "zip_code": "zip",
    "country": "country",
    "phone": "phone",
    "industry": "industry",
    "organization": "company",
    "job_title": "jobtitle",
}
# What is sent where no one says otherwise: the fields of these names.
DEFAULTS = ("send_new_webinars", "send_walk_ins", "send_internal", "send_notes")
IS_JOINED = Q(current=True)
IS_DISCONNECTED = Q(state="disconnected")
# HubSpot accepts the token of this portal.
IS_READY = Q(IS_JOINED, state="connected")
# How long a process caches whether a portal is connected.
_REMEMBERED_SECONDS = 2.0


def standard_mapping() -> dict[str, str]:
    """Return the default mapping of a new portal."""
    return dict(STANDARD_MAPPING)


class PortalQuerySet(models.QuerySet["Portal"]):
    def joined(self) -> Self:
        """Return the connected portal, even while HubSpot refuses its token: at most one."""
        return self.filter(IS_JOINED)

    def connected(self) -> "Portal | None":
        """Return the connected portal, even while HubSpot refuses its token; else None.

        It may be two seconds old, so that it can be called for each outbox event: read the row
        again to change it or to use its token.
        """
        now = time.monotonic()
        if _known and now - _known[0][0] < _REMEMBERED_SECONDS:
            return _known[0][1]
        found = self.joined().first()
        _known[:] = [(now, found)]
        return found

    def token_refused(self) -> Self:
        """Return the connected portal if HubSpot refuses its token."""
        return self.joined().filter(state="token_refused")

    def in_trouble(self) -> "Portal | None":
        """Return the connected portal if it needs someone; else None."""
        portal = self.connected()
        return portal if portal is not None and portal.error_code else None


_known: list[tuple[float, "Portal | None"]] = []


def is_any_connected() -> bool:
    """Return whether a portal is connected, by the cache of `Portal.objects.connected()`: it is
    called for each event of the outbox."""
    if _known and time.monotonic() - _known[0][0] < _REMEMBERED_SECONDS:
        return _known[0][1] is not None
    return Portal.objects.connected() is not None


def forget_connected() -> None:
    """Clear the cache of `Portal.objects.connected()` in this process."""
    _known.clear()


class Portal(StoredError):
    """A HubSpot portal. Its token is encrypted, and in no page, log or repr."""

    class State(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        TOKEN_REFUSED = "token_refused", _("Access token refused")
        DISCONNECTED = "disconnected", _("Disconnected")

    # "" if HubSpot does not report it for this token.
    portal_id = models.CharField(_("portal ID"), max_length=32, blank=True)
    ui_domain = models.CharField(max_length=253, blank=True, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    account_type = models.CharField(_("account type"), max_length=64, blank=True)
    access_token = EncryptedTextField(blank=True, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.CONNECTED)
    # True for the connected portal, None for former ones: the database keeps it unique.
    current = models.BooleanField(null=True, default=True, unique=True, editable=False)
    connected_at = models.DateTimeField(_("connected"), auto_now_add=True)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("connected by"),
    )
    disconnected_at = models.DateTimeField(_("disconnected"), null=True, editable=False)
    # When the operators were emailed that the token is refused; None while it is accepted.
    notified_at = models.DateTimeField(null=True, editable=False)

    # The last connection test: `destinations.hubspot.access.CheckResult` by check, and the missing
    # scopes of a refused write.
    checked_at = models.DateTimeField(_("tested"), null=True, editable=False)
    checks = models.JSONField(default=dict, editable=False)
    # When a test was requested; None once it has run.
    testing_since = models.DateTimeField(null=True, editable=False)
    missing_write_scopes = models.JSONField(default=list, editable=False)

    # The portal's contact properties: {name, label, type, field_type, read_only, options: [{label,
    # value}]} each.
    definitions = models.JSONField(default=list, editable=False)
    definitions_read_at = models.DateTimeField(null=True, editable=False)
    # Properties that a new contact requires; None if HubSpot does not report them.
    required_properties = models.JSONField(null=True, editable=False)
    # Our property: the name of HubSpot's.
    mapping = models.JSONField(default=standard_mapping, editable=False)

    send_new_webinars = models.BooleanField(_("send new webinars"), default=False)
    send_walk_ins = models.BooleanField(
        _("send people who attended without registering"), default=False
    )
    send_internal = models.BooleanField(_("send internal people"), default=False)
    send_notes = models.BooleanField(
        _("write questions, answers and times of attendance as notes"), default=False
    )
    # Notes that were due before are only written for webinars that are switched on later.
    send_notes_since = models.DateTimeField(null=True, editable=False)

    # The rate limits in the headers of the last responses.
    calls_per_10_s = models.PositiveIntegerField(default=100, editable=False)
    daily_limit = models.PositiveIntegerField(null=True, editable=False)
    daily_remaining = models.PositiveIntegerField(null=True, editable=False)
    daily_read_at = models.DateTimeField(null=True, editable=False)
    blocked_until = models.DateTimeField(null=True, editable=False)

    objects = PortalQuerySet.as_manager()

    class Meta:
        verbose_name = _("HubSpot portal")
        verbose_name_plural = _("HubSpot portals")
        ordering = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(send_notes=False) | Q(send_notes_since__isnull=False),
                name="notes_are_sent_since_a_time",
            ),
            models.CheckConstraint(
                condition=both_or_neither(IS_DISCONNECTED, Q(current__isnull=True)),
                name="destinations_portal_joined_unless_disconnected",
            ),
            models.CheckConstraint(
                condition=both_or_neither(IS_DISCONNECTED, Q(disconnected_at__isnull=False)),
                name="destinations_portal_disconnected_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"HubSpot {self.portal_id}".strip()

    @property
    def is_connected(self) -> bool:
        """No calls are made for a portal that was disconnected here."""
        return self.state != self.State.DISCONNECTED

    def contact_url(self, contact_id: str) -> str:
        """Return the URL of a contact's record in HubSpot; "" if it is unknown."""
        if not self.portal_id or not contact_id:
            return ""
        host = self.ui_domain or "app.hubspot.com"
        return f"https://{host}/contacts/{self.portal_id}/record/0-1/{contact_id}"


@receiver([post_save, post_delete], sender=Portal)
def _changed(**_: Any) -> None:
    forget_connected()


def label_of_default(name: str) -> Any:
    """Return the label of one of `DEFAULTS`."""
    return getattr(Portal._meta.get_field(name), "verbose_name", name)
