"""What Django's test client stores of a page: the context of each template that code renders.

Its own stores a copy for every included or extended template as well, a hundred a page, without any
more information. That took a fifth of the time of the tests that request pages.
"""

from typing import Any

from django.template import Context, Template
from django.test.client import store_rendered_templates  # type: ignore[attr-defined]


def store_page(
    store: dict[str, Any], signal: Any, sender: Any, template: Template, context: Context, **_: Any
) -> None:
    """Store `context` unless `template` is only a part of another one."""
    if context.template is template:
        store_rendered_templates(store, signal, sender, template, context)
