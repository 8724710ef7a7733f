"""The table of the people of an audience."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.list_settings import ListSettings
from contacts.models import Contact, ListName
from contacts.people_table import (
    DayColumn,
    MomentColumn,
    NameColumn,
    NumberColumn,
    PeopleColumn,
    PeopleTable,
    TagsColumn,
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
    registered = MomentColumn(pgettext_lazy("one person", "Registered"), "registered_at")
    status = _StatusColumn(_("Status"), "webinars/registration_status.html", place="fact")
    minutes = _MinutesColumn(_("Minutes"), "seconds_attended", accessor="minutes_attended")

    joined = MomentColumn(_("Joined"), "first_joined_at")
    left = MomentColumn(_("Left"), "last_left_at")
    source = PeopleColumn(_("Source"), "source")
    marketing = PeopleColumn(_("Marketing"), accessor="contact__marketing_cell")
    last_seen = DayColumn(_("Last seen"), accessor="contact__last_seen_cell")
    job_title = PeopleColumn(_("Job title"), "contact__job_title")
    phone = PeopleColumn(_("Phone"), "contact__phone")
    city = PeopleColumn(_("City"), "contact__city")
    tags = TagsColumn("contact__")

    def contact_of(self, record: Any) -> Contact:
        contact: Contact = record.contact
        return contact


AUDIENCE_LIST = ListSettings(
    ListName.AUDIENCE,
    AudienceTable.column_labels(),
    usual=("email", "organization", "country", "registered", "status", "minutes"),
)
