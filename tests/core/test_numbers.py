"""Numbers written in other formats."""

import pytest

from core.numbers import LARGEST_ID, whole_number

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("written", "number"),
    [("0", 0), ("7", 7), ("007", 7), (str(LARGEST_ID), LARGEST_ID)],
)
def test_digits_are_a_number(written: str, number: int) -> None:
    assert whole_number(written) == number


@pytest.mark.parametrize(
    "written",
    [None, "", " 7", "-1", "+1", "1.0", "1e9", "٣", "²", "NaN", "x", "1_000", "7\x00",
     str(LARGEST_ID + 1), "9" * 40, "9" * 5000],
)  # fmt: skip
def test_anything_else_is_invalid(written: str | None) -> None:
    assert whole_number(written) is None


def test_more_than_allowed_is_none() -> None:
    assert whole_number("100", most=100) == 100
    assert whole_number("101", most=100) is None
