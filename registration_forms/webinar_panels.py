"""The registration-form sections of a webinar's pages."""

from django.utils.translation import gettext_lazy as _

from core.panels import Link, Section
from registration_forms.embed import form_tools
from webinars.audiences import Audience
from webinars.models import Registration, Webinar
from webinars.panels import Tab, audience_links, registration_links, tabs, webinar_panels


def _can_be_corrected(registration: Registration) -> bool:
    return registration.state == Registration.State.REJECTED and registration.webinar.is_to_come


def _has_rejected(shown: tuple[Webinar, Audience]) -> bool:
    webinar, audience = shown
    return audience == Audience.REJECTED and webinar.is_to_come


tabs.register(
    Tab(
        _("Form"), "registration_forms:form_page", ("webinars.view_webinar",), 40,
        name="form", applies=lambda webinar: webinar.form_enabled or webinar.is_to_come,
    )
)  # fmt: skip
webinar_panels.sections.register(
    Section("registration_forms/newly_required.html", form_tools, order=-10)
)


class _RepairLink(Link):
    """Leads from an audience to the page of its webinar's rejected registrations."""

    def address(self, *args: object) -> str:
        return super().address(args[0])


audience_links.register(
    _RepairLink(
        _("Fix and send again"), "registration_forms:repair",
        ("webinars.change_registration",), order=-10, applies=_has_rejected,
    )
)  # fmt: skip
registration_links.register(
    Link(
        _("Correct and send again"), "registration_forms:correct",
        ("webinars.change_registration",), applies=_can_be_corrected,
    )
)  # fmt: skip
