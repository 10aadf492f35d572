"""Live batches to tables of the schema `landing`: current rows only, cast to the declared types.

Belongs here: which row of a key is current, and from when to when a snapshot held. Does not: meaning (warehouse/).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb

from pipeline.connector import Stream
from pipeline.discovery import Instance
from pipeline.landing.columns import landed_schema, sql_type
from pipeline.landing.coverage import Source, sources
from pipeline.landing.store import Store, StreamStore
from pipeline.quote import quoted

READINGS = {
    "_key": "BLOB", "field": "VARCHAR", "digest": "BLOB", "language": "VARCHAR", "tone": "DOUBLE",
    "is_question": "BOOLEAN", "words": "INTEGER", "scorer": "VARCHAR", "_batch": "INTEGER",
    "themes": "VARCHAR[]", "theme_list": "VARCHAR",
}  # fmt: skip
END = "date '9999-12-31'"


def readings_of(stream: str) -> str:
    """The name of the stream that holds the readings of a stream's prose."""
    return f"{stream}_readings"


def load(
    con: duckdb.DuckDBPyConnection, store: Store, instances: Iterable[Instance], as_of: date, broken: Iterable[str]
) -> dict[str, int]:
    """Make every table of `landing`; gives table -> rows. Absent streams become empty tables of their types."""
    con.execute("create schema if not exists landing")
    counts = {}
    instances = list(instances)
    for instance in instances:
        for stream in instance.streams:
            counts[f"{instance.name}_{stream.name}"] = load_stream(con, store.stream(instance.name, stream.name), stream)
            if stream.prose():
                own = store.stream(instance.name, readings_of(stream.name))
                counts[f"{instance.name}_{readings_of(stream.name)}"] = load_readings(con, own, instance.name, stream)
    load_coverage(con, sources(store, instances, as_of, broken), as_of)
    return counts


def load_stream(con: duckdb.DuckDBPyConnection, store: StreamStore, stream: Stream) -> int:
    """One stream's current rows as `landing.<connector>_<stream>`."""
    table = f"landing.{quoted(f'{store.connector}_{store.stream}')}"
    schema = landed_schema(stream)
    columns = [(f.name, sql_type(f.type)) for f in schema]
    con.execute(f"create or replace temp table raw ({', '.join(f'{quoted(n)} {t}' for n, t in columns)})")
    if files := store.row_files():
        con.execute("insert into raw by name select * from read_parquet($files, union_by_name = true)", {"files": files})
    # From the manifests: a snapshot of nobody has no row that says it.
    con.execute("create or replace temp table snapshots (_snapshot date)")
    con.execute("insert into snapshots select unnest(?::date[])", [sorted({m.snapshot for m in store.live() if m.snapshot})])
    con.execute(f"create or replace table {table} as {_current(stream)}")
    con.execute("drop table raw")
    con.execute("drop table snapshots")
    [(count,)] = con.execute(f"select count(*) from {table}").fetchall()
    return int(count)


def _current(stream: Stream) -> str:
    """The select that keeps what holds now. Only keys that occur twice are ordered: most never do."""
    if stream.kind == "snapshot":
        return f"""
            select raw.* , raw._snapshot as valid_from, coalesce(s.next, {END}) as valid_to
            from raw
            join (select _snapshot, lead(_snapshot) over (order by _snapshot) as next from snapshots) as s using (_snapshot)"""
    if stream.kind == "unit":
        return "select * from raw"
    version = f"{quoted(stream.version)} desc nulls last, " if stream.version else ""
    alive = f"where not coalesce({quoted(stream.tombstone)}, false)" if stream.tombstone else ""
    return f"""
        with twice as (select _key from raw group by _key having count(*) > 1),
        newest as (
            select * from raw where _key not in (select _key from twice)
            union all
            select * from raw where _key in (select _key from twice)
            qualify row_number() over (partition by _key order by {version}_batch desc, _position desc) = 1
        )
        select * from newest {alive}"""


def load_readings(con: duckdb.DuckDBPyConnection, store: StreamStore, connector: str, stream: Stream) -> int:
    """The newest reading of each text that is current: a reading of an edited text's older wording does not count."""
    table = f"landing.{quoted(f'{connector}_{store.stream}')}"
    con.execute(f"create or replace temp table raw ({', '.join(f'{n} {t}' for n, t in READINGS.items())})")
    if files := store.row_files():
        con.execute("insert into raw by name select * from read_parquet($files, union_by_name = true)", {"files": files})
    texts = " union all ".join(
        f"select _key, '{name}' as field, {quoted(name + '_digest')} as digest from landing.{quoted(f'{connector}_{stream.name}')}"
        for name in stream.prose()
    )
    con.execute(f"""
        create or replace table {table} as
        select raw.* from raw join ({texts}) as now using (_key, field, digest)
        qualify row_number() over (partition by _key, field order by _batch desc) = 1""")
    con.execute("drop table raw")
    [(count,)] = con.execute(f"select count(*) from {table}").fetchall()
    return int(count)


def load_coverage(con: duckdb.DuckDBPyConnection, found: list[Source], as_of: date) -> None:
    """`landing.sources` and `landing.coverage`."""
    con.execute("""
        create or replace table landing.sources (source VARCHAR, channel VARCHAR, first_day DATE, fresh_to DATE,
            state VARCHAR, reason VARCHAR, action VARCHAR)""")
    con.execute("""
        create or replace table landing.coverage (source VARCHAR, channel VARCHAR, day DATE, expected BOOLEAN,
            seen BOOLEAN, state VARCHAR)""")
    for s in found:
        con.execute(
            "insert into landing.sources values (?, ?, ?, ?, ?, ?, ?)",
            [s.name, s.channel, s.first, s.fresh_to, s.state, s.reason, s.action],
        )
        if days := list(s.days(as_of)):
            con.execute(
                """insert into landing.coverage
                   select ?, ?, unnest(?::date[]), true, unnest(?::boolean[]), unnest(?::varchar[])""",
                [s.name, s.channel, [d for d, _, _ in days], [b for _, b, _ in days], [w for _, _, w in days]],
            )
