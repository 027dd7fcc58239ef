"""Whole numbers as people type them."""

import pytest

from core.numerals import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("１２ 项", 12),
        ("十二项", 12),
        ("第5年度", 5),
        ("两页", 2),
        ("0", 0),
        ("-3", -3),
        ("负三", -3),
    ],
)
def test_numbers(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "很多", "12.5", "10到12", "10-12", "9" * 10, "9" * 5000])
def test_no_numbers(text: str) -> None:
    assert whole_number(text) is None
