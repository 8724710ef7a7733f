"""Why submissions of HubSpot forms are not registrations (rule 13)."""

from django.utils.translation import gettext_lazy as _

from core import messages
from destinations.hubspot import form_values

messages.register(
    {
        "hubspot-form.source": _("HubSpot form %(name)s"),
        "hubspot-form.gone": _("This form was deleted in HubSpot. Switch it off here."),
        form_values.NO_TIME: _("HubSpot does not tell when it was sent."),
        form_values.NO_EMAIL: _("It has no email address."),
        form_values.BAD_EMAIL: _("Its email address is not valid."),
        form_values.MISSING: _("It lacks: %(fields)s."),
        form_values.ADVERTISEMENT: _("The name contains a web or email address."),
        form_values.NOT_STORED: _("It could not be stored."),
        form_values.CLOSED: _("The webinar was over or cancelled."),
        form_values.DELETED: _("The person was deleted here after sending it."),
    }
)
