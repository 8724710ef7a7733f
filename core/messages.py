"""Sentences that are stored as a code with parameters, and read in the reader's language (rule 13).

Each app registers its codes in a file `error_messages.py`, found by its name.
"""

from collections.abc import Mapping
from typing import Any

Params = Mapping[str, Any]

_TEXTS: dict[str, Any] = {}


def register(texts: Mapping[str, Any]) -> None:
    """Add lazy translations by their codes. One that depends on a number is an `ngettext_lazy` of
    the parameter that it names."""
    twice = _TEXTS.keys() & texts.keys()
    if twice:
        raise ValueError(f"Registered twice: {', '.join(sorted(twice))}")
    _TEXTS.update(texts)


def part(code: str, **params: Any) -> dict[str, Any]:
    """Return a text that is a parameter of another, as it is stored."""
    return {"code": code, "params": params}


def text(code: str, params: Params | None = None) -> str:
    """Return the sentence of `code` in the language in use; nothing for none.

    What another version of the program wrote, with a code or parameters of its own, is shown as the
    code.
    """
    if code not in _TEXTS:
        return code
    try:
        return str(_TEXTS[code] % {name: _in_words(item) for name, item in (params or {}).items()})
    except (KeyError, TypeError, ValueError):
        return code


def _in_words(value: Any) -> Any:
    """Return a parameter as it is read; several texts as a list of them."""
    if isinstance(value, list | tuple):
        return ", ".join(dict.fromkeys(str(_in_words(item)) for item in value))
    if isinstance(value, Mapping):
        return text(value.get("code", ""), value.get("params"))
    return value
