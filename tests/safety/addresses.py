"""Every address of the project, read from the resolver: one that is added tomorrow is here by
itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

# Pages of libraries that are not ours to guard, or that show nothing of an installation.
LEFT_OUT = ("jsi18n", "view_on_site", "admin:logout")


def addresses(examples: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Give the name of each address, such as `webinars:form`, with its path.

    `examples` are values for its arguments: by `name argument`, else by the argument alone.
    """
    for name, arguments in sorted(_names(get_resolver().url_patterns, "")):
        if name.endswith(LEFT_OUT):
            continue
        known = {a: examples.get(f"{name} {a}", examples.get(a)) for a in arguments}
        missing = [a for a, value in known.items() if value is None]
        assert not missing, f"an example of {name} needs {missing}"
        yield name, reverse(name, kwargs=known)


def _names(patterns: Any, space: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for item in patterns:
        if isinstance(item, URLResolver):
            inner = f"{space}{item.namespace}:" if item.namespace else space
            yield from _names(item.url_patterns, inner)
        elif isinstance(item, URLPattern) and item.name:
            yield space + item.name, tuple(item.pattern.regex.groupindex)
