"""The way back from an error page."""

from django import template
from django.template import RequestContext

from operations import error_pages

register = template.Library()


@register.inclusion_tag("way_back.html", takes_context=True)
def way_back(context: RequestContext) -> dict[str, object]:
    """Link to the form that a visitor came from, or for whoever works here to the dashboard."""
    request = context.get("request")
    if request is None:
        return {name: context.get(name) for name in ("form", "dashboard")}
    return {
        "form": error_pages.form_of(request),
        "dashboard": error_pages.leads_to_dashboard(request),
    }
