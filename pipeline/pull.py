"""Pull one connector within a budget of time: what happened is said, what was read is landed, the rest resumes.

Runs as a process of its own (`python -m pipeline.pull NAME`) without Dagster, so that a source that hangs, leaks or
exits takes nobody with it. Says one JSON line an event on standard output; logs go to standard error.

Belongs here: budgets, resumption, the fate of an error. Does not: batches (landing/), or scheduling (definitions.py).
"""

from __future__ import annotations

import argparse
import errno
import json
import logging
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pipeline import discovery, settings
from pipeline.connector import Bulk, Connector, Cursor, Landed, Page, Stream, Unit
from pipeline.discovery import Instance
from pipeline.http import source_deadline, the_clock
from pipeline.landing.columns import Columns
from pipeline.landing.manifest import Account
from pipeline.landing.names import known_names
from pipeline.landing.store import Attempt, Store, StreamStore
from pipeline.landing.writer import Held, Unreadable, Writer
from pipeline.privacy import Pseudonyms, Scrubber, load_key
from pipeline.problems import ConfigError, Deferred, Fatal, LandingError, Retry, SourceError

BATCH_RECORDS = 20_000
BATCH_SECONDS = 120.0
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

FATES = {
    Fatal: ("failed", "act on the message, then run `tidemark pull {name}`"),
    Held: ("held", "look at the source; if it is right, run `tidemark pull {name} --accept`"),
    Deferred: ("deferred", "nothing: the next night resumes"),
    Retry: ("failed", "nothing at once: the next night resumes; look at the source if it repeats"),
    LandingError: ("failed", "act on the message, then run `tidemark pull {name}`"),
    ConfigError: ("failed", "mend the configuration, then run `tidemark check {name}`"),
}


@dataclass
class Outcome:
    """How the pull of one stream ended. `state`: complete, deferred, held or failed."""

    stream: str
    state: str
    account: Account = field(default_factory=Account)
    reason: str = ""
    action: str = ""
    batches: int = 0

    @property
    def complete(self) -> bool:
        """The stream was read to its end."""
        return self.state == "complete"


@dataclass(frozen=True)
class Budget:
    """How much one pull may use. `clock` is monotonic seconds; `limit` stops after so many records (a look, not a pull)."""

    seconds: float = 2700.0
    records: int = BATCH_RECORDS
    limit: int | None = None
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Night:
    """What every stream of a night shares."""

    store: Store
    pseudonyms: Pseudonyms
    as_of: date
    zone: ZoneInfo
    retention_days: int = 30
    accept: bool = False


def pull(
    connector: Connector, name: str, streams: Iterable[Stream], night: Night, *, names: frozenset[bytes],
    days: tuple[date, date] | None = None, budget: Budget | None = None, say: Callable[[str, Account], None] | None = None,
) -> Iterator[Outcome]:  # fmt: skip
    """Pull each stream; yields one outcome a stream, whatever happens. `names` are digests of people's names.

    `days` (first, last) are the days that a unit="day" stream is asked for, or the window of a backfill.
    """
    budget = budget or Budget()
    until = budget.clock() + budget.seconds
    told_by_http = budget.clock in (time.monotonic, getattr(the_clock.get(), "monotonic", None))
    before = source_deadline.set(until if told_by_http else None)
    try:
        scrubber = Scrubber(night.pseudonyms, names)
        for stream in streams:
            store = night.store.stream(name, stream.name)
            outcome = Outcome(stream.name, "complete")
            try:
                with store.lock():
                    writer = Writer(
                        store, Columns(stream, night.pseudonyms, scrubber), connector_version=connector.version,
                        as_of=night.as_of, zone=night.zone, accept=night.accept,
                        keep_prose=bool(names) and night.retention_days > 0,
                    )  # fmt: skip
                    try:
                        _drive(connector, stream, writer, days, budget, until, partial(_tell, say, stream.name, writer))
                    finally:
                        outcome.account = writer.total
            except Exception as error:
                outcome.state, outcome.reason, outcome.action = fate(error, name)
                logging.getLogger(__name__).debug("pull of %s/%s", name, stream.name, exc_info=True)
            outcome.batches = store.count()
            store.record_attempt(Attempt(as_of=night.as_of, state=outcome.state, reason=outcome.reason, action=outcome.action))
            yield outcome
    finally:
        source_deadline.reset(before)


