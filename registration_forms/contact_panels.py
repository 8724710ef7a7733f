"""An action on contacts: register them for a webinar."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.panels import contact_panels
from core.panels import Action
from registration_forms.contact_actions import register_for_webinar

contact_panels.actions.register(
    Action(
        "register_for_webinar", _("Register for a webinar…"), "contacts.change_contact",
        register_for_webinar, order=-10, page_label=pgettext_lazy("somebody", "Register"),
        icon="event_available",
    )
)  # fmt: skip
