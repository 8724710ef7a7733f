"""The tabs of a webinar's pages that are the package's own."""

from django.utils.translation import gettext_lazy as _

from webinars.audiences import Audience
from webinars.panels import Tab, tabs

_SEE = ("webinars.view_webinar",)
_SEE_PEOPLE = ("webinars.view_registration",)
tabs.register(Tab(_("Overview"), "admin:webinars_webinar_change", _SEE, name="overview"))
tabs.register(
    Tab(
        _("People"), "webinars:audience", _SEE_PEOPLE, 10,
        name="people", args=(Audience.REGISTERED.value,),
    )
)  # fmt: skip
tabs.register(
    Tab(_("Questions and polls"), "webinars:questions", _SEE_PEOPLE, 30, name="questions")
)
tabs.register(
    Tab(_("Data updates"), "webinars:submitted_values", _SEE_PEOPLE, 60, name="submitted")
)
