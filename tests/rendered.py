"""What Django's test client keeps of a page: the context of each template that code renders.

Its own keeps a copy for every template that another one includes or extends as well, a hundred a
page, in which there is nothing more. That took a fifth of the time of the tests that ask for pages.
"""

from typing import Any

from django.template import Context, Template
from django.test.client import store_rendered_templates  # type: ignore[attr-defined]


def store_page(
    store: dict[str, Any], signal: Any, sender: Any, template: Template, context: Context, **_: Any
) -> None:
    """Keep `context` unless `template` is only a part of another one."""
    if context.template is template:
        store_rendered_templates(store, signal, sender, template, context)
