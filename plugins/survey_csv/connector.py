"""Staff surveys: capability and confidence, use at home and at work, and whatever else was asked on a scale.

Belongs here: settings, and which files are new. Does not: a row of answers (answers.py), or a table that the survey's
supplier has counted already (cells.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import Any, Literal

from pipeline.connector import (
    ColumnMap,
    Connector,
    Excluded,
    Fatal,
    Field,
    Given,
    Glob,
    Landed,
    Page,
    Record,
    Rejected,
    date,
    file_pages,
    stream,
    table_of,
)

from .answers import PLACES, Answer, Answers
from .cells import Cell, Cells

TIMES = ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"]
DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
Read = Callable[[tuple[dict[str, Any], str] | Rejected], Iterator[Record | Rejected | Excluded]]

WITHHELD = ["*", "**", "[c]", "[x]", "[z]", "c", "x", "..", ":", "suppressed", "withheld"]


class SurveyCsv(Connector):
    """Reads exports of surveys: by respondent, counted by unit, or both."""

    name, channel = "survey_csv", "roster"

    responses: Glob = Field(default="", description='which files hold a row for each respondent, e.g. "survey/wave-*.csv"')
    responses_mapping: Glob = Field(default="", description="mapping file for them, where columns or words need one")
    items: dict[str, tuple[float, float]] = Field(
        default={}, description='item = [lowest, highest] answer of its scale, e.g. { capability = [1, 5], "home use" = [0, 10] }'
    )
    person_is: Literal["respondent", "email", "login", "staff"] = Field(
        default="respondent", description="what respondents are called by; respondent: without names, unknown to the roster"
    )
    tables: Glob = Field(default="", description='which files hold counts by unit, e.g. "survey/table-*.csv"')
    tables_mapping: Glob = Field(default="", description="mapping file for them, where columns or words need one")
    withheld: list[str] = Field(default=WITHHELD, description="signs of a number that is kept back; <10 always is one")
    dates: dict[str, date] = Field(
        default={}, description='file name = day of the survey, where no column and no name tells: { "wave.csv" = 2026-03-02 }'
    )

    @stream(Answer, kind="unit", day="answered_at")
    def answers(self, landed: Landed) -> Iterator[Page]:
        """Each answer of each respondent, checked against the scale of its item."""
        if not self.responses and not self.tables:
            raise Fatal("name the files of a survey: set responses, tables, or both")
        if self.responses and not self.items:
            raise Fatal("items: say what was asked and on which scale, as in items = { capability = [1, 5] }")
        for item, (lowest, highest) in self.items.items():
            if item in PLACES or not -inf < lowest < highest < inf:
                raise Fatal(f"items: {item!r} needs [lowest, highest], and a name of its own")
        items = list(self.items)
        yield from self._pages(
            landed, self.responses, "responses", self.responses_mapping, items, PLACES,
            lambda file, mapping: Answers(file.name, self.items, self.person_is, self._day(file), mapping).read, ("answered_at",),
        )  # fmt: skip

    @stream(Cell, kind="unit", day="day")
    def cells(self, landed: Landed) -> Iterator[Page]:
        """How many gave which answer, by unit, as the survey's supplier has counted it."""
        yield from self._pages(
            landed, self.tables, "tables", self.tables_mapping, ("item", "answer", "n", "unit_level"), ("unit", "day"),
            lambda file, mapping: Cells(self._day(file), self.withheld, mapping).read,
        )  # fmt: skip

    def _pages(
        self, landed: Landed, pattern: str, setting: str, mapping: str, required: Sequence[str], optional: Sequence[str],
        reader: Callable[[Given, ColumnMap], Read], times: Sequence[str] = (),
    ) -> Iterator[Page]:  # fmt: skip
        """A page for each file that is not here yet. One that cannot be read is told when the others have landed."""
        mapped = ColumnMap.load(mapping, fields=[*required, *optional], required=required) if pattern and mapping else None

        def rows(file: Given) -> list[Record | Rejected | Excluded]:
            with file.open() as content:
                table, columns = table_of(content, file.name, mapped, required=required, optional=optional, times=TIMES)
                read = reader(file, columns)
                return [found for row in columns.rows(table, times) for found in read(row)]

        def way(file: Given) -> str:
            return repr((mapped, self.items, self.person_is, self.withheld, self._day(file)))

        yield from file_pages(pattern, landed, rows, setting=setting, way=way)

    def _day(self, file: Given) -> date | None:
        """The day of the whole file: as `dates` says, else the one in its name."""
        if file.path.name in self.dates:
            return self.dates[file.path.name]
        found = DAY.findall(file.path.name)
        try:
            return date.fromisoformat(found[0]) if len(found) == 1 else None
        except ValueError:
            return None
