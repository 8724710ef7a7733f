"""The link to the chapter of the guide that helps with a page."""

from django import template
from django.template import RequestContext

from webinarsync.help import address_for

register = template.Library()


@register.simple_tag(takes_context=True)
def help_address(context: RequestContext) -> str:
    """Return the address of what helps on the page that is shown."""
    match = context["request"].resolver_match
    return address_for(match.view_name if match else "")
