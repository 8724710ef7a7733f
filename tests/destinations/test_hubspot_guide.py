"""docs/hubspot.md explains for each reason of a difference what to do."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from core import messages
from destinations.hubspot import reasons, status
from destinations.hubspot.plan import LeftOut

pytestmark = [pytest.mark.pure, pytest.mark.rule(9)]


def codes() -> list[str]:
    named = [
        value
        for module in (reasons, status)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value.startswith("handover.")
    ]
    return [*named, *(reason.value for reason in LeftOut)]


@pytest.mark.parametrize("code", sorted(set(codes())))
def test_the_guide_explains_what_to_do_about_each_reason(code: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "hubspot.md").read_text()
    rows = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", page, flags=re.MULTILINE))
    with translation.override("en"):
        sentence = messages.text(code, {"names": "%(names)s"})
    assert sentence != code
    assert rows[sentence]
