"""What staff do on SharePoint, day by day, from the usage report of Microsoft 365.

Belongs here: settings, the record, and which days can be had. Does not: how a report is read (report.py).
"""

from functools import cached_property

from pipeline.connector import (
    Connector,
    Excluded,
    Fatal,
    Field,
    Graph,
    Http,
    Iterator,
    MicrosoftSettings,
    Moment,
    Page,
    PersonId,
    Record,
    Rejected,
    date,
    stream,
    timedelta,
    zone_of,
)

from .report import Report, noon, read

KEPT = timedelta(days=28)  # Graph gives single days of the last thirty; two are left for its lag and ours
WEEK = "reports/getSharePointActivityUserDetail(period='D7')"


class PersonDay(Record):
    """One person on one day. `at` is that day's noon: the report knows no time of day."""

    person: PersonId["email"]
    day: date
    at: Moment
    refreshed: date
    visited_pages: int
    viewed_or_edited_files: int
    synced_files: int | None = None
    shared_internally: int | None = None
    shared_externally: int | None = None
    deleted: bool | None = None


class SharePoint(MicrosoftSettings, Connector):
    """The report SharePoint activity, per user and day, of one tenant."""

    name, channel = "sharepoint", "intranet"

    zone: str = Field(default="Europe/London", description="time zone of the noon that stands for a day")

    @stream(PersonDay, kind="unit", unit="day", lookback=timedelta(days=3), day="day")
    def activity(self, day: date) -> Iterator[Page]:
        """Pages visited, and files viewed, edited, synced and shared, by each person on a day that Graph has ready."""
        zone = zone_of(self.zone)
        report = self._report(day)
        if report is None or (report.rows and report.refreshed and report.refreshed < day):
            return  # the report was made before the day was counted: not ready is not zero
        found: list[Record | Rejected | Excluded] = []
        for row in report.rows:
            if isinstance(row, tuple):
                found.append(PersonDay.of({**row[0], "day": day, "at": noon(day, zone)}, location=row[1]))
            else:
                found.append(row)
        if found and all(isinstance(one, Rejected) for one in found):
            raise Fatal(f"no row of the report of {day} can be read: Graph has changed its format")
        if found or day <= self._refreshed:
            yield Page(found)

    def _report(self, day: date) -> Report | None:
        """The report of a day; None where Graph does not have it yet, or no more."""
        refused: Fatal | None = None
        try:
            return read(self._graph, f"reports/getSharePointActivityUserDetail(date={day})", f"report of {day}")
        except Http.Refused as fault:
            if fault.status != 400:
                raise
            refused = fault
        if self._refreshed - KEPT <= day <= self._refreshed:
            raise refused
        return None

    @cached_property
    def _refreshed(self) -> date:
        """Up to which day Graph has counted. Raises Fatal where it says nothing at all."""
        found = read(self._graph, WEEK, "report of a week").refreshed
        if found is None:
            raise Fatal("Graph's report names nobody for a whole week: see whether the tenant has SharePoint and its reports")
        return found

    @cached_property
    def _graph(self) -> Graph:
        return self.graph()
