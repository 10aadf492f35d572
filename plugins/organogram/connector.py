"""Organograms of UK departments: how many posts each unit has; a denominator, and never a source of identities.

Belongs here: the two CSV files that are published for each organisation. Does not: which day a file stands for
(naming.py), or how posts become a headcount (headcounts.sql).
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline.connector import (
    Connector,
    Day,
    Field,
    Given,
    Glob,
    Iterator,
    Label,
    Landed,
    Line,
    Page,
    Record,
    Rejected,
    Sheet,
    date,
    file_pages,
    sheet,
    stream,
)

from .naming import day_of

ENCODINGS = ("utf-8-sig", "cp1252")
UNDISCLOSED = frozenset({"", "nd", "n/d", "n/a"})
IN_POST = "in post"

Read = Callable[[Line], Record | Rejected]


class Senior(Record):
    """One senior post, and whether somebody is in it. Neither its holder nor its reference is kept."""

    day: Day
    organisation: Label = Field(min_length=1)
    unit: Label | None = None
    grade: Label | None = None
    state: Label


class Junior(Record):
    """The junior posts of one kind in a unit, in full-time equivalents: the source has no people here."""

    day: Day
    organisation: Label = Field(min_length=1)
    unit: Label | None = None
    grade: Label | None = None
    fte: float = Field(ge=0, allow_inf_nan=False)


class Organogram(Connector):
    """Reads the senior and the junior file of each organisation, as published on data.gov.uk."""

    name, channel = "organogram", "roster"

    senior_files: Glob = Field(description='which files list senior posts, e.g. "organograms/*-senior.csv"')
    junior_files: Glob = Field(description='which files list junior posts, e.g. "organograms/*-junior.csv"')
    dates: dict[str, date] = Field(
        default={}, description='file name = the day it stands for, where the name does not tell: { "x-senior.csv" = 2013-09-30 }'
    )

    @stream(Senior, kind="unit")
    def senior(self, landed: Landed) -> Iterator[Page]:
        """Senior posts, in units that are the nearest to a directorate."""
        return self._pages(self.senior_files, "senior_files", landed, _senior)

    @stream(Junior, kind="unit")
    def junior(self, landed: Landed) -> Iterator[Page]:
        """Junior posts by unit and grade, counted in full-time equivalents."""
        return self._pages(self.junior_files, "junior_files", landed, _junior)

    def _pages(self, pattern: str, setting: str, landed: Landed, reader: Callable[[Sheet, date], Read]) -> Iterator[Page]:
        def day(file: Given) -> str:
            """Two days may have the same posts."""
            return day_of(file.path.name, self.dates).isoformat()

        return file_pages(pattern, landed, lambda file: self._posts(file, reader), setting=setting, way=day)

    def _posts(self, file: Given, reader: Callable[[Sheet, date], Read]) -> list[Record | Rejected]:
        day = day_of(file.path.name, self.dates)
        with file.open() as content:
            table = sheet(content, file.name, encodings=ENCODINGS)
            read = reader(table, day)
            return [line if isinstance(line, Rejected) else read(line) for line in table.rows()]


def _senior(table: Sheet, day: date) -> Read:
    reference, holder = table.need("Post Unique Reference", "Post Reference"), table.need("Name")
    organisation, unit = table.need("Organisation"), table.need("Unit")
    grade = table.column("Grade (or equivalent)", "Grade")
    # A post that is shared is in the file once for each of its holders; the running number in front does not count.
    counted = [column for column in table.header if column]
    seen: set[tuple[str, ...]] = set()

    def read(line: Line) -> Record | Rejected:
        row = tuple(line.cells[column] for column in counted)
        if row in seen:
            return Rejected("the same post again", line.place)
        seen.add(row)
        for column in (holder, organisation, unit):
            if not line.cells[column]:
                return Rejected(f"blank at {column}", line.place)
        return Senior.of(
            {
                "day": day, "organisation": _told(line.cells[organisation]) or "", "unit": _told(line.cells[unit]),
                "grade": _told(line.cells[grade]) if grade else None,
                "state": _state(line.cells[reference], line.cells[holder]),
            },
            location=line.place,
        )  # fmt: skip

    return read


def _junior(table: Sheet, day: date) -> Read:
    organisation, unit = table.need("Organisation"), table.need("Unit")
    fte = table.need("Number of Posts in FTE", "Number of Posts (FTE)", "FTE")
    grade = table.column("Grade (or equivalent)", "Grade")

    def read(line: Line) -> Record | Rejected:
        if not line.cells[unit]:
            return Rejected(f"blank at {unit}", line.place)
        return Junior.of(
            {
                "day": day, "organisation": _told(line.cells[organisation]) or "", "unit": _told(line.cells[unit]),
                "grade": _told(line.cells[grade]) if grade else None, "fte": line.cells[fte],
            },
            location=line.place,
        )  # fmt: skip

    return read


def _told(text: str) -> str | None:
    """The text, or None where it is not disclosed."""
    return None if text.casefold() in UNDISCLOSED else text


def _state(reference: str, holder: str) -> str:
    """What the marks in place of a name say; whoever else is named, or not disclosed, is in post."""
    for mark in ("vacant", "eliminated"):
        if holder.casefold().startswith(mark):
            return mark
    return "not in post" if reference == "0" else IN_POST
