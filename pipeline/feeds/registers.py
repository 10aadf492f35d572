"""Registers that somebody keeps by hand: rows of a sheet, each with a stretch of days, most of them of a person.

Belongs here: the columns by their names or through a mapping file, the days of a row, whom it is about. Does not: which
columns there are, which rows are left out, or what a stretch of days means (plugins/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, TypeVar

from pipeline.feeds.files import Given
from pipeline.feeds.mapping import ColumnMap, table_of
from pipeline.feeds.people import login_of
from pipeline.feeds.times import DayOrder, day_in, stands_for_none
from pipeline.fields import Day, Excluded, PersonId, Record, Rejected

BRITISH = "%d/%m/%Y"
NO_END = timedelta(days=3653)  # ten years: what goes on beyond that has no end, whatever a register writes there

CalledBy = Literal["email", "login", "staff"]
"""What a register calls people by; each is a namespace of its own."""

R = TypeVar("R", bound=Record)


class Stretch(Record):
    """A stretch of days of one person, under the one name that the register gives them."""

    staff: PersonId["staff"] | None = None
    email: PersonId["email"] | None = None
    login: PersonId["login"] | None = None
    started_on: Day
    ended_on: Day | None = None


@dataclass(frozen=True)
class Entry:
    """One row: its cells by field, where it is, and its first and last day as it writes them, by the names of their fields."""

    cells: Mapping[str, Any]
    place: str
    written: Mapping[str, str]
    times: Sequence[str]

    def word(self, field: str) -> str:
        """What a cell says, to be compared with words: in lower case, "" where it says nothing."""
        return _text(self.cells, field).casefold()

    def days(self) -> tuple[date, date | None] | Rejected:
        """The first day and the last, None where there is no last; Rejected where one is no day, or they are in disorder.

        An end more than ten years after the beginning is none: registers write 31/12/9999 there.
        """
        (first, began), (last, ended) = ((field, day_in(text, self.times)) for field, text in self.written.items())
        if began is None or (self.written[last] and ended is None):
            return Rejected(f"not a day at {last if began else first}", self.place)
        if stands_for_none(began):
            return Rejected(f"a day that stands for none at {first}", self.place)
        if ended and ended < began:
            return Rejected("ends before it begins", self.place)
        return began, ended if ended and ended - began <= NO_END else None

    def stretch(self, person_is: CalledBy) -> dict[str, Any] | Rejected:
        """The fields of a Stretch, from the cell person and the days."""
        person = _text(self.cells, "person")
        if not person:
            return Rejected("blank at person", self.place)
        days = self.days()
        if isinstance(days, Rejected):
            return days
        return {person_is: login_of(person) if person_is == "login" else person, "started_on": days[0], "ended_on": days[1]}


def register(
    files: Iterable[Given], mapping: str, read: Callable[[Entry], R | Rejected | Excluded], *,
    required: Sequence[str], optional: Sequence[str], days: tuple[str, str] = ("from", "to"),
) -> list[R | Rejected | Excluded]:  # fmt: skip
    """Every row of these files, as `read` tells it; `days` are the fields of the first day and the last.

    Columns are called like the fields, and days written 2026-12-31 or 31/12/2026, unless the file `mapping` (a path, ""
    where there is none) says otherwise. Raises Fatal naming the file and the column, or the line where days seem to be
    written month first.
    """
    mapped = ColumnMap.load(mapping, fields=[*required, *optional], required=required) if mapping else None
    found: list[R | Rejected | Excluded] = []
    for file in files:
        with file.open() as content:
            table, columns = table_of(content, file.name, mapped, required=required, optional=optional, times=[BRITISH])
            order = DayOrder(columns.times)
            for row in columns.rows(table):
                if isinstance(row, Rejected):
                    found.append(row)
                    continue
                entry = Entry(*row, {field: _text(row[0], field) for field in days}, columns.times)
                for text in entry.written.values():
                    order.see(text, entry.place)
                found.append(read(entry))
            order.check()
    return found


def _text(cells: Mapping[str, Any], field: str) -> str:
    return str(cells.get(field) or "").strip()  # what a mapping has [fixed] may be a number
