"""Yammer / Viva Engage activity reports of Microsoft 365: how much each person read and liked on each day.

Belongs here: one day's report, when it is ready, and what its rows mean. Does not: signing in to Graph, or redirects.
Source: learn.microsoft.com/graph/api/reportroot-getyammeractivityuserdetail.
"""

from __future__ import annotations

from functools import cached_property

from pipeline.connector import (
    Connector,
    Day,
    Deferred,
    Fatal,
    Graph,
    Http,
    Iterator,
    Line,
    MicrosoftSettings,
    Page,
    PersonId,
    Record,
    Rejected,
    Retry,
    concealed,
    date,
    stream,
    timedelta,
)

REPORT = "getYammerActivityUserDetail"
REFRESHED, PERSON, END = "Report Refresh Date", "User Principal Name", "Report Period"  # END is the last one
COUNTS = {"posted": "Posted Count", "read": "Read Count", "liked": "Liked Count"}
COLUMNS = (REFRESHED, PERSON, *COUNTS.values(), END)
KEPT = timedelta(days=28)  # before the newest day that is ready; the vendor keeps the last 30
ABSENT = (400, 404, 410)
CONCEALED = (
    f"{REPORT} conceals names, so that nobody is found in the directory: an administrator has to untick 'Display concealed "
    "user, group and site names in all reports' (Microsoft 365 admin centre, Org settings, Reports; in Graph "
    "admin/reportSettings, displayConcealedNames = false), then pull again"
)


class Activity(Record):
    """What one person did on one day of the vendor's, in numbers."""

    day: Day
    refreshed_on: Day
    person: PersonId["email"]
    posted: int
    read: int
    liked: int


class YammerReports(MicrosoftSettings, Connector):
    """One report a day of every person who did something on the network."""

    name, channel = "yammer_reports", "network"

    @stream(Activity, kind="unit", unit="day", day="day", lookback=timedelta(days=5))
    def activity(self, asked: date) -> Iterator[Page]:
        """Who read, liked and posted how often on one day, without saying what."""
        try:
            report = self._report(f"(date={asked})", f"{REPORT} of {asked}")
        except Http.Refused as refused:
            if refused.status not in ABSENT:
                raise
            self._ready(asked)
            if asked < self._newest - KEPT:
                return  # the vendor has it no longer: a day that was not seen, which is not a day without activity
            raise
        if not report:
            self._ready(asked)
        # A row that comes twice is one row.
        yield Page(list(dict.fromkeys(_activity(line, asked) for line in report)))

    def _ready(self, asked: date) -> None:
        """Raise Deferred where the reports do not reach this day yet: an empty one is then not a quiet day."""
        if self._newest < asked:
            raise _not_ready(asked, self._newest)

    @cached_property
    def _newest(self) -> date:
        """The newest day that reports are ready for, as the report of the last week says."""
        name = f"{REPORT} of the last week"
        days = (_day(line.cells[REFRESHED]) for line in self._report("(period='D7')", name) if isinstance(line, Line))
        if found := next(filter(None, days), None):
            return found
        raise Deferred(f"{name} names nobody: whether its days are ready cannot be told")

    def _report(self, which: str, name: str) -> list[Line | Rejected]:
        """The rows of a report, cells by our columns; asked for twice where it is no whole table.

        Nothing in it says where it ends: a row that is broken off at the end means that more was to come.
        """
        for last in (False, True):
            try:
                report = self._graph.report(f"reports/{REPORT}{which}", name)
                columns = {column: report.need(column) for column in COLUMNS}
                lines = [line if isinstance(line, Rejected) else _ours(line, columns) for line in report.rows()]
            except Fatal as fault:
                if last or isinstance(fault, Http.Refused):
                    raise
                continue
            if not lines or not _broken_off(lines):
                return lines
        raise Retry(f"{name} is broken off in the middle of a row")

    @cached_property
    def _graph(self) -> Graph:
        return self.graph()


def _broken_off(lines: list[Line | Rejected]) -> bool:
    ends = [isinstance(line, Line) and bool(line.cells[END]) for line in lines]
    return isinstance(lines[-1], Rejected) or (any(ends) and not ends[-1])


def _ours(line: Line, columns: dict[str, str]) -> Line:
    return Line({column: line.cells[known] for column, known in columns.items()}, line.place)


def _activity(line: Line | Rejected, asked: date) -> Activity | Rejected:
    """The row of one person. Raises Fatal where names are concealed, Deferred where the report is older than the day."""
    if isinstance(line, Rejected):
        return line
    if concealed(line.cells[PERSON]):
        raise Fatal(CONCEALED)
    if not line.cells[PERSON]:
        return Rejected("missing at person", line.place)
    refreshed = _day(line.cells[REFRESHED])
    if refreshed is None:
        return Rejected("not a day at refreshed_on", line.place)
    if refreshed < asked:
        raise _not_ready(asked, refreshed)
    numbers = {field: line.cells[column] for field, column in COUNTS.items()}
    if bad := next((field for field, cell in numbers.items() if not cell.isdecimal()), None):
        return Rejected(f"no number at {bad}", line.place)
    return Activity.of({"day": asked, "refreshed_on": refreshed, "person": line.cells[PERSON], **numbers}, location=line.place)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _not_ready(asked: date, newest: date) -> Deferred:
    return Deferred(f"{REPORT} reaches to {newest}: {asked} is not ready, which is usual for two days")
