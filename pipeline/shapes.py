"""Shapes: the column sets that every source maps to, and the union of all plug-ins' halves.

Belongs here: reading halves, checking them against shapes.yml, leaving out and counting rows that break a promise.
Does not: what a shape is used for (warehouse/staging), or any source by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
import yaml
from sqlglot import exp

from pipeline.model_sql import Unreadable, columns, forbid, parse_select, tables
from pipeline.models import ModelError
from pipeline.places import shipped
from pipeline.quote import quoted

TOLERATED = 0.05
LOCAL_DAY = "cast(({0} at time zone (select zone from staging.run)) as date)"


@dataclass(frozen=True)
class Shape:
    """One column set: required and optional columns with their types, closed lists of words, promises of each row."""

    name: str
    columns: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)
    day_from: str = ""
    only: Mapping[str, list[str]] = field(default_factory=dict)
    never: Mapping[str, str] = field(default_factory=dict)

    @property
    def promises(self) -> dict[str, str]:
        """Name -> the condition under which a row is left out."""
        words = {
            f"{column} outside the closed list": f"{column} is null or {column} not in ({_texts(allowed)})"
            for column, allowed in self.only.items()
        }
        return {**self.never, **words}


@dataclass(frozen=True)
class Half:
    """A plug-in's part of one shape, for one configured source."""

    source: str
    channel: str
    shape: str
    select: str
    plugin: str = ""

    @property
    def tables(self) -> list[str]:
        """The landing tables it reads, without their schema."""
        return sorted(t.partition(".")[2] for t in tables(parse_select(self.select)) if t.startswith("landing."))


@dataclass(frozen=True)
class Sieved:
    """What one half gave: its rows, and how many of them break each promise."""

    half: Half
    rows: int
    offenders: Mapping[str, int]

    @property
    def left_out(self) -> str:
        """Why the source is left out of the shape, or '' where the offending rows alone are."""
        worst, count = max(self.offenders.items(), key=lambda item: item[1], default=("", 0))
        if count <= TOLERATED * self.rows:
            return ""
        return f"{self.half.shape}: {count} of {self.rows} rows, {worst}"


@cache
def read_shapes(file: Path | None = None) -> Mapping[str, Shape]:
    """Every shape that shapes.yml declares."""
    text = (file or shipped("warehouse") / "shapes.yml").read_text("utf-8")
    return {name: Shape(name=name, **told) for name, told in yaml.safe_load(text).items()}


def read_halves(folder: Path, plugin: str, source: str, channel: str) -> list[Half]:
    """Every half in a plug-in's folder, its tables named after the configured source.

    Raises ModelError naming plug-in, file and line: an unknown shape, a missing or unknown column, an unknown word of
    a closed list, a table of another plug-in, more than one select.
    """
    return [_read(path, plugin, source, channel) for path in sorted(folder.glob("*.sql"))]


def _read(path: Path, plugin: str, source: str, channel: str) -> Half:
    where = f"plug-in {plugin}, {path.name}"
    shape = read_shapes().get(path.stem)
    if shape is None:
        raise ModelError(f"{where}: there is no shape {path.stem!r}; shapes are {', '.join(sorted(read_shapes()))}")
    text = path.read_text("utf-8")
    try:
        tree = parse_select(text)
        forbid(tree)
        for table, line in tables(tree).items():
            if not table.startswith(f"landing.{plugin}_"):
                raise Unreadable(f"reads {table}: a half reads landing.{plugin}_... only", line)
        _check_columns(shape, columns(tree))
        for column, allowed in shape.only.items():
            for word, line in _words(tree, column):
                if word not in allowed:
                    raise Unreadable(f"says {column} {word!r}; the closed list is {', '.join(allowed)}", line)
    except Unreadable as error:
        raise ModelError(f"{where}, line {error.line}: {error.message}") from None
    renamed = re.sub(rf"\blanding\.{re.escape(plugin)}_", f"landing.{source}_", text)
    return Half(source, channel, shape.name, renamed.strip().rstrip(";"), plugin)


def _check_columns(shape: Shape, given: Iterable[str]) -> None:
    names = set(given)
    instead = {"day": shape.day_from} if shape.day_from else {}
    for column in shape.columns:
        either = {column, instead[column]} if column in instead else {column}
        if not names & either:
            raise Unreadable(f"lacks the column {' or '.join(sorted(either))} of the shape {shape.name}")
        if len(either) == 2 and either <= names:
            raise Unreadable(f"gives both {' and '.join(sorted(either))}: one of them says when")
    if unknown := sorted(names - set(shape.columns) - set(shape.optional) - set(instead.values())):
        there = ", ".join([*shape.columns, *shape.optional])
        raise Unreadable(f"gives the column {unknown[0]!r}, which the shape {shape.name} has not; it has {there}")


