"""published.duckdb: what may leave the building, and nothing else. The page and every export are made from it alone.

Belongs here: which tables and columns may leave, verifying the finished file, putting it in place, its digest.
Does not: what a figure says or hides (figures.py), the page (report/).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import duckdb

from pipeline.disclosure.gate import given_away
from pipeline.disclosure.groups import shipped_groups
from pipeline.figures import FIGURES, METRICS
from pipeline.problems import BrokenPromise
from pipeline.quote import quoted
from pipeline.warehouse import FLOOR, SAFE, read_arrow, swap

ALLOWED: dict[str, dict[str, str]] = {
    "figures": FIGURES,
    "metrics": METRICS,
    "units": {"unit_level": "VARCHAR", "unit": "VARCHAR", "parent": "VARCHAR"},
    "sources": {"source": "VARCHAR", "channel": "VARCHAR", "fresh_to": "DATE", "state": "VARCHAR", "reason": "VARCHAR",
                "action": "VARCHAR", "visible_share": "DOUBLE"},
    "topics": {"theme": "VARCHAR"},
    "events": {"day": "DATE", "label": "VARCHAR"},
    "editions": {"edition": "INTEGER", "as_of": "DATE", "organisation": "VARCHAR", "zone": "VARCHAR", "k": "INTEGER",
                 "roster": "BIGINT", "visible_share": "DOUBLE", "provenance": "VARCHAR"},
}  # fmt: skip
PERSONAL = {
    "person", "people", "pseudonym", "toward", "same_as", "author", "member", "manager", "sender", "learner", "user",
    "staff_id", "email", "login", "name_tokens", "_key", "_row", "_unit", "_batch",
}  # fmt: skip
CLOSED = {**SAFE, "enable_external_access": "false"}
MODE = 0o640
TABLES = "select table_name from information_schema.tables where table_schema = 'report' order by table_name"


def publish(warehouse: Path | duckdb.DuckDBPyConnection, target: Path, provenance: str = "") -> str:
    """Put every table of the warehouse's schema `report` into `target`, whole; gives the sha256 of its figures.

    The file is built aside, closed, verified as a reader sees it and only then put in place, readable by the owner's
    group. Raises BrokenPromise where anything in it may not leave: then the edition that was there stays.
    """
    if isinstance(warehouse, Path):
        with duckdb.connect(str(warehouse), read_only=True, config=CLOSED) as con:
            return publish(con, target, provenance)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        aside.unlink(missing_ok=True)
        with duckdb.connect(str(aside), config=SAFE) as out:
            aside.chmod(0o600)
            out.execute("create schema report")
            tables = [str(name) for (name,) in warehouse.execute(TABLES).fetchall()]
            for table in tables:
                _copy(warehouse, out, table)
            if "editions" in tables:
                _number_edition(out, target, provenance)
        verify(aside)
        digest = figures_digest(aside)
        swap(aside, target, mode=MODE)
    finally:
        aside.unlink(missing_ok=True)
    return digest


def _copy(source: duckdb.DuckDBPyConnection, out: duckdb.DuckDBPyConnection, table: str) -> None:
    out.register("rows", read_arrow(source, f"select * from report.{quoted(table)}"))
    out.execute(f"create table report.{quoted(table)} as select * from rows order by all")
    out.unregister("rows")


def _number_edition(out: duckdb.DuckDBPyConnection, target: Path, provenance: str) -> None:
    """Number this edition after those before it. A night that is run again takes the place of its first run."""
    out.execute(
        """create or replace table report.editions as
           select cast(1 as integer) as edition, as_of, organisation, zone, k, roster, visible_share,
                  cast($provenance as varchar) as provenance
           from report.editions""",
        {"provenance": provenance},
    )
    if not target.is_file():
        return
    try:
        with duckdb.connect(str(target), read_only=True, config=CLOSED) as old:
            out.register("old", read_arrow(old, f"select {', '.join(ALLOWED['editions'])} from report.editions"))
    except duckdb.Error:
        return  # what was there cannot be read: the count begins again
    out.execute("""
        create or replace table report.editions as
        with earlier as (
            select o.* from old as o join report.editions as n
              on o.organisation = n.organisation and o.provenance = n.provenance and o.as_of < n.as_of)
        select * from earlier
        union all
        select * replace (cast(coalesce((select max(edition) from earlier), 0) + 1 as integer) as edition)
        from report.editions
        order by edition""")
    out.unregister("old")


def verify(path: Path) -> None:
    """Read a finished file as a stranger would. Raises BrokenPromise naming what may not leave the building."""
    with duckdb.connect(str(path), read_only=True, config=CLOSED) as con:
        found: dict[str, dict[str, str]] = {}
        for schema, table, kind, column, of in con.execute(
            """select t.table_schema, t.table_name, t.table_type, c.column_name, c.data_type
               from information_schema.tables as t
               join information_schema.columns as c using (table_schema, table_name)
               order by all"""
        ).fetchall():
            where = f"{schema}.{table}.{column}"
            if of == "BLOB" or str(column).lower() in PERSONAL:
                raise BrokenPromise(f"{where} ({of}) is a column of person grain: it may not be published")
            if schema != "report" or table not in ALLOWED or kind != "BASE TABLE":
                raise BrokenPromise(f"{schema}.{table} is not among what may be published: {', '.join(ALLOWED)}")
            found.setdefault(str(table), {})[str(column)] = str(of)
        for table, columns in ALLOWED.items():
            if found.get(table) != columns:
                raise BrokenPromise(f"report.{table} has the columns {found.get(table)}, agreed is {columns}")
        _verify_figures(con)
        _verify_nothing_is_given_away(con)


def _verify_figures(con: duckdb.DuckDBPyConnection) -> None:
    broken = con.execute(
        """with k as (select coalesce(max(k), 0) as k from report.editions)
           select case
               when k.k < $floor then 'no edition says a threshold of 5 people or more'
               when f.base < k.k then 'rests on fewer than k people and says how many'
               when status not in ('ok', 'provisional') and coalesce(value, low, high, n_eff) is not null
                   then 'is withheld and has a value'
               when f.value is not null and f.base is null then 'does not say how many people it rests on'
               when status = 'suppressed' and base is not null then 'is suppressed and says how many people it rests on'
               when status not in ('ok', 'provisional', 'suppressed', 'not_identifiable', 'no_data')
                   then 'has an unknown status'
               when status <> 'ok' and coalesce(reason, '') = '' then 'does not say why'
               when unit_level not in ('organisation', 'directorate', 'team') then 'is told of an unknown kind of unit'
               when period = 'day' and unit_level <> 'organisation' then 'tells a unit by the day'
           end as fault, min(metric) as metric, count(*) as figures
           from report.figures as f cross join k
           group by fault having fault is not null order by fault""",
        {"floor": FLOOR},
    ).fetchall()
    if broken:
        fault, metric, figures = broken[0]
        raise BrokenPromise(f"report.figures: {figures} figures, e.g. of {metric}: each {fault}")


def _verify_nothing_is_given_away(con: duckdb.DuckDBPyConnection) -> None:
    """The gate's last word: an attack on the finished file, whoever made it."""
    (k,) = con.execute("select coalesce(max(k), 0) from report.editions").fetchall()[0]
    for cell, found in sorted(given_away(con, shipped_groups(), k).items()):
        raise BrokenPromise(
            f"report.figures: how many people of {cell.unit} are {cell.who!r} ({cell.period} from {cell.start}) is withheld, and "
            f"the published tables leave {found.values} numbers for it: run the night again, and tell the developers if it stays"
        )


def figures_digest(source: Path | duckdb.DuckDBPyConnection) -> str:
    """The sha256 of report.figures in one canonical text: the same figures give the same digest on any machine."""
    if isinstance(source, Path):
        with duckdb.connect(str(source), read_only=True, config=CLOSED) as con:
            return figures_digest(con)
    rows = source.execute(f"select {', '.join(FIGURES)} from report.figures").fetchall()
    lines = sorted("\x1f".join(map(repr, row)) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