def _tell(say: Callable[[str, Account], object] | None, stream: str, writer: Writer) -> None:
    if say:
        say(stream, writer.total)


def fate(error: Exception, name: str) -> tuple[str, str, str]:
    """State, reason and action for an error. An unforeseen one is named by kind and place: its text may hold data."""
    for kind, (state, action) in FATES.items():
        if isinstance(error, kind):
            return state, str(error), action.format(name=name)
    if isinstance(error, SourceError):
        return "failed", str(error), "act on the message"
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return "failed", "the disk is full: what had landed before is whole", f"free space, then run `tidemark pull {name}`"
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rsplit('/', 2)[-2]}/{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
    return "failed", f"unforeseen {type(error).__name__} at {place}", f"mend the plug-in; `tidemark check {name}` shows it again"


def _drive(
    connector: Connector, stream: Stream, writer: Writer, days: tuple[date, date] | None, budget: Budget, until: float,
    say: Callable[[], object],
) -> None:  # fmt: skip
    method = getattr(connector, stream.name)
    if stream.kind == "keyed":
        _keyed(method, stream, writer, days, budget, until, say)
    elif stream.unit == "day":
        for day in _asked_days(writer, stream, days):
            _in_time(budget, until)
            for page in method(day):
                writer.add(Page(page.records, unit=Unit(day.isoformat(), "")))
            writer.commit_whole()
            say()
        writer.finish(None)
    else:
        since = max((m.snapshot for m in writer.store.live() if m.snapshot), default=None)
        for page in method(since if stream.kind == "snapshot" else landed_units(writer.store)):
            if isinstance(page, Bulk):
                writer.add_bulk(page)
            else:
                writer.add(page)
            say()
            _in_time(budget, until)
        writer.finish(None)


def _keyed(
    method: Callable[..., Iterator[Page]], stream: Stream, writer: Writer, days: tuple[date, date] | None,
    budget: Budget, until: float, say: Callable[[], object],
) -> None:  # fmt: skip
    """Pages of a keyed stream; the position moves only with a batch, and never in a backfill of a window."""
    before = writer.store.cursor()
    windowed = days is not None and stream.windowed
    arguments = _window(days, writer.zone) if windowed and days else (_since(stream, before),)
    cursor, at = before, budget.clock()
    try:
        for page in method(*arguments):
            writer.add(page)
            if not windowed:
                cursor = _advance(stream, cursor, page)
            safe = page.cursor is not None or not stream.opaque
            if safe and (writer.buffer.read >= budget.records or budget.clock() - at >= BATCH_SECONDS):
                writer.commit(cursor, complete=False)
                at = budget.clock()
                say()
            if budget.limit and writer.total.read + writer.buffer.read >= budget.limit:
                raise Deferred(f"stopped after {budget.limit} records, as asked")
            if safe and budget.clock() > until:
                raise Deferred("the night's budget of time is used up")
    except (Unreadable, LandingError):
        raise
    except Exception:
        # What was read up to the last safe point lands, also when the source fails half way.
        if writer.buffer.read:
            writer.commit(cursor, complete=False)
        raise
    finally:
        say()
    writer.finish(cursor)


def _since(stream: Stream, cursor: Cursor) -> Cursor | datetime:
    """What the method is given: the opaque cursor as it is, a time less the look-back, or None on the first fill."""
    if stream.opaque or cursor is None or not isinstance(cursor, str):
        return cursor
    if stream.cursor and stream.record.model_fields[stream.cursor].annotation is datetime:
        return datetime.fromisoformat(cursor) - stream.lookback
    return cursor


def _advance(stream: Stream, cursor: Cursor, page: Page) -> Cursor:
    """The safe point after a page: the connector's own, or the greatest value of the cursor field so far."""
    if stream.opaque or stream.cursor is None:
        return page.cursor if page.cursor is not None else cursor
    values = [getattr(r, stream.cursor) for r in page.records if isinstance(r, stream.record)]
    known: list[Any] = [v.astimezone(UTC).isoformat() if isinstance(v, datetime) else v for v in values if v is not None]
    greatest: Cursor = max([*known, cursor] if cursor is not None else known, default=None)
    return greatest


def _window(days: tuple[date, date], zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, last = days
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    end = datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)
    return start.astimezone(UTC), end.astimezone(UTC)


def _in_time(budget: Budget, until: float) -> None:
    if budget.clock() > until:
        raise Deferred("the night's budget of time is used up")


def landed_units(store: StreamStore) -> Landed:
    """The units that landing holds, as a unit stream is told of them."""
    return Landed({m.unit.fingerprint: (m.unit.name, m.unit.size) for m in store.live() if m.unit})


def missing_days(store: StreamStore, stream: Stream, as_of: date) -> tuple[date, date]:
    """The range a night asks a unit="day" stream for: from its oldest missing day, or its look-back, to `as_of`."""
    landed = {m.unit.name for m in store.live() if m.unit}
    oldest = date.fromisoformat(min(landed)) if landed else as_of
    missing = next((d for d in _range(oldest, as_of) if d.isoformat() not in landed), as_of)
    return min(missing, _settled(store, stream, as_of)), as_of


def _settled(store: StreamStore, stream: Stream, as_of: date) -> date:
    """The first day that may have changed since it was read: the look-back counts from the night after the last whole one."""
    last = max((m.as_of for m in store.manifests if m.complete), default=as_of)
    return min(last + timedelta(days=1), as_of) - stream.lookback


def _range(first: date, last: date) -> list[date]:
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]


