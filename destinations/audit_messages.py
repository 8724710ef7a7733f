"""What colleagues did here, as sentences for the audit log (`core.audit`)."""

from django.utils.translation import gettext_lazy as _

from core import messages
from destinations.hubspot import our_values
from destinations.models import ContactList
from destinations.models.portal import DEFAULTS, label_of_default

messages.register(
    {
        "audit.hubspot-connected": _("Connected"),
        "audit.hubspot-token-replaced": _("Replaced the access token"),
        "audit.hubspot-disconnected": _("Disconnected"),
        "audit.hubspot-mapping": _("Changed the mapping: %(changes)s"),
        "audit.hubspot-mapped": _("%(value)s: %(before)s → %(after)s"),
        "audit.hubspot-defaults": _("Changed what is sent by default: %(changes)s"),
        "audit.hubspot-default-on": _("%(setting)s: on"),
        "audit.hubspot-default-off": _("%(setting)s: off"),
        "audit.hubspot-own-event": _("Creates a second marketing event in HubSpot"),
        "audit.hubspot-event-used": _("Uses a marketing event of HubSpot"),
        "audit.hubspot-form-on": _("HubSpot form: %(form)s"),
        "audit.hubspot-form-off": _("HubSpot form off: %(form)s"),
        "audit.hubspot-list": _("List in HubSpot: %(name)s (%(state)s)"),
        "audit.hubspot-notes-again": _("Wrote notes in HubSpot again"),
        "audit.hubspot-on": _("Send to HubSpot: on"),
        "audit.hubspot-off": _("Send to HubSpot: off"),
        "audit.hubspot-again": _("Sent to HubSpot again"),
    }
    | {f"audit.hubspot-list-{state}": state.label for state in ContactList.State}
    | {f"audit.hubspot-setting-{name}": label_of_default(name) for name in DEFAULTS}
    | {f"audit.hubspot-value-{key}": our_values.label_of(key) for key in our_values.KNOWN}
)
