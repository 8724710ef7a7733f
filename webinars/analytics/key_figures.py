"""The key figures of a webinar."""

from collections.abc import Iterator, Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from core.figures import Figure
from core.numbers import grouped
from webinars.analytics.funnel import Funnel
from webinars.analytics.questions import questions
from webinars.audiences import LABELS, Audience
from webinars.models import Webinar

# These audiences are shown only if they have people: each needs action.
_TO_DEAL_WITH = (
    Audience.OVERFLOW, Audience.AWAITING_APPROVAL, Audience.PENDING, Audience.REJECTED,
)  # fmt: skip


def key_figures(
    webinar: Webinar, counted: Mapping[Audience, int], funnel: Funnel
) -> Iterator[Figure]:
    """Yield the figures of `webinar`, the most important ones first."""
    has_run = webinar.last_session_ended_at is not None
    yield _people(webinar, counted, Audience.REGISTERED, "" if has_run else _seats(webinar))
    if has_run and not webinar.attendance_is_pending:
        rate = "" if funnel.rate is None else _("%(rate)d%% of registered") % {"rate": funnel.rate}
        yield _people(webinar, counted, Audience.ATTENDED, rate)
        yield _people(webinar, counted, Audience.NO_SHOW)
        if funnel.stayed is not None:
            note = _("%(count)s stayed to the end") % {"count": grouped(funnel.to_the_end)}
            yield Figure(_("Median time"), _("%(count)d min") % {"count": funnel.stayed}, note)
        asked = questions(webinar).count()
        if asked:
            yield Figure(
                _("Questions"), grouped(asked), "", reverse("webinars:questions", args=[webinar.pk])
            )
    for audience in _TO_DEAL_WITH:
        if counted[audience]:
            yield _people(webinar, counted, audience)
    cancelled = counted[Audience.CANCELLED]
    if cancelled:
        yield _people(webinar, counted, Audience.CANCELLED)


def _people(
    webinar: Webinar, counted: Mapping[Audience, int], audience: Audience, note: str = ""
) -> Figure:
    address = reverse("webinars:audience", args=[webinar.pk, audience.value])
    return Figure(str(LABELS[audience]), grouped(counted[audience]), note, address)


def _seats(webinar: Webinar) -> str:
    """Return the numbers of taken and free seats on the platform, which also counts people awaiting
    approval."""
    if webinar.registration_limit is None or webinar.registrant_count is None:
        return ""
    taken = _("%(taken)s of %(limit)s seats taken") % {
        "taken": grouped(webinar.registrant_count),
        "limit": grouped(webinar.registration_limit),
    }
    if webinar.free_seats:
        return taken
    return _("%(seats)s: full") % {"seats": taken}
