"""What is done with people who are ticked in a list on a page of our own.

The page filters again what its address asks for, and acts on no one else: those ticked, or all.
What packages above register as actions of the list of contacts is offered here too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from contacts.models import Contact
from contacts.panels import contact_panels
from contacts.people_table import PAGE
from core.numbers import whole_number

# The parameter that says "all of them", by the name that the admin's lists have for it.
_ALL = "select_across"
Answer = HttpResponseBase | None


@dataclass(frozen=True, slots=True)
class BarAction:
    """A button above a list of people: `run` gets those chosen, as rows of the list."""

    name: str
    label: Any
    run: Callable[[HttpRequest, QuerySet[Any]], Answer]
    permission: str = "contacts.view_contact"
    order: int = 0


def bar_actions(
    request: HttpRequest,
    own: Iterable[BarAction],
    contacts_of: Callable[[QuerySet[Any]], QuerySet[Contact]],
) -> dict[str, BarAction]:
    """Return what whoever asks may do with chosen people, by name and in order: what is registered
    for contacts, and a page's `own`, which take the places of those with their names.

    `contacts_of` turns rows of the list into contacts.
    """
    model_admin = admin.site.get_model_admin(Contact)

    def for_rows(run: Callable[..., Answer]) -> Callable[[HttpRequest, QuerySet[Any]], Answer]:
        return lambda request, rows: run(model_admin, request, contacts_of(rows))

    found = {
        action.name: BarAction(
            action.name,
            action.page_label or action.label,
            for_rows(action.run),
            action.permission,
            action.order,
        )
        for action in contact_panels.actions
    }
    found |= {action.name: action for action in own}
    return {
        action.name: action
        for action in sorted(found.values(), key=lambda action: action.order)
        if request.user.has_perm(action.permission)
    }


def run_action(
    request: HttpRequest, actions: Mapping[str, BarAction], rows: QuerySet[Any], contact: str
) -> Answer:
    """Do what was asked for with those of `rows` that were chosen; None where no one was, or where
    there is nothing more to show than the page. `contact` is the field with the person's key.

    Raises:
        PermissionDenied: of what whoever asks may not do, and of what there is not.
    """
    action = actions.get(request.POST.get("action", ""))
    if action is None:
        raise PermissionDenied
    if request.POST.get(_ALL) != "1":
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)[:PAGE]
        ids = [number for text in ticked if (number := whole_number(text)) is not None]
        rows = rows.filter(**{f"{contact}__in": ids})
    if not rows.exists():
        messages.error(request, _("Select people first."))
        return None
    return action.run(request, rows)
