"""The register of events and campaigns: what happened when, to stand beside every curve.

Belongs here: reading the register whole, each night. Does not: any claim that an event moved a figure.
"""

from __future__ import annotations

from typing import Literal

from pipeline.connector import (
    Connector,
    Day,
    Entry,
    Field,
    Glob,
    Iterator,
    Label,
    Page,
    Record,
    Rejected,
    date,
    given_one,
    register,
    stream,
)

REQUIRED = ("day", "label")
OPTIONAL = ("until", "kind", "channel")


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
        files = [given_one(self.file)]
        yield Page(register(files, self.mapping, _event, required=REQUIRED, optional=OPTIONAL, days=("day", "until")))


def _event(row: Entry) -> Event | Rejected:
    days = row.days()
    if isinstance(days, Rejected):
        return days
    found = {name: row.cells.get(name) for name in ("label", "channel")}
    kind = row.word("kind") or "other"
    return Event.of({**found, "label": found["label"] or "", "day": days[0], "until": days[1], "kind": kind}, location=row.place)
