"""The tabs of a webinar's pages of this package."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.panels import Section
from webinars.audiences import Audience
from webinars.panels import Tab, header, tabs


def _has_run(webinar: Any) -> bool:
    return webinar.last_session_ended_at is not None or webinar.is_over


_SEE = ("webinars.view_webinar",)
_SEE_PEOPLE = ("webinars.view_registration",)
_CHANGE = ("webinars.change_webinar",)
tabs.register(Tab(_("Report"), "admin:webinars_webinar_change", _SEE, name="report"))
tabs.register(
    Tab(
        _("People"), "webinars:audience", _SEE_PEOPLE, 10,
        name="people", args=(Audience.REGISTERED.value,),
    )
)  # fmt: skip
tabs.register(
    Tab(
        _("Q&A and polls"), "webinars:questions", _SEE_PEOPLE, 30,
        name="questions", applies=_has_run,
    )
)  # fmt: skip
tabs.register(
    Tab(_("Data updates"), "webinars:submitted_values", _SEE_PEOPLE, 60, name="submitted")
)
tabs.register(
    Tab(
        _("Settings"), "admin:webinars_webinar_change", _CHANGE, 90,
        name="settings", query="?settings=1",
    )
)  # fmt: skip
header.register(Section("webinars/header_actions.html", lambda _request, _webinar: {}, order=10))
