"""Filters of the list of contacts that depend on contacts alone."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactTag, Tag
from core.list_filters import PeopleChoiceFilter
from core.numbers import whole_number
from core.people_filters import select_nobody

# More tags would make the list of choices unusable; the page Tags shows all.
_MOST = 200


class TagFilter(PeopleChoiceFilter):
    """Filter people by a tag."""

    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        return list(Tag.objects.values_list("pk", "name")[:_MOST])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        if not self.value():
            return queryset
        tag = Tag.objects.filter(pk=whole_number(self.value()) or 0).first()
        if tag is None:
            return select_nobody(request, queryset, self.title)
        return queryset.filter(pk__in=tag.links.values("contact"))

    def get_facet_queryset(self, changelist: ChangeList) -> dict[str, int]:
        """Return how many people each choice would leave, by the name that the theme uses."""
        without = self.expected_parameters()
        people = changelist.get_queryset(self.request, exclude_parameters=without)
        links = ContactTag.objects.filter(contact__in=people.order_by().values("pk"))
        counted = dict(
            links.order_by().values("tag").annotate(n=Count("pk")).values_list("tag", "n")
        )
        return {
            f"{place}__c": counted.get(pk, 0)
            for place, (pk, _name) in enumerate(self.lookup_choices)
        }
