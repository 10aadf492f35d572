"""The register of events and campaigns: what happened when, to stand beside every curve.

Belongs here: reading the register whole, each night. Does not: any claim that an event moved a figure.
"""

from __future__ import annotations

from typing import Any, Literal

from pipeline.connector import (
    ColumnMap,
    Connector,
    Day,
    Field,
    Glob,
    Iterator,
    Label,
    Page,
    Record,
    Rejected,
    date,
    day_in,
    given_one,
    sheet,
    stream,
)

REQUIRED = ("day", "label")
OPTIONAL = ("until", "kind", "channel")
FIELDS = (*REQUIRED, *OPTIONAL)
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
        file = given_one(self.file)
        mapped = ColumnMap.load(self.mapping, fields=FIELDS, required=REQUIRED) if self.mapping else None
        with file.open() as content:
            table = mapped.sheet(content, file.name) if mapped else sheet(content, file.name)
            read = mapped or ColumnMap.headed(table, required=REQUIRED, optional=OPTIONAL, times=[BRITISH])
            yield Page([_event(row, read.times) for row in read.rows(table)])


def _event(row: tuple[dict[str, Any], str] | Rejected, times: list[str]) -> Event | Rejected:
    if isinstance(row, Rejected):
        return row
    cells, place = row
    day, until = day_in(cells.get("day"), times), day_in(cells.get("until"), times)
    if day is None or (cells.get("until") and until is None):
        return Rejected(f"not a day at {'until' if day else 'day'}", place)
    if until and until < day:
        return Rejected("ends before it begins", place)
    kind = (cells.get("kind") or "other").casefold()
    found = {"day": day, "until": until, "kind": kind, "label": cells.get("label") or "", "channel": cells.get("channel")}
    return Event.of(found, location=place)
