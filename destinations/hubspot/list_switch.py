"""Switch lists in HubSpot on and off, and name them."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy

from core.queue import enqueue
from destinations.models import ContactList, Portal
from platforms.models.error import NO_ERROR
from segments.models import Segment
from webinars.audiences import Audience
from webinars.models import Webinar

State = ContactList.State
FOLLOW_TASK = "destinations.tasks.follow_list"
# The audiences of a webinar that can have a list, with the list's names.
AUDIENCES = {
    Audience.ATTENDED: gettext_lazy("Attended"),
    Audience.NO_SHOW: gettext_lazy("No-show"),
    Audience.OVERFLOW: gettext_lazy("Waiting list"),
}
_LONGEST_NAME = 200


class NotChangeable(Exception):
    """The list has conditions in HubSpot, so its members cannot be changed."""


def switch_on(
    portal: Portal, whose: Webinar | Segment, audience: str = "", user_id: int | None = None
) -> ContactList:
    """Update a list from an audience of a webinar or a segment from now on."""
    if isinstance(whose, Webinar):
        row, _new = ContactList.objects.get_or_create(
            portal=portal,
            webinar=whose,
            audience=audience,
            defaults={"name": _name(whose.subject, audience), "created_by_id": user_id},
        )
    else:
        row, _new = ContactList.objects.get_or_create(
            portal=portal,
            segment=whose,
            defaults={"name": _name(whose.name), "created_by_id": user_id},
        )
    if row.state in (State.OFF, State.GONE):
        _set_state(row, State.ON if row.list_id else State.WAITING)
    enqueue(FOLLOW_TASK, row.pk)
    return row


def _name(title: str, audience: str = "") -> str:
    """Return the name of a list in the operator's language."""
    if not audience:
        return title[:_LONGEST_NAME]
    with translation.override(settings.LANGUAGE_CODE):
        label = str(AUDIENCES[Audience(audience)])
    return f"{title[: _LONGEST_NAME - len(label) - 3]} – {label}"


def switch_off(row: ContactList) -> None:
    """Stop updating a list; it stays in HubSpot."""
    if row.state != State.GONE:
        _set_state(row, State.OFF)


def use_existing(row: ContactList) -> None:
    """Have the list that has the name follow our people; its members stay. Raises NotChangeable."""
    if row.state != State.NAME_TAKEN:
        return
    if not row.other_is_changeable:
        raise NotChangeable
    row.list_id = row.other_list_id
    _set_state(row, State.ON, "list_id")
    enqueue(FOLLOW_TASK, row.pk)


def use_numbered_name(row: ContactList) -> None:
    """Create a list with the next number: "Name (2)", "Name (3)"."""
    if row.state != State.NAME_TAKEN:
        return
    stem, _space, end = row.name.rpartition(" (")
    number = end[:-1]
    if stem and end.endswith(")") and number.isdecimal():
        row.name = f"{stem} ({int(number) + 1})"
    else:
        row.name = f"{row.name} (2)"
    _set_state(row, State.WAITING, "name")
    enqueue(FOLLOW_TASK, row.pk)


def _set_state(row: ContactList, state: ContactList.State, *names: str) -> None:
    row.state, row.other_list_id, row.create_tried_at, row.next_try_at = state, "", None, None
    for name, value in NO_ERROR.items():
        setattr(row, name, value)
    row.save(
        update_fields=[
            "state", "other_list_id", "create_tried_at", "next_try_at", *NO_ERROR, *names,
        ]
    )  # fmt: skip
