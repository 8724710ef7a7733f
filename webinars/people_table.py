"""The table of the people of an audience."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.people_table import (
    MomentColumn,
    NameColumn,
    NumberColumn,
    PeopleColumn,
    PeopleTable,
    TemplateColumn,
)
from webinars.models import Registration


class _MinutesColumn(NumberColumn):
    """How long someone attended, in minutes; nothing of who did not."""

    def render(self, value: int, record: Registration) -> str:  # type: ignore[override]
        return super().render(value) if record.sessions_attended else "–"


class _StatusColumn(TemplateColumn):
    """The status of a registration, and what is wrong with it."""

    def title(self, value: Any = "", record: Any = None) -> str:
        if not record or not record.problem:
            return ""
        message = f" “{record.platform_message}”" if record.platform_message else ""
        return f"{record.problem}{message}"


class AudienceTable(PeopleTable):
    """Registrations, as `with_status` reads them, with their contacts."""

    name = NameColumn("contact__")
    email = PeopleColumn(_("Email"), "contact__email", place="line")
    organization = PeopleColumn(_("Organization"), "contact__organization")
    country = PeopleColumn(_("Country"), "contact__country")
    registered = MomentColumn(_("Registered"), "registered_at")
    status = _StatusColumn(_("Status"), "webinars/registration_status.html", place="fact")
    minutes = _MinutesColumn(_("Minutes"), "seconds_attended", accessor="minutes_attended")

    def contact_of(self, record: Any) -> Contact:
        contact: Contact = record.contact
        return contact
