"""Sentences stored as a code with parameters, and shown in the reader's language (rule 13).

Each app registers its codes in files `error_messages.py` and, of the audit log,
`audit_messages.py`, which are discovered by their names.
"""

from collections.abc import Mapping
from typing import Any

Params = Mapping[str, Any]

_TEXTS: dict[str, Any] = {}


def register(texts: Mapping[str, Any]) -> None:
    """Register lazy translations by their codes. One that depends on a number is an `ngettext_lazy`
    of that parameter."""
    twice = _TEXTS.keys() & texts.keys()
    if twice:
        raise ValueError(f"Registered twice: {', '.join(sorted(twice))}")
    _TEXTS.update(texts)


def part(code: str, **params: Any) -> dict[str, Any]:
    """Return a text that is a parameter of another, in its stored form."""
    return {"code": code, "params": params}


def text(code: str, params: Params | None = None) -> str:
    """Return the sentence of `code` in the current language; "" without a code.

    A code or parameters of another version of the program are shown as the code.
    """
    if code not in _TEXTS:
        return code
    try:
        return str(_TEXTS[code] % {name: _in_words(item) for name, item in (params or {}).items()})
    except (KeyError, TypeError, ValueError):
        return code


def _in_words(value: Any) -> Any:
    """Return a parameter as text; several texts as a list."""
    if isinstance(value, list | tuple):
        return ", ".join(dict.fromkeys(str(_in_words(item)) for item in value))
    if isinstance(value, Mapping):
        return text(value.get("code", ""), value.get("params"))
    return value