def _words(tree: exp.Query, column: str) -> list[tuple[str, int]]:
    """The literal words that a column may become, with their lines; what comes from a table is checked by row."""
    found: list[tuple[str, int]] = []
    for select in tree.find_all(exp.Select):
        for projection in select.expressions:
            if projection.alias_or_name == column:
                found += _results(projection.unalias())
    return found


def _results(value: exp.Expr | None) -> list[tuple[str, int]]:
    if isinstance(value, exp.Literal) and value.is_string:
        return [(value.name, value.meta.get("line", 1))]
    if isinstance(value, exp.Case):
        branches = [branch.args.get("true") for branch in value.args["ifs"]] + [value.args.get("default")]
        return [word for branch in branches for word in _results(branch)]
    if isinstance(value, exp.Paren | exp.Cast):
        return _results(value.this)
    return []


# -------------------------------------------------------------------------------------------------- in the warehouse
def union(con: duckdb.DuckDBPyConnection, shape: str, halves: Iterable[Half]) -> str:
    """The select of each.<shape>: rows of all halves that keep its promises, an empty table of its types without one.

    Raises ModelError naming the plug-in and the column where a type cannot be the declared one.
    """
    declared = read_shapes()[shape]
    parts = [_empty(declared)]
    broken = " or ".join(f"({condition})" for condition in declared.promises.values()) or "false"
    for half in halves:
        if half.shape == shape:
            parts.append(f"select * from ({_fitted(con, declared, half)}) where not coalesce({broken}, false)")
    return "\nunion all\n".join(parts)


def sieve(con: duckdb.DuckDBPyConnection, half: Half) -> Sieved:
    """Count a half's rows, and those that break each promise of its shape."""
    shape = read_shapes()[half.shape]
    counts = [f"count(*) filter (where {condition})" for condition in shape.promises.values()]
    select = f"select {', '.join(['count(*)', *counts])} from ({_fitted(con, shape, half)})"
    try:
        [row] = con.execute(select).fetchall()
    except duckdb.Error as error:  # its text may hold a value
        raise ModelError(f"plug-in {half.plugin or half.source}, {half.shape}.sql: {type(error).__name__}") from None
    return Sieved(half, row[0], dict(zip(shape.promises, row[1:], strict=True)))


def _columns(shape: Shape) -> dict[str, str]:
    return {"source": "VARCHAR", "channel": "VARCHAR", **shape.columns, **shape.optional}


def _empty(shape: Shape) -> str:
    return f"select {', '.join(f'cast(null as {t}) as {c}' for c, t in _columns(shape).items())} where false"


def _fitted(con: duckdb.DuckDBPyConnection, shape: Shape, half: Half) -> str:
    """The half with every column of the shape, in order and of the declared type."""
    try:
        given = {str(row[0]): str(row[1]) for row in con.execute(f"describe {half.select}").fetchall()}
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise ModelError(f"plug-in {half.plugin or half.source}, {half.shape}.sql: {first}") from None
    cells = [f"{_text(half.source)} as source", f"{_text(half.channel)} as channel"]
    for column, wanted in {**shape.columns, **shape.optional}.items():
        if column == "day" and shape.day_from in given:
            _check_type(half, shape.day_from, given[shape.day_from], "TIMESTAMPTZ")
            cells.append(f"{LOCAL_DAY.format(shape.day_from)} as day")
        elif column in given:
            _check_type(half, column, given[column], wanted)
            cells.append(f"cast({quoted(column)} as {wanted}) as {column}")
        else:
            cells.append(f"cast(null as {wanted}) as {column}")
    return f"select {', '.join(cells)} from ({half.select})"


def _check_type(half: Half, column: str, given: str, wanted: str) -> None:
    """Two casts would be silent and wrong: text that passes for a pseudonym, and a time whose zone is guessed."""
    strict = {"BLOB": ("BLOB",), "TIMESTAMPTZ": ("TIMESTAMP WITH TIME ZONE",)}
    if wanted in strict and given not in (*strict[wanted], '"NULL"'):
        raise ModelError(
            f"plug-in {half.plugin or half.source}, {half.shape}.sql: column {column!r} is {given}, it must be {wanted}"
        )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _texts(values: Iterable[str]) -> str:
    return ", ".join(_text(value) for value in values)
