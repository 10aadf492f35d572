"""Which days of which source were seen, from the manifests alone: the only origin of `no_data`.

Belongs here: what a complete pull, a landed day or a file with rows proves. Does not: what a metric makes of it.

A cursor or a snapshot that was read to its end on a night proves every day up to that night's. A stream of which every
day brings records (`daily`) proves only the days that it holds; so does one that is asked for day by day. One that comes
in exports (`exported`) proves every day up to its newest record: without a new export nobody knows what came after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from pipeline.connector import Stream
from pipeline.discovery import Instance
from pipeline.landing.store import Store, StreamStore


@dataclass(frozen=True)
class Seen:
    """What is known of one stream: its first day, the newest day that is proved, and days in between that are not."""

    first: date | None
    fresh_to: date | None
    gaps: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Source:
    """A connector as a reader should see it. `state`: fresh, behind or never."""

    name: str
    channel: str
    first: date | None
    fresh_to: date | None
    state: str
    reason: str
    action: str
    gaps: frozenset[date]

    def days(self, as_of: date) -> Iterator[tuple[date, bool, str]]:
        """Every expected day up to `as_of`, whether it was seen, and the state in a word."""
        if self.first is None:
            return
        for number in range(self.first.toordinal(), as_of.toordinal() + 1):
            day = date.fromordinal(number)
            behind = self.fresh_to is None or day > self.fresh_to
            yield day, not behind and day not in self.gaps, "behind" if behind else "gap" if day in self.gaps else "seen"


def seen(store: StreamStore, stream: Stream) -> Seen:
    """What the live batches of one stream prove."""
    live = store.live()
    landed = {day for m in live for day in m.days}
    if stream.unit == "day":
        landed = {date.fromisoformat(m.unit.name) for m in live if m.unit}
    elif live and stream.kind == "snapshot":
        landed = {m.snapshot for m in live if m.snapshot}
    first = min(landed, default=None)
    if stream.daily or stream.unit == "day":
        newest = max(landed, default=None)
        between = range(first.toordinal(), newest.toordinal()) if first and newest else range(0)
        return Seen(first, newest, frozenset(d for d in map(date.fromordinal, between) if d not in landed))
    read_on = max((m.as_of for m in store.manifests if m.complete), default=None)
    if stream.exported:
        newest = max(landed, default=None)
        return Seen(first, min(newest, read_on) if newest and read_on else None)  # a record's clock may be ahead
    return Seen(first, read_on)


def sources(store: Store, instances: Iterable[Instance], as_of: date, broken: Iterable[str] = ()) -> list[Source]:
    """Every configured connector: as fresh as its least fresh stream, with the reason in words where it is behind.

    `broken` are the names of those that do not load: nothing of them can be read, and the reader is told.
    """
    found = [_source(store, instance, as_of) for instance in instances]
    found += [
        Source(name, "", None, None, "behind", "its plug-in does not load", "run `tidemark connectors`", frozenset())
        for name in broken
    ]
    return sorted(found, key=lambda source: source.name)


def _source(store: Store, instance: Instance, as_of: date) -> Source:
    stores = {stream.name: store.stream(instance.name, stream.name) for stream in instance.streams}
    parts = {stream.name: seen(stores[stream.name], stream) for stream in instance.streams}
    # A feed of the connector that is not in use has read nothing, completely: it does not hold the others back.
    used = {n: p for n, p in parts.items() if p.first is not None} or parts
    first = min((p.first for p in used.values() if p.first), default=None)
    ends = [p.fresh_to for p in used.values()]
    fresh_to = min((e for e in ends if e), default=None) if all(ends) else None
    attempts = {name: stores[name].attempt() for name in parts}
    failed = [(n, a) for n, a in attempts.items() if a and a.state != "complete"]
    state = "never" if fresh_to is None else "fresh" if fresh_to >= as_of and not failed else "behind"
    reason = "; ".join(f"{n}: {a.reason}" for n, a in failed if a)
    if state != "fresh" and not reason:
        pulled = any(attempts.values())
        reason = f"holds nothing after {fresh_to}" if fresh_to else "brought no records" if pulled else "not pulled yet"
    action = next((a.action for _, a in failed if a), "")
    if state != "fresh" and not action:
        action = "see whether the source still delivers"
    gaps = frozenset(day for p in used.values() for day in p.gaps)
    return Source(instance.name, instance.channel, first, fresh_to, state, reason, action, gaps)
