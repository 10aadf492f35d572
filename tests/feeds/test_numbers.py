"""Numbers in a sheet: as any country types them, and nothing else that a computer would take for one."""

from __future__ import annotations

import pytest

from pipeline.connector import number


@pytest.mark.parametrize(
    ("text", "found"),
    [("4", 4.0), (" 4.50 ", 4.5), ("4,5", 4.5), ("+4", 4.0), ("-0.5", -0.5), ("7.", 7.0), ("0,125", 0.125), ("٣", 3.0),
     ("12,34", 12.34)],
)  # fmt: skip
def test_a_number_is_read_as_it_is_typed(text: str, found: float) -> None:
    assert number(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "-", ".5", "1_0", "0x1", "1e3", "1e308", "inf", "-inf", "nan", "7 of 5", "12%", "1,204", "1.204,5", "½", "5" * 400],
)
def test_what_nobody_means_as_a_number_is_none(text: str) -> None:
    assert number(text) is None
