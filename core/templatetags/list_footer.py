"""The number of rows below a list."""

from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList

register = template.Library()


@register.simple_tag
def count_in_words(changes: ChangeList) -> str:
    """Return the number of rows of a list with the word that its page uses for them."""
    pages: Any = changes.model_admin
    words: str = pages.count_in_words(changes.result_count)
    return words
