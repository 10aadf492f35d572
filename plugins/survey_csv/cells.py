"""One row of a table that the survey's supplier has counted: a number, or the sign that it is kept back.

Belongs here: what a row means. Does not: which files there are (connector.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Literal

from pipeline.connector import (
    ColumnMap,
    Day,
    Excluded,
    Field,
    Label,
    Record,
    Rejected,
    date,
    day_in,
)

KEPT_BACK = Excluded("withheld by the survey")
FEWER = re.compile(r"(<|<=|≤|under|fewer than|less than)\s*\d+", re.IGNORECASE)


class Cell(Record):
    """How many in a unit gave one answer to one item. A number that was kept back has no row: it is not zero."""

    unit_level: Literal["organisation", "directorate", "team", "grade", "location"]
    unit: Label | None = None
    day: Day
    item: Label = Field(min_length=1)
    answer: Label = Field(min_length=1)
    n: int = Field(ge=0)


class Cells:
    """Reads the rows of one file."""

    def __init__(self, day: date | None, withheld: Collection[str], mapping: ColumnMap) -> None:
        self._day, self._times = day, mapping.times
        self._withheld = {sign.casefold() for sign in withheld}
        self._seen: set[tuple[Any, ...]] = set()

    def read(self, row: tuple[dict[str, Any], str] | Rejected) -> Iterator[Cell | Rejected | Excluded]:
        """The count in a row."""
        yield self._cell(row)

    def _cell(self, row: tuple[dict[str, Any], str] | Rejected) -> Cell | Rejected | Excluded:
        if isinstance(row, Rejected):
            return row
        cells, place = row
        n, level = str(cells.get("n") or ""), (cells.get("unit_level") or "").casefold()
        day = day_in(cells.get("day"), self._times) if cells.get("day") else self._day
        if day is None:
            return Rejected("not a day at day", place)
        if level != "organisation" and not cells.get("unit"):
            return Rejected("blank at unit", place)
        about = {
            "unit_level": level, "unit": cells.get("unit") if level != "organisation" else None, "day": day,
            "item": cells.get("item") or "", "answer": cells.get("answer") or "",
        }  # fmt: skip
        if tuple(about.values()) in self._seen:
            return Rejected("the same cell again", place)
        self._seen.add(tuple(about.values()))
        if n.casefold() in self._withheld or FEWER.fullmatch(n):
            return KEPT_BACK
        return Cell.of({**about, "n": re.sub(r"(?<=\d),(?=\d{3}\b)", "", n)}, location=place)
