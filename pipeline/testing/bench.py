"""Where the kit pulls: real pulls of the real engine over one sample, with a clock that nobody waits for.

Belongs here: one landing, one server, one sample, and the rows that are current after a pull. Does not: what must hold
(rules_*.py).
"""

from __future__ import annotations

import atexit
import os
import shutil
import ssl
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import duckdb

from pipeline.connector import Connector, Stream
from pipeline.discovery import Plugin
from pipeline.http import Clock, the_clock
from pipeline.landing import tables
from pipeline.landing.store import Store
from pipeline.privacy import Pseudonyms
from pipeline.pull import Budget, Night, Outcome, pull
from pipeline.readings import read_new
from pipeline.testing.sample import Answer, Asked, Place, Sample
from pipeline.testing.server import Fault, Server, none, serving

KEY = bytes(range(32))
ZONE = ZoneInfo("Europe/London")
AS_OF = date(2026, 6, 30)
WINDOW = (date(2026, 6, 19), AS_OF)  # what a stream of days is asked for at first
TOKEN = "first-token-that-nobody-may-see"  # noqa: S105 - of a server of the kit
RENEWED = "second-token-that-nobody-may-see"

PLACES = {"_batch", "_position", "_unit", "_snapshot", "_row", "valid_from", "valid_to"}  # where and when, not what

Rows = dict[str, list[tuple[Any, ...]]]


class StillClock(Clock):
    """Time passes only by sleeping, and sleeping takes none; `slept` is how long in all."""

    def __init__(self) -> None:
        self.slept = 0.0

    def now(self) -> datetime:
        """The night after the kit's day, and what was slept since."""
        return datetime(2026, 7, 1, 3, tzinfo=UTC) + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        """What was slept so far."""
        return self.slept

    def sleep(self, seconds: float) -> None:
        """Note it."""
        self.slept += seconds


@dataclass
class Pulled:
    """How one pull ended: an outcome a stream, the requests it made, what it slept."""

    outcomes: dict[str, Outcome]
    asked: list[Asked] = field(default_factory=list)
    slept: float = 0.0

    @property
    def complete(self) -> bool:
        """Every stream was read to its end."""
        return all(outcome.complete for outcome in self.outcomes.values())

    @property
    def landed(self) -> int:
        """Records that were new or changed."""
        return sum(outcome.account.landed for outcome in self.outcomes.values())

    @property
    def rejected(self) -> int:
        """Records that went to quarantine."""
        return sum(sum(outcome.account.quarantined.values()) for outcome in self.outcomes.values())

    def said(self) -> str:
        """The states and reasons, for the message of a rule."""
        return "; ".join(f"{o.stream}: {o.state} {o.reason}".strip() for o in self.outcomes.values())


