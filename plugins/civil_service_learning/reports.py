"""The reports of Civil Service Learning: a table in a CSV file or a ZIP, and what is kept of each of its lines.

Belongs here: the wire format and its records. Does not: which files there are (connector.py), or counting (counts.sql).
Source: Civil-Service-Human-Resources/lpg-report-service on GitHub (ExportCsvType, ReportExportZipReportService,
ModuleReportRow).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from pipeline.connector import (
    Day,
    Excluded,
    Fatal,
    Given,
    Id,
    Label,
    Line,
    Moment,
    PersonId,
    Record,
    Rejected,
    Sheet,
    archive,
    date,
    datetime,
    moment,
    sheet,
)

AGAIN = Excluded("the same line again")
DAY = re.compile(r"(?<!\d)(?:(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)|(?P<d2>\d\d)_(?P<m2>\d\d)_(?P<y2>\d{4}))(?!\d)")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


class Completion(Record):
    """One course finished by somebody whom the report does not name."""

    course: Id
    title: Label | None
    completed_at: Moment
    organisation_id: Id | None
    organisation: Label | None
    mandatory: bool


class PersonalCompletion(Record):
    """One course finished by one person."""

    person: PersonId["email"]
    course: Id
    title: Label | None
    completed_at: Moment
    mandatory: bool


class Learner(Record):
    """One account of the service on the day of a report, without its name and address."""

    day: Day
    active: bool
    organisation: Label | None


class ModuleState(Record):
    """How far one person is with one module of a course."""

    person: PersonId["email"]
    course: Id
    module: Id
    status: Label
    happened_at: Moment


Row = Record | Rejected | Excluded


@contextmanager
def table(file: Given) -> Iterator[Sheet | None]:
    """The table of a report. None where a whole ZIP holds an empty file: the service writes no header over no rows.

    Raises Fatal naming the file where it is no report.
    """
    with file.open() as raw:
        if not file.name.lower().endswith(".zip"):
            yield sheet(raw, file.name)
            return
        with archive(raw, file.name) as packed:
            members = [member for member in packed.members if member.lower().endswith(".csv")]
            if len(members) != 1:
                raise Fatal(f"{file.name} holds {len(members)} CSV files where a report holds one: download it again")
            with packed.open(members[0]) as member:
                empty = not member.read(1)
                member.seek(0)
                yield None if empty else sheet(member, file.name)


def day_of(name: str) -> date:
    """The day in a file's name, as the service writes it (31_03_2026) or as 2026-03-31. Raises Fatal where there is none."""
    try:
        [parts] = [match.groupdict() for match in DAY.finditer(name)]
        year, month, day = (int(parts[part] or parts[f"{part}2"]) for part in "ymd")
        return date(year, month, day)
    except ValueError:
        raise Fatal(f"{name}: name it by its day, as in registered_learners_7_31_03_2026.zip") from None


class Reader:
    """Reads tables. `zone` is that of their times; `mandatory` are parts of ids and titles of courses that must be taken."""

    def __init__(self, zone: ZoneInfo, mandatory: Sequence[str]) -> None:
        self._zone = zone
        self._mandatory = [part.casefold() for part in mandatory if part]

    def completions(self, sheet: Sheet) -> list[Row]:
        """The standard course completion report. Lines that are the same are different people."""
        course, title, when = sheet.need("courseId"), sheet.need("courseTitle"), sheet.need("eventTimestamp")
        organisation_id, organisation = sheet.need("organisationId"), sheet.need("organisationName")

        def read(line: Line) -> Row:
            cells, at = line.cells, self._time(line.cells[when])
            if not cells[course]:
                return Rejected("missing at courseId", line.place)
            if at is None:
                return Rejected("not a time at eventTimestamp", line.place)
            return Completion(
                course=cells[course], title=cells[title] or None, completed_at=at,
                organisation_id=cells[organisation_id] or None, organisation=cells[organisation] or None,
                mandatory=self._must(cells[course], cells[title]),
            )  # fmt: skip

        return _each(sheet, read)

    def detailed(self, sheet: Sheet) -> list[Row]:
        """The detailed course completion report. A line that comes twice is one completion."""
        person, course = sheet.need("userEmail"), sheet.need("courseId")
        title, when = sheet.need("courseTitle"), sheet.need("eventTimestamp")

        def read(line: Line) -> Row:
            cells, at = line.cells, self._time(line.cells[when])
            if not EMAIL.fullmatch(cells[person]):
                return Rejected("no e-mail address at userEmail", line.place)
            if not cells[course]:
                return Rejected("missing at courseId", line.place)
            if at is None:
                return Rejected("not a time at eventTimestamp", line.place)
            return PersonalCompletion.of(
                {"person": cells[person], "course": cells[course], "title": cells[title] or None, "completed_at": at,
                 "mandatory": self._must(cells[course], cells[title])},
                location=line.place,
            )  # fmt: skip

        return _once(_each(sheet, read))

    def learners(self, sheet: Sheet, day: date) -> list[Row]:
        """A registered learner report, standard or detailed. Lines that are the same are different people."""
        active, organisation = sheet.need("active"), sheet.need("organisationName")

        def read(line: Line) -> Row:
            state = line.cells[active].lower()
            if state not in ("true", "false"):
                return Rejected("neither true nor false at active", line.place)
            return Learner(day=day, active=state == "true", organisation=line.cells[organisation] or None)

        return _each(sheet, read)

    def modules(self, sheet: Sheet) -> list[Row]:
        """A module report. The service leaves out a column that no line fills."""
        if not sheet.column("email"):
            raise Fatal(f"{sheet.name} has no column 'email': have it made by a reporter of the organisation, not of a profession")
        person, course, module = sheet.need("email"), sheet.need("courseId"), sheet.need("moduleId")
        status, updated, completed = sheet.need("status"), sheet.column("updatedAt"), sheet.column("completedAt")

        def read(line: Line) -> Row:
            cells, state = line.cells, line.cells[status].lower()
            column = completed if state == "completed" else updated
            at = self._time(cells[column]) if column else None
            if not EMAIL.fullmatch(cells[person]):
                return Rejected("no e-mail address at email", line.place)
            for name in (course, module, status):
                if not cells[name]:
                    return Rejected(f"missing at {name}", line.place)
            if at is None:
                return Rejected(f"not a time at {'completedAt' if state == 'completed' else 'updatedAt'}", line.place)
            found = {"person": cells[person], "course": cells[course], "module": cells[module], "status": state, "happened_at": at}
            return ModuleState.of(found, location=line.place)

        return _once(_each(sheet, read))

    def _must(self, *names: str) -> bool:
        return any(part in name.casefold() for part in self._mandatory for name in names)

    def _time(self, cell: str) -> datetime | None:
        """A day without a clock is no time: midnight would be an invention."""
        return moment(cell, self._zone) if CLOCK.match(cell) else None


def _each(sheet: Sheet, read: Callable[[Line], Row]) -> list[Row]:
    return [line if isinstance(line, Rejected) else read(line) for line in sheet.rows()]


def _once(rows: list[Row]) -> list[Row]:
    """The rows with every record but the first of its like excluded."""
    seen: set[Record] = set()
    kept: list[Row] = []
    for row in rows:
        again = isinstance(row, Record) and row in seen
        kept.append(AGAIN if again else row)
        if isinstance(row, Record):
            seen.add(row)
    return kept
