"""Filters of the list of contacts: by what people did, which is no property of theirs (rule 8)."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from contacts.models import Contact
from webinars.audiences import LABELS, Audience
from webinars.filters import contacts_in
from webinars.models import Webinar

# A choice of more webinars is no choice any more: the rest is reached from the webinar's page.
_MOST = 200


class WebinarFilter(DropdownFilter):
    """Which webinar; with the audience filter beside it, who did what in it."""

    title = _("webinar")
    parameter_name = "webinar"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        shown = Webinar.objects.filter(sync_enabled=True).only("pk", "subject", "starts_at")
        return [
            (webinar.pk, f"{webinar.subject} · {timezone.localtime(webinar.starts_at):%Y-%m-%d}")
            if webinar.starts_at
            else (webinar.pk, webinar.subject)
            for webinar in shown[:_MOST]
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        # The audience filter does the work for both: they speak of one and the same registration.
        if self.value() and not request.GET.get(AudienceFilter.parameter_name):
            return contacts_in(queryset, None, _number(self.value()))
        return queryset


class AudienceFilter(DropdownFilter):
    """In which audience, of the webinar chosen beside it or of any."""

    title = _("audience")
    parameter_name = "audience"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        return [(audience.value, LABELS[audience]) for audience in Audience]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        if self.value() not in set(Audience):
            return queryset
        webinar = request.GET.get(WebinarFilter.parameter_name)
        return contacts_in(queryset, Audience(str(self.value())), _number(webinar))


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None