class Bench:
    """One sample of a plug-in and one landing."""

    def __init__(self, plugin: Plugin, sample: Sample, folder: Path, server: Server, *, token: str = TOKEN) -> None:
        self.plugin, self.sample, self.server, self.token = plugin, sample, server, token
        self.home, self.files = folder / "home", folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self.store = Store(self.home)
        self.pseudonyms = Pseudonyms(KEY)
        self.streams: list[Stream] = [s for s in plugin.connector.streams() if s.name in sample.streams]
        if self.sample.does("write"):
            self.sample.write(self.files)

    # ------------------------------------------------------------------------------------------------------ pulling
    def connector(self) -> Connector:
        """The connector with the sample's settings."""
        settings = self.sample.settings(Place(self.server.url, self.files, self.token))
        return self.plugin.connector.model_validate(settings, context={"folder": self.files})

    def pull(
        self, fault: Fault = none, *, as_of: date = AS_OF, days: tuple[date, date] | None = None,
        budget: Callable[[], Budget] | None = None, seconds: float = 2700.0, accept: bool = False,
    ) -> Pulled:  # fmt: skip
        """One pull of the sample's streams under a fault, each stream with a budget of its own."""
        clock = StillClock()
        self.server.forget()
        self.server.fault = fault
        before = the_clock.set(clock)
        names = frozenset(self.pseudonyms.of("name", word) for person in self.sample.people for word in person.split())
        night = Night(self.store, self.pseudonyms, as_of, ZONE, accept=accept)
        outcomes: dict[str, Outcome] = {}
        try:
            connector = self.connector()
            for stream in self.streams:
                own = budget() if budget else Budget(seconds, clock=clock.monotonic)
                window = days or (WINDOW if stream.unit == "day" and not self._has(stream) else None)
                with patch.object(os, "fsync", _no_power_cut):
                    for outcome in pull(
                        connector, self.plugin.name, [stream], night, names=names or frozenset({b"nobody" * 2}),
                        days=window, budget=own,
                    ):  # fmt: skip
                        outcomes[outcome.stream] = outcome
        finally:
            the_clock.reset(before)
            self.server.fault = none
        return Pulled(outcomes, list(self.server.asked), clock.slept)

    @staticmethod
    def night(later: int) -> date:
        """The kit's day, or so many days later."""
        return AS_OF + timedelta(days=later)

    def _has(self, stream: Stream) -> bool:
        return self.store.stream(self.plugin.name, stream.name).count() > 0

    def change(self, change: Callable[[Sample], object]) -> None:
        """Change the source; its files are written again."""
        change(self.sample)
        if self.sample.does("write"):
            self.sample.write(self.files)

    # --------------------------------------------------------------------------------------------------------- rows
    def rows(self) -> Rows:
        """The rows of each stream that hold now, sorted, without where they were landed."""
        found: Rows = {}
        with _memory() as con:
            for stream in self.streams:
                self._load(con, stream)
                table = f'landing."{self.plugin.name}_{stream.name}"'
                left_out = PLACES | ({"_key"} if stream.kind == "unit" else set())
                have = {row[0] for row in con.execute(f"describe {table}").fetchall()}
                columns = ", ".join(f'"{c}"' for c in sorted(have - left_out))
                now = "where valid_to = date '9999-12-31'" if stream.kind == "snapshot" else ""
                rows = con.execute(f"select {columns} from {table} {now} order by all").fetchall()
                found[stream.name] = [tuple(tuple(v) if isinstance(v, list) else v for v in row) for row in rows]
        return found

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Landing's tables in memory, with their readings, and the one row of staging.run."""
        with _memory() as con:
            for stream in self.plugin.connector.streams():
                self._load(con, stream)
                if stream.prose():
                    read_new(self.store, self.plugin.name, stream, AS_OF)
                    readings = Store(self.home).stream(self.plugin.name, tables.readings_of(stream.name))
                    tables.load_readings(con, readings, self.plugin.name, stream)
            yield con

    def _load(self, con: duckdb.DuckDBPyConnection, stream: Stream) -> None:
        tables.load_stream(con, Store(self.home).stream(self.plugin.name, stream.name), stream)

    # -------------------------------------------------------------------------------------------------------- truth
    def truth(self, *, as_of: date = AS_OF, days: tuple[date, date] | None = None) -> Rows:
        """What a clean first pull makes of the source as it is now. Raises AssertionError where even that fails."""
        with bench(self.plugin, self.sample) as fresh:
            first = fresh.pull(as_of=as_of, days=days)
            assert first.complete, f"a clean first pull does not end well: {first.said()}"
            return fresh.rows()


@contextmanager
def bench(
    plugin: Plugin, sample: Sample, *, token: str = TOKEN, context: ssl.SSLContext | None = None
) -> Iterator[Bench]:
    """A bench of its own for a copy of the sample, with an empty landing."""
    world = deepcopy(sample)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="kit-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made: list[Bench] = []

        def answer(asked: Asked) -> Answer:
            now = made[0]
            if not now.sample.admits(asked, now.token):
                return Answer({"error": {"code": "unauthorised", "message": "the token is not valid"}}, 401)
            return now.sample.answer(asked)

        server = stack.enter_context(serving(answer, context))
        made.append(Bench(plugin, world, folder, server, token=token))
        yield made[0]


def _no_power_cut(_: int) -> None:
    """In the kit a process may be killed, but the power stays on: waiting for the disk would prove nothing."""


@cache
def _database() -> duckdb.DuckDBPyConnection:
    atexit.register(_database.cache_clear)  # else DuckDB says at the end that it leaks
    con = duckdb.connect()
    con.execute("create schema staging")
    con.execute("create table staging.run as select date '2026-06-30' as as_of, 'Europe/London' as zone, 10 as k")
    return con


@contextmanager
def _memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty schema `landing` in memory. One database a process: to make one takes longer than most pulls of the kit."""
    with _database().cursor() as con:
        con.execute("set TimeZone = 'UTC'; drop schema if exists landing cascade; create schema landing")
        yield con


def missing(some: Rows, whole: Rows) -> Counter[str]:
    """How many rows of `whole` are not in `some`, by stream."""
    return Counter({n: left for n in whole if (left := (Counter(whole[n]) - Counter(some.get(n, []))).total())})


def beyond(some: Rows, whole: Rows) -> Counter[str]:
    """How many rows of `some` are not in `whole`, by stream: what is wrong, not only late."""
    return missing(whole, some)


def size(rows: Mapping[str, list[tuple[Any, ...]]]) -> int:
    """Rows in all."""
    return sum(len(found) for found in rows.values())
