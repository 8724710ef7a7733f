"""Times on a clock that is not the reader's."""

from django import template

from core.time_zones import repeated_hour

register = template.Library()
register.filter("repeated_hour", repeated_hour)
