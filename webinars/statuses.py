"""The status of a registration: the label, colour and icon that every page shows.

A status is the first of the audiences below that contains the registration (rule 8). People whose
webinar is not over, or whose report is outstanding, are registered.
"""

from django.db.models import Case, QuerySet, Value, When
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from contacts.timeline import minutes
from webinars.audiences import Audience, anybody_in
from webinars.models import Registration

# Ordered by precedence: attendance counts whatever the state of the registration, and an earlier
# cancellation does not count for those being pushed again.
_ORDER = (
    Audience.ATTENDED,
    Audience.PENDING,
    Audience.OVERFLOW,
    Audience.REJECTED,
    Audience.CANCELLED,
    Audience.AWAITING_APPROVAL,
    Audience.DENIED,
    Audience.NO_SHOW,
)
# Label, icon and tone; admin.css has the colours of the tones. Many languages use other words for
# one person than for an audience.
_APPEARANCE = {
    Audience.REGISTERED: (pgettext_lazy("one person", "Registered"), "how_to_reg", "info"),
    Audience.ATTENDED: (pgettext_lazy("one person", "Attended"), "event_available", "good"),
    Audience.NO_SHOW: (pgettext_lazy("one person", "No-show"), "event_busy", "warning"),
    Audience.CANCELLED: (pgettext_lazy("one person", "Cancelled"), "cancel", "plain"),
    Audience.OVERFLOW: (pgettext_lazy("one person", "Waiting list"), "group_off", "waiting"),
    Audience.PENDING: (pgettext_lazy("one person", "Sending"), "send", "info"),
    Audience.REJECTED: (pgettext_lazy("one person", "Rejected"), "block", "bad"),
    Audience.AWAITING_APPROVAL: (
        pgettext_lazy("one person", "Awaiting approval"), "hourglass_top", "waiting",
    ),
    Audience.DENIED: (pgettext_lazy("one person", "Declined"), "person_off", "plain"),
}  # fmt: skip
_ANNOTATION = "status_code"


def with_status(registrations: QuerySet[Registration]) -> QuerySet[Registration]:
    """Return `registrations` with what `status_of` and `badge` need."""
    whens = [When(anybody_in(audience), then=Value(audience.value)) for audience in _ORDER]
    walk_in = When(anybody_in(Audience.WALK_IN), then=Value(Audience.ATTENDED.value))
    status = Case(*whens, walk_in, default=Value(Audience.REGISTERED.value))
    return registrations.annotate(**{_ANNOTATION: status})


def status_of(registration: Registration) -> Audience:
    """Return the audience that is the status of a registration read by `with_status`."""
    return Audience(getattr(registration, _ANNOTATION))


def label(registration: Registration) -> str:
    """Return the status as text, such as "No-show" or "Attended 53 min"."""
    status = status_of(registration)
    if status == Audience.ATTENDED and registration.seconds_attended:
        return _("Attended %(time)s") % {"time": minutes(registration.seconds_attended)}
    word, _icon, _tone = _APPEARANCE[status]
    return str(word)


def badge(registration: Registration) -> SafeString:
    """Return the status as a badge."""
    _word, icon, tone = _APPEARANCE[status_of(registration)]
    return format_html(
        '<span class="ws-status ws-{}"><span class="material-symbols-outlined" aria-hidden="true">'
        "{}</span>{}</span>",
        tone,
        icon,
        label(registration),
    )
