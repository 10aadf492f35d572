"""The build file of the warehouse: opened aside by one writer, rebuilt model by model, verified, swapped in.

Belongs here: safe settings, rebuilding a table, counting who breaks a promise, the swap.
Does not: what a model says (warehouse/), what becomes of a metric's rows (figures.py), loading landing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from pipeline import shapes
from pipeline.model_sql import parse_select, rounded_sums
from pipeline.models import ROW, Model, ModelError, read_glossary
from pipeline.problems import BrokenPromise, ConfigError
from pipeline.rules import Rules
from pipeline.shapes import Half, Sieved
from pipeline.text import read_themes

FLOOR = 5
SCHEMAS = ("landing", "each", "staging", "metrics", "report")
SAFE: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # a table in a model is never a variable of ours
}


@dataclass(frozen=True)
class Run:
    """What a model may know of the night: `as_of` is the last day that counts, `k` the fewest people to a figure."""

    as_of: date
    zone: str
    k: int
    organisation: str


class Build:
    """A warehouse file while it is written. A context manager; whoever opened it swaps it in or deletes it."""

    def __init__(self, path: Path, *, threads: int = 2, memory: str = "4GB") -> None:
        self.path, self.threads, self.memory = path, threads, memory
        self.sieved: list[Sieved] = []
        self._con: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = {**SAFE, "threads": self.threads, "memory_limit": self.memory}
        self._con = duckdb.connect(str(self.path), config=config)
        self.path.chmod(0o600)
        self._con.execute("set TimeZone = 'UTC'")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        con, self._con = self.con, None
        con.close()

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The one connection that writes."""
        if self._con is None:
            raise RuntimeError("a Build is open inside `with` only")
        return self._con

    def prepare(self, as_of: date, zone: str, k: int, organisation: str, rules: Rules | None = None) -> Run:
        """Make the schemas, staging.run and what the organisation decided. Raises ConfigError where k is below the floor of 5."""
        if k < FLOOR:
            raise ConfigError(f"[tidemark] k = {k}: fewer than {FLOOR} people hide nobody; set k to {FLOOR} or more")
        for schema in SCHEMAS:
            self.con.execute(f"create schema if not exists {schema}")
        rules = rules or Rules()
        columns = "as_of DATE, zone VARCHAR, k INTEGER, organisation VARCHAR, adopter_days INTEGER, colleagues_each INTEGER"
        self.con.execute(f"create or replace table staging.run ({columns})")
        values = [as_of, zone, k, organisation, rules.adopter_days, rules.colleagues_each]
        self.con.execute("insert into staging.run values (?, ?, ?, ?, ?, ?)", values)
        self._tell("senior_grades (grade VARCHAR)", [(grade,) for grade in rules.senior_grades])
        self._tell("comms_teams (team VARCHAR)", [(team,) for team in rules.comms_teams])
        items = [(item, axis) for axis, asked in rules.survey for item in asked]
        self._tell("items (item VARCHAR, axis VARCHAR)", items)
        tone = rules.tone
        self._tell("labelled (positive INTEGER, positive_found INTEGER, other INTEGER, other_found INTEGER)",
                   [(tone.positive, tone.positive_found, tone.other, tone.other_found)])  # fmt: skip
        self._tell("themes (theme VARCHAR, hard BOOLEAN)", [(t.name, t.hard) for t in read_themes(rules.themes).themes])
        return Run(as_of, zone, k, organisation)

    def _tell(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """A small table of the organisation's own choices."""
        self.con.execute(f"create or replace table staging.{table}")
        for row in rows:
            self.con.execute(f"insert into staging.{table.partition(' ')[0]} values ({', '.join('?' * len(row))})", row)

    def seal(self) -> None:
        """From here on no statement reads or writes another file, or undoes that; call it once landing is loaded."""
        self.con.execute("set enable_external_access = false")
        self.con.execute("set lock_configuration = true")

    def shapes(self, halves: Sequence[Half]) -> dict[str, str]:
        """Seal the file and make each.<shape> of all halves; gives the sources that are left out, each with why.

        Rows that break a promise of their shape are left out and counted in `sieved`; a source of which more than 5 %
        do, or whose half does not hold, is left out of every shape and not seen. Raises BrokenPromise where it is the
        roster: every figure rests on that, so the last edition stays.
        """
        self.seal()
        self.sieved, left_out = [], dict[str, str]()
        for half in halves:
            try:
                self.sieved.append(shapes.sieve(self.con, half))
            except ModelError as error:
                left_out.setdefault(half.source, str(error))
            else:
                if self.sieved[-1].left_out:
                    left_out.setdefault(half.source, self.sieved[-1].left_out)
        for half in halves:
            if half.shape == "people" and half.source in left_out:
                why = left_out[half.source]
                raise BrokenPromise(f"source {half.source} holds the roster and cannot be left out: {why}")
        for source, reason in left_out.items():
            self._unsee(source, reason)
        kept = [half for half in halves if half.source not in left_out]
        for shape in shapes.read_shapes():
            self.con.execute(f"create or replace view each.{shape} as {shapes.union(self.con, shape, kept)}")
        self._tell_what_each_gives(kept)
        return left_out

    def _tell_what_each_gives(self, halves: Sequence[Half]) -> None:
        """`landing.gives`: how many rows of which shape each source has ever given; 0 where it could and has not."""
        self.con.execute("create or replace table landing.gives (source VARCHAR, shape VARCHAR, n BIGINT)")
        for one in self.sieved:
            if one.half in halves:
                self.con.execute("insert into landing.gives values (?, ?, ?)", [one.half.source, one.half.shape, one.rows])

    def _unsee(self, source: str, reason: str) -> None:
        """What is left out was not seen: its figures say no_data, never 0."""
        self.con.execute("update landing.coverage set seen = false, state = 'left out' where source = ?", [source])
        self.con.execute(
            "update landing.sources set state = 'behind', reason = ?, action = ? where source = ?",
            [f"left out: {reason}", "look at what the source sends", source],
        )

    def rebuild(self, model: Model) -> int:
        """Make the model's table whole from what it reads; gives its rows. Raises ModelError naming the file."""
        with _named(model):
            if adds := list(rounded_sums(self.con, parse_select(model.query))):
                raise ModelError(f"{model.file}: {adds[0]} adds floating point: no two runs agree; cast to DECIMAL")
            if model.figures is None:
                self.con.execute(f"create or replace table {model.table} as {model.query}")
            else:
                rows = model.figures(read_arrow(self.con, model.query))
                _check_rows(model, rows)
                self.con.register("made", rows)
                self.con.execute(f"create or replace table {model.table} as select * from made")
                self.con.unregister("made")
        return _count(self.con, f"select count(*) from {model.table}")

    def offenders(self, model: Model) -> dict[str, int]:
        """How many rows of the model's table break each of its promises."""
        if not model.promises:
            return {}
        with _named(model):
            return offenders(self.con, model)


def offenders(con: duckdb.DuckDBPyConnection, model: Model) -> dict[str, int]:
    """Promise -> rows that break it, in one pass over the table."""
    marks = ", ".join(f"({condition}) as p{n}" for n, condition in enumerate(model.promises.values()))
    counts = ", ".join(f"count(*) filter (where p{n})" for n in range(len(model.promises)))
    [row] = con.execute(f"select {counts} from (select {marks} from {model.table})").fetchall()
    return dict(zip(model.promises, row, strict=True))


def verify(path: Path, models: Iterable[Model]) -> None:
    """Reopen a finished build as a reader would. Raises BrokenPromise where a table is missing or breaks a promise."""
    with duckdb.connect(str(path), read_only=True, config={**SAFE, "enable_external_access": "false"}) as con:
        con.execute("set TimeZone = 'UTC'")
        for model in models:
            try:
                broken = {name: n for name, n in offenders(con, model).items() if n} if model.promises else {}
                _count(con, f"select count(*) from {model.table}")
            except duckdb.Error as error:
                raise BrokenPromise(f"{model.table} cannot be read back: {type(error).__name__}") from None
            if broken:
                raise BrokenPromise(f"{model.table}: " + "; ".join(f"{n} rows, {name}" for name, n in broken.items()))


def swap(aside: Path, final: Path, *, mode: int = 0o600) -> None:
    """Put a closed file in the place of another: a reader sees the old or the new one, whole, even after a crash."""
    aside.chmod(mode)
    _flush(aside)
    aside.replace(final)
    _flush(final.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def run_of(con: duckdb.DuckDBPyConnection) -> Run:
    """The night that a warehouse was built for."""
    [row] = con.execute("select as_of, zone, k, organisation from staging.run").fetchall()
    return Run(*row)


def read_arrow(con: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any] | None = None) -> pa.Table:
    """The rows of a query in columns, in no order that can be relied on."""
    con.complete()  # a result that somebody read in part would hold the connection
    return con.sql(query, params=values).to_arrow_table()


def _check_rows(model: Model, rows: pa.Table) -> None:
    glossary = read_glossary(model.path.parent.parent)
    for name in rows.column_names:
        if name not in glossary:
            raise ModelError(f"{model.file}: column {name!r} is not in columns.yml")
    for name in ROW:
        if name not in rows.column_names:
            raise ModelError(f"{model.file}: figures() gives no column {name!r}")


def _count(con: duckdb.DuckDBPyConnection, select: str) -> int:
    [(count,)] = con.execute(select).fetchall()
    return int(count)


@contextmanager
def _named(model: Model) -> Iterator[None]:
    """DuckDB's errors with the model's name. What a conversion error quotes is a value of a source: it is not shown."""
    try:
        yield
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        raise ModelError(f"{model.file}: {str(error).splitlines()[0]}") from None
    except duckdb.Error as error:
        raise ModelError(f"{model.file}: {type(error).__name__} while it was built") from None
