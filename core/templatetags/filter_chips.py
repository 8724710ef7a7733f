"""The filters in use, above a list."""

from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList

from core.filter_chips import chips_of, chips_of_list
from core.people_filters import PeopleFilter

register = template.Library()


@register.inclusion_tag("core/filter_chips.html", takes_context=True)
def filter_chips(context: Any, filtered: PeopleFilter) -> dict[str, Any]:
    """Show the conditions that a page of our own has, each with a link that removes it."""
    return {"chips": chips_of(filtered, context["request"].GET)}


@register.inclusion_tag("core/filter_chips.html", takes_context=True)
def list_chips(context: Any, changes: ChangeList) -> dict[str, Any]:
    """Show what a list of the admin is narrowed by, each with a link that removes it."""
    return {"chips": chips_of_list(changes, context["request"].GET)}
