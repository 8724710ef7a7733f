"""Where a page of the admin site is: the list that it belongs to, and what it shows."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import template
from django.contrib import admin
from django.db.models import Model
from django.template import RequestContext
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.templatetags.unfold import header_title

register = template.Library()
Part = Mapping[str, Any]


@register.simple_tag(takes_context=True)
def breadcrumb(context: RequestContext) -> SafeString | str:
    """Render the way to a list or a row; of other pages the theme's title.

    The theme begins with the app: a word of the program, which often repeats the list's name.
    """
    opts = context.get("opts")
    site = admin.site
    if opts is None or opts.model not in site._registry:
        title: str = header_title(context)
        return title
    parts = list(_parts(context, site._registry[opts.model]))
    return render_to_string("core/breadcrumb.html", {"parts": parts})


def _parts(context: RequestContext, pages: Any) -> Iterator[Part]:
    """Give the list, and the row, with their addresses where the reader may open them."""
    meta, request = pages.model._meta, context["request"]
    address = f"admin:{meta.app_label}_{meta.model_name}"
    listed = {"title": pages.name_of_list()}
    if pages.has_view_or_change_permission(request):
        listed["link"] = reverse(f"{address}_changelist")
    yield listed
    row = context.get("original") or context.get("object")
    if isinstance(row, Model) and isinstance(row, pages.model):
        yield {"title": pages.name_of(row), "link": reverse(f"{address}_change", args=[row.pk])}