def _asked_days(writer: Writer, stream: Stream, days: tuple[date, date] | None) -> list[date]:
    """The days to ask for: all of a window that was named, of a night only those that are missing or may change."""
    if days:
        return _range(*days)
    landed = {m.unit.name for m in writer.store.live() if m.unit}
    newest = _settled(writer.store, stream, writer.as_of)
    return [d for d in _range(*missing_days(writer.store, stream, writer.as_of)) if d >= newest or d.isoformat() not in landed]


# ------------------------------------------------------------------------------------------------------- the process
def main(argv: list[str] | None = None) -> int:
    """Pull one connector and say what happened as JSON lines; 0 when every stream is complete, else 3."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.pull", description=__doc__)
    parser.add_argument("connector")
    parser.add_argument("--streams", default="")
    parser.add_argument("--as-of", type=date.fromisoformat)
    parser.add_argument("--from", dest="first", type=date.fromisoformat)
    parser.add_argument("--to", dest="last", type=date.fromisoformat)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--accept", action="store_true")
    given = parser.parse_args(argv)
    config = settings.load()
    cap = config.source_memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (cap, cap))
    found = discovery.find(config)
    instance = found.instance(given.connector)
    wanted = [s for s in instance.streams if not given.streams or s.name in given.streams.split(",")]
    ended: dict[str, Outcome] = {}
    try:
        for outcome in _outcomes(instance, wanted, found, config, given):
            ended[outcome.stream] = outcome
            _report(outcome)
    except Exception as error:
        state, reason, action = fate(error, instance.name)
        as_of = given.as_of or config.as_of()
        for stream in wanted:
            if stream.name not in ended:
                ended[stream.name] = Outcome(stream.name, state, reason=reason, action=action)
                attempt = Attempt(as_of=as_of, state=state, reason=reason, action=action)
                Store(config.home).stream(instance.name, stream.name).record_attempt(attempt)
                _report(ended[stream.name])
    return 0 if all(outcome.complete for outcome in ended.values()) else 3


def _report(outcome: Outcome) -> None:
    _say(
        "outcome", stream=outcome.stream, state=outcome.state, reason=outcome.reason, action=outcome.action,
        account=outcome.account.model_dump(), batches=outcome.batches,
    )  # fmt: skip


def _outcomes(
    instance: Instance, wanted: list[Stream], found: discovery.Found, config: settings.Settings, given: argparse.Namespace
) -> Iterator[Outcome]:
    connector = settings.configure(instance.name, instance.plugin.connector, config)
    pseudonyms = Pseudonyms(load_key(os.environ, config.key_file))
    store = Store(config.home)
    store.hold_to_key(pseudonyms.digest(b"which key").hex())
    night = Night(store, pseudonyms, given.as_of or config.as_of(), ZoneInfo(config.zone), config.retention_days, given.accept)
    yield from pull(
        connector, instance.name, wanted, night, names=known_names(store, found.instances.values()),
        days=(given.first, given.last or night.as_of) if given.first else None,
        budget=Budget(seconds=given.seconds or config.source_minutes * 60, limit=given.limit),
        say=lambda stream, account: _say("progress", stream=stream, account=account.model_dump()),
    )  # fmt: skip


def _say(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
