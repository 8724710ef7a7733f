"""What the pages of a webinar show of its registration form."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.panels import Column, Link, Section
from registration_forms.embed import form_tools
from registration_forms.links import form_path
from webinars.models import Registration, Webinar
from webinars.panels import Tab, registration_links, tabs, webinar_panels


def _link(webinar: Webinar) -> str | SafeString:
    if not webinar.form_enabled:
        return "–"
    return format_html(
        '<a class="ws-link" href="{}">{}</a>', form_path(webinar), _("Open the form")
    )


def _can_be_corrected(registration: Registration) -> bool:
    return registration.state == Registration.State.REJECTED and registration.webinar.is_to_come


tabs.register(
    Tab(
        _("Registration form"), "registration_forms:form_page", ("webinars.view_webinar",), 40,
        name="form",
    )
)  # fmt: skip
webinar_panels.columns.register(Column("form_link", _("Form"), _link, order=20))
webinar_panels.sections.register(
    Section("registration_forms/newly_required.html", form_tools, order=20)
)
registration_links.register(
    Link(
        _("Correct and send again"), "registration_forms:correct",
        ("webinars.change_registration",), applies=_can_be_corrected,
    )
)  # fmt: skip
