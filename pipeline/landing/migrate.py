"""A stream whose record has changed: its batches rewritten by a migration, or put aside for a re-landing.

Belongs here: the road from one schema number to the next. Does not: what changed (the plug-in's `migrations=`), or
writing new records (writer.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.connector import Stream
from pipeline.discovery import Instance
from pipeline.landing.columns import Columns, sql_type
from pipeline.landing.manifest import Manifest
from pipeline.landing.store import Store, StreamStore, ensure
from pipeline.problems import Fatal
from pipeline.quote import quoted


def outdated(store: StreamStore, stream: Stream) -> str:
    """Why the live batches cannot be read as the stream is declared now, in words; '' where they can."""
    others = sorted({m.schema_number for m in store.live()} - {stream.schema})
    if not others:
        return ""
    return (
        f"{store.connector}/{store.stream} landed with schema {others[0]} and the plug-in now declares {stream.schema}: "
        f"pull it again with --reland, or add a migration"
    )


def migrate(store: StreamStore, columns: Columns) -> int:
    """Rewrite every live batch of an earlier schema, oldest first; gives how many.

    Each becomes a new batch that replaces it, so that a crash in between leaves nothing half done. Raises Fatal where
    there is no road from the number that landed to the one that is declared.
    """
    stream = columns.stream
    old = [m for m in store.live() if m.schema_number != stream.schema]
    for manifest in old:
        steps = range(manifest.schema_number, stream.schema)
        if not steps or any(step not in stream.migrations for step in steps):
            raise Fatal(outdated(store, stream))
    for manifest in old:
        _rewrite(store, columns, manifest)
    return len(old)


def _rewrite(store: StreamStore, columns: Columns, old: Manifest) -> None:
    rows, seq = None, store.next_seq()
    changed: dict[str, Any] = {"seq": seq, "schema_number": columns.stream.schema, "replaces": [old.seq], "rows": None}
    if old.rows and old.rows.rows:
        told = _told_anew(pq.read_table(store.folder / old.rows.path), columns, old.schema_number)
        rows, digests = _finished(told, columns, seq)
        if old.unit and columns.stream.kind == "snapshot":
            changed["unit"] = old.unit.model_copy(update={"fingerprint": columns.fingerprint(sorted(digests))})
        elif old.unit and columns.stream.unit == "day":
            print_of_day = columns.fingerprint([old.unit.name.encode(), *digests])
            changed["unit"] = old.unit.model_copy(update={"fingerprint": print_of_day})
    store.commit(old.model_copy(update=changed), rows, None)


def _told_anew(rows: pa.Table, columns: Columns, number: int) -> pa.Table:
    """The rows after each migration's select. Raises Fatal naming the number and the column that does not fit."""
    stream = columns.stream
    with duckdb.connect(config={"enable_external_access": "false"}) as con:
        con.execute("set TimeZone = 'UTC'")
        con.register("rows", rows)
        con.execute("create temp table old as from rows")
        for step in range(number, stream.schema):
            try:
                con.execute(f"create temp table new as {stream.migrations[step]}")
            except duckdb.Error as error:
                raise Fatal(f"{stream.name}: its migration from schema {step}: {type(error).__name__}: correct it") from None
            con.execute("drop table old; alter table new rename to old")
        have = {row[0] for row in con.execute("describe old").fetchall()}
        if missing := [name for name in columns.schema.names if name not in have]:
            raise Fatal(f"{stream.name}: its migration to schema {stream.schema} gives no column {missing[0]!r}: correct it")
        cells = ", ".join(f"cast({quoted(f.name)} as {sql_type(f.type)}) as {quoted(f.name)}" for f in columns.schema)
        try:
            return con.sql(f"select {cells} from old order by _position").to_arrow_table().cast(columns.schema)
        except duckdb.Error as error:
            raise Fatal(f"{stream.name}: its migration to schema {stream.schema}: {type(error).__name__}: correct it") from None


def _finished(rows: pa.Table, columns: Columns, seq: int) -> tuple[pa.Table, list[bytes]]:
    """The rows with the digests by which a re-read record is known, and their new batch number."""
    made: dict[str, list[Any]] = {"_batch": [seq] * rows.num_rows}
    digests: list[bytes] = []
    if not columns.stream.bulk:  # whole units of many rows: none of them is compared one by one
        names = [n for n in columns.schema.names if not n.startswith("_")]
        values = [tuple(map(_as_read, row)) for row in zip(*(rows.column(n).to_pylist() for n in names), strict=True)]
        made["_row"] = digests = [columns.digest(row) for row in values]
        if columns.stream.key:
            made["_key"] = [columns.key(row) for row in values]
    for name, column in made.items():
        at = rows.column_names.index(name)
        rows = rows.set_column(at, columns.schema.field(name), pa.array(column, columns.schema.field(name).type))
    return rows, digests


def _as_read(value: Any) -> Any:
    """A value as a record holds it: times in this zone object, not another of the same name."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def set_aside(store: Store, instance: Instance, streams: Iterable[Stream]) -> list[str]:
    """Move what landed of each outdated stream out of landing, readings too; gives their names.

    No row is deleted. Texts are: no night would let them expire out there, and the source is asked for them again.
    """
    moved = []
    for stream in streams:
        own = store.stream(instance.name, stream.name)
        if not outdated(own, stream):
            continue
        number = min(m.schema_number for m in own.live())
        for one in (own, store.stream(instance.name, f"{stream.name}_readings")):
            if one.folder.exists():
                place = store.home / "set-aside" / f"{instance.name}-{one.stream}-schema-{number}-{own.next_seq()}"
                ensure(place.parent)
                with one.lock():
                    shutil.rmtree(one.folder / "prose", ignore_errors=True)
                    one.folder.rename(place)
        moved.append(stream.name)
    return moved
