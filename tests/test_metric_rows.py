"""Rows of a metric, group by group."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from pipeline.families.rows import slices

FIRST, SECOND = date(2026, 1, 1), date(2026, 1, 2)
ROWS = pa.table({
    "unit": ["b", "a", "b", "a", None], "day": [SECOND, FIRST, FIRST, FIRST, FIRST], "n": [1, 5, 2, 3, 9],
})  # fmt: skip


def test_each_key_has_its_rows_in_order() -> None:
    found = [(key, part.column("n").to_pylist()) for key, part in slices(ROWS, ("unit", "day"), then=("n",))]
    assert found == [(("a", FIRST), [3, 5]), (("b", FIRST), [2]), (("b", SECOND), [1]), ((None, FIRST), [9])]


def test_no_rows_are_no_groups() -> None:
    assert list(slices(ROWS.slice(0, 0), ("unit",))) == []
