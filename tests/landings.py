"""Nights of one small connector over one landing, for the tests of landing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from pipeline.connector import Connector
from pipeline.landing import tables
from pipeline.landing.store import Store
from pipeline.privacy import Pseudonyms
from pipeline.pull import Budget, Night, Outcome, pull
from tests.sources import Days, Files, Keyed, Roster, Timed

KEY = bytes(range(32))
AS_OF = date(2026, 2, 1)


class Nights:
    """Nights of one connector over one landing."""

    def __init__(self, home: Path, connector: Connector) -> None:
        self.store, self.connector = Store(home), connector

    def __call__(self, *, as_of: date = AS_OF, names: frozenset[bytes] = frozenset({b"x" * 16}), accept: bool = False,
                 days: tuple[date, date] | None = None, **budget: object) -> Outcome:  # fmt: skip
        night = Night(self.store, Pseudonyms(KEY), as_of, ZoneInfo("Europe/London"), accept=accept)
        [outcome] = pull(
            self.connector, self.connector.name, self.connector.streams(), night, names=names, days=days, budget=Budget(**budget)
        )
        return outcome

    @property
    def stream(self):
        return self.store.stream(self.connector.name, self.connector.streams()[0].name)

    def rows(self, columns: str = "id, version") -> list[tuple]:
        with duckdb.connect() as con:
            con.execute("set TimeZone='UTC'; create schema landing")
            tables.load_stream(con, self.stream, self.connector.streams()[0])
            name = f"{self.connector.name}_{self.connector.streams()[0].name}"
            return con.execute(f"select {columns} from landing.{name} order by all").fetchall()


def forget() -> None:
    """Every source gives nothing again."""
    for kind in (Keyed, Timed, Files, Days, Roster):
        for name, start in (
            ("posts_given", []),
            ("asked", []),
            ("files", {}),
            ("by_day", {}),
            ("snapshots", {}),
            ("fail_after", None),
        ):
            if name in kind.__annotations__:
                setattr(kind, name, start)
