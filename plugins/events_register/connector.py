"""The register of events and campaigns: what happened when, to stand beside every curve.

Belongs here: reading the register whole, each night. Does not: any claim that an event moved a figure.
"""

from __future__ import annotations

from typing import Any, Literal

from pipeline.connector import (
    ColumnMap,
    Connector,
    Day,
    Fatal,
    Field,
    Glob,
    Iterator,
    Label,
    Page,
    Record,
    Rejected,
    Sheet,
    date,
    given,
    moment,
    sheet,
    stream,
    zone_of,
)

REQUIRED = ("day", "label")
FIELDS = (*REQUIRED, "until", "kind", "channel")
BRITISH = "%d/%m/%Y"


class Event(Record):
    """One event or campaign. Its label is public text: it stands on the page."""

    day: Day
    label: Label = Field(min_length=1)
    until: Day | None = None
    kind: Literal["campaign", "broadcast", "training", "outage", "other"] = "other"
    channel: Label | None = None


class EventsRegister(Connector):
    """Reads one CSV file that the communications team keeps: the whole register each time."""

    name, channel = "events_register", "roster"

    file: Glob = Field(min_length=1, description='the register, e.g. "registers/events.csv"; a pattern must name one file')
    mapping: Glob = Field(default="", description="mapping file, where columns or words are not those of the register's header")

    @stream(Event, kind="snapshot", key=("day", "label"), day="day")
    def events(self, since: date | None) -> Iterator[Page]:
        """Every event in the register."""
        files = list(given(self.file, "file"))
        if len(files) > 1:
            raise Fatal(f"file: {files[0].name} and {files[1].name} both fit the pattern: a register is one file, name it")
        mapped = ColumnMap.load(self.mapping, fields=FIELDS, required=REQUIRED) if self.mapping else None
        with files[0].open() as content:
            table = mapped.sheet(content, files[0].name) if mapped else sheet(content, files[0].name)
            read = mapped or _as_headed(table)
            yield Page([_event(row, read.times) for row in read.rows(table)])


def _event(row: tuple[dict[str, Any], str] | Rejected, times: list[str]) -> Event | Rejected:
    if isinstance(row, Rejected):
        return row
    cells, place = row
    day, until = _day(cells.get("day"), times), _day(cells.get("until"), times)
    if day is None or (cells.get("until") and until is None):
        return Rejected(f"not a day at {'until' if day else 'day'}", place)
    if until and until < day:
        return Rejected("ends before it begins", place)
    kind = (cells.get("kind") or "other").casefold()
    found = {"day": day, "until": until, "kind": kind, "label": cells.get("label") or "", "channel": cells.get("channel")}
    return Event.of(found, location=place)


def _as_headed(table: Sheet) -> ColumnMap:
    """The mapping of a register whose columns are called like our fields."""
    there = {field: table.need(field) if field in REQUIRED else table.column(field) for field in FIELDS}
    return ColumnMap(columns={field: column for field, column in there.items() if column}, times=[BRITISH])


def _day(text: str | None, times: list[str]) -> date | None:
    found = moment(text, zone_of("UTC"), times)  # a day has no zone: it must come out as it is written
    return found.date() if found else None
