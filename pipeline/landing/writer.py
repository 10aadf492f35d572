"""Land one stream: buffer pages, leave out what is unchanged, account for every record, commit at safe points.

Belongs here: everything between a connector's page and a batch. Does not: time budgets and errors of a night
(pull.py), or the bytes of a protected value (columns.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from pipeline.connector import Bulk, Cursor, Excluded, Page, Record, Rejected, Unit
from pipeline.landing.columns import Columns, local_days, sql_type
from pipeline.landing.manifest import Account, File, Manifest, UnitOf
from pipeline.landing.migrate import migrate
from pipeline.landing.store import StreamStore, canonical
from pipeline.problems import Fatal, SourceError

TOLERATED = 0.05  # share of records that may be quarantined before the source counts as broken
TOO_FEW_TO_JUDGE = 10  # records; of fewer, all must be lost before that says something of the source
SOON = timedelta(days=1)  # who runs a night by hand at noon may have this morning's export
LOST = 0.20  # share of a unit or snapshot that may go missing before a person must look


class Unreadable(Fatal):
    """So many records could not be read that the source must have changed its format."""


class Held(SourceError):
    """A unit or snapshot lost too many of its rows: held back until a person accepts it."""


@dataclass
class _Row:
    values: tuple[Any, ...]
    key: bytes
    digest: bytes
    prose: dict[str, str]
    day: date | None


@dataclass
class _Buffer:
    """What was read since the last safe point."""

    rows: list[_Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    excluded: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        return len(self.rows) + len(self.rejected) + self.excluded.total()


class Writer:
    """One stream's night. `keep_prose` False keeps text only until this night's readings are made."""

    def __init__(
        self, store: StreamStore, columns: Columns, *, connector_version: str, as_of: date, zone: ZoneInfo,
        keep_prose: bool = True, accept: bool = False,
    ) -> None:  # fmt: skip
        self.store, self.columns, self.stream = store, columns, columns.stream
        self.connector_version, self.as_of, self.zone = connector_version, as_of, zone
        self.keep_prose, self.accept = keep_prose, accept
        self.prose = self.stream.prose()
        self.total = Account()
        self.buffer = _Buffer()
        self.pending: Unit | date | None = None
        self.known_before: set[bytes] = set()  # keys of the batch at hand that replace an earlier version
        migrate(store, columns)
        self.index = duckdb.connect() if self.stream.kind == "keyed" else None
        if self.index:
            self._load_index(self.index)

    # ------------------------------------------------------------------------------------------------------ reading
    def add(self, page: Page) -> None:
        """Take a page's records into the buffer; a new unit or snapshot first commits the one before it."""
        whole = page.unit or (page.snapshot or self.as_of if self.stream.kind == "snapshot" else None)
        if self.pending is not None and whole != self.pending:
            self.commit_whole()
        if isinstance(whole, date) and whole > self.as_of + SOON:
            raise Fatal(
                f"a snapshot of {self.stream.name} is dated {whole}, which is yet to come: give it the day on which it was made; "
                "what was made before has landed"
            )
        self.pending = whole
        for record in page.records:
            match record:
                case Excluded(rule):
                    self.buffer.excluded[rule] += 1
                case Rejected():
                    self.buffer.rejected.append(record)
                case _:
                    self._take(record)

    def _take(self, record: Record) -> None:
        prose = {name: text for name in self.prose if (text := getattr(record, name))}
        try:
            values, day = self.columns.row(record), self._day(record)
        except UnicodeEncodeError:
            self.buffer.rejected.append(Rejected("text that is not Unicode"))
            return
        except OverflowError:  # also a time that is no day of ours in the zone: 0001-01-01T00:00Z stands for none
            self.buffer.rejected.append(Rejected("a number or time beyond what can be stored"))
            return
        if nobody := self.columns.nobody(values):
            self.buffer.rejected.append(Rejected(f"blank at {nobody}"))
            return
        key = self.columns.key(values) if self.stream.key else self._unit_key(len(self.buffer.rows))
        self.buffer.rows.append(_Row(values, key, self.columns.digest(values), prose, day))

    def _unit_key(self, position: int) -> bytes:
        name = self.pending.name if isinstance(self.pending, Unit) else ""
        return self.columns.pseudonyms.digest(b"unit", name.encode(), str(position).encode())

    def _day(self, record: Record) -> date | None:
        moment: datetime | date | None = getattr(record, self.stream.day) if self.stream.day else None
        return moment.astimezone(self.zone).date() if isinstance(moment, datetime) else moment

    # --------------------------------------------------------------------------------------------------- committing
    def commit(self, cursor: Cursor, *, complete: bool) -> Account:
        """A safe point of a keyed stream: what is new or changed since the last one becomes a batch."""
        kept = self._new_or_changed()
        unchanged = len(self.buffer.rows) - len(kept)
        said = self.store.manifests[-1] if self.store.manifests else None
        nothing = not kept and not self.buffer.rejected and said is not None
        if nothing and said and (canonical(said.cursor), said.complete, said.as_of) == (canonical(cursor), complete, self.as_of):
            return self._forget(Account(read=self.buffer.read, excluded=dict(self.buffer.excluded), unchanged=unchanged))
        return self._land(kept, unchanged, cursor=cursor, complete=complete)

    def commit_whole(self) -> Account:
        """The unit or snapshot that was being read is complete: land it unless it is here already."""
        pending, self.pending = self.pending, None
        if isinstance(pending, Unit):
            return self._land_unit(pending, self.buffer.rows)
        if pending is None:
            return Account()
        by_key = {row.key: row for row in self.buffer.rows}
        rows = list(by_key.values())
        earlier = [m for m in self.store.live() if m.snapshot]
        same_day = [m for m in earlier if m.snapshot == pending]
        before = max((m for m in earlier if m.snapshot and m.snapshot <= pending), key=lambda m: str(m.snapshot), default=None)
        fingerprint = self.columns.fingerprint(sorted(row.digest for row in rows))
        if before and before.unit and before.unit.fingerprint == fingerprint:
            return self._say_complete(len(self.buffer.rows))
        self._guard_loss(before, len(rows), f"snapshot of {pending}")
        return self._land(
            rows, len(self.buffer.rows) - len(rows), complete=True, snapshot=pending, replaces=[m.seq for m in same_day],
            unit=UnitOf(name=pending.isoformat(), fingerprint=fingerprint),
        )  # fmt: skip

    def finish(self, cursor: Cursor) -> Account:
        """The stream was read to its end: commit what is left and say that it is complete."""
        if self.stream.kind == "keyed":
            return self.commit(cursor, complete=True)
        self.commit_whole()
        return self._say_complete(0)

    def add_bulk(self, page: Bulk) -> Account:
        """Land a bulk page, which is a whole unit."""
        table = self.columns.bulk(page.rows)
        self.buffer.rejected.extend(page.rejected)
        self.buffer.excluded.update(page.excluded)
        unit = page.unit or Unit(self.as_of.isoformat(), "")
        days = Counter(local_days(table.column(self.stream.day), self.zone).to_pylist()) if self.stream.day else Counter()
        return self._land_unit(unit, table, days=days)

    def _land_unit(self, unit: Unit, rows: list[_Row] | pa.Table, days: Counter[date] | None = None) -> Account:
        named = [m for m in self.store.live() if m.unit and (m.unit.fingerprint == unit.replaces or self._same_day(m, unit))]
        fingerprint = unit.fingerprint
        if not fingerprint and isinstance(rows, list):
            # With its name: two days without a record are two days.
            fingerprint = self.columns.fingerprint([unit.name.encode(), *(row.digest for row in rows)])
        if any(m.unit and m.unit.fingerprint == fingerprint for m in self.store.live()):
            return self._say_complete(len(rows))
        for old in named:
            self._guard_loss(old, len(rows), f"unit {unit.name}")
        kept = UnitOf(name=unit.name, fingerprint=fingerprint, size=unit.size)
        return self._land(rows, 0, complete=False, unit=kept, replaces=[m.seq for m in named], days=days)

    def _same_day(self, manifest: Manifest, unit: Unit) -> bool:
        return self.stream.unit == "day" and manifest.unit is not None and manifest.unit.name == unit.name

    def _land(
        self, rows: list[_Row] | pa.Table, unchanged: int, *, complete: bool, cursor: Cursor = None,
        unit: UnitOf | None = None, snapshot: date | None = None, replaces: list[int] | None = None,
        days: Counter[date] | None = None,
    ) -> Account:  # fmt: skip
        account = self._account(len(rows), unchanged)
        seq = self.store.next_seq()
        table = self._table(rows, seq, unit, snapshot)
        if self.prose:
            # Before the batch appears: a crash in between must not leave a text that was taken back.
            self.store.purge_prose(self.known_before)
            self.store.drop_prose(replaces or [])
        prose = self._write_prose(rows, seq) if isinstance(rows, list) else []
        seen = days if days is not None else Counter(r.day for r in rows if r.day) if isinstance(rows, list) else Counter()
        manifest = Manifest(
            connector=self.store.connector, stream=self.store.stream, kind=self.stream.kind, seq=seq,
            schema_number=self.stream.schema, connector_version=self.connector_version, as_of=self.as_of,
            complete=complete, cursor=cursor, unit=unit, snapshot=snapshot, replaces=replaces or [], account=account,
            prose=prose, days=dict(sorted((d, n) for d, n in seen.items() if d)),
        )  # fmt: skip
        self.store.commit(manifest, table, self._quarantine())
        if self.index and isinstance(rows, list):
            self._index(self.index, table)
        return self._forget(account)

    def _say_complete(self, unchanged: int) -> Account:
        """Nothing new, but the stream was read to its end: that is itself worth a manifest, once a night."""
        last = next((m for m in reversed(self.store.manifests) if m.complete), None)
        newest = self.store.manifests[-1] if self.store.manifests else None
        if unchanged == 0 and (last is None or last.as_of != self.as_of or (newest and newest.seq != last.seq)):
            return self._land([], 0, complete=True)
        return self._forget(self._account(0, unchanged))

    def _account(self, landed: int, unchanged: int) -> Account:
        """What became of everything in the buffer. Raises Unreadable where too much of it could not be read."""
        rejected = Counter(r.reason for r in self.buffer.rejected)
        read = landed + unchanged + rejected.total() + self.buffer.excluded.total()
        if rejected.total() > TOLERATED * read and (rejected.total() >= TOO_FEW_TO_JUDGE or 1 < rejected.total() == read):
            reason, times = rejected.most_common(1)[0]
            raise Unreadable(
                f"{rejected.total()} of {read} records of {self.stream.name} cannot be read ({times} x {reason}): "
                "the source has changed its format; nothing of this page was landed and the next night asks again"
            )
        return Account(read=read, landed=landed, quarantined=dict(sorted(rejected.items())),
                       excluded=dict(sorted(self.buffer.excluded.items())), unchanged=unchanged)  # fmt: skip

    def _forget(self, account: Account) -> Account:
        self.buffer, self.known_before = _Buffer(), set()
        self.total = self.total.plus(account)
        return account

    # ---------------------------------------------------------------------------------------------------- comparing
    def _load_index(self, con: duckdb.DuckDBPyConnection) -> None:
        """What landing holds of each key: the digest and the version of its current row."""
        version = f'"{self.stream.version}"' if self.stream.version else "null"
        kind = sql_type(self.columns.schema.field(self.stream.version).type) if self.stream.version else "integer"
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"create table known (_key blob, _row blob, version {kind})")
        if files := self.store.row_files():
            con.execute(
                f"""insert into known
                    select _key, _row, {version} from read_parquet($files, union_by_name = true)
                    qualify row_number() over (
                        partition by _key order by {version} desc nulls last, _batch desc, _position desc) = 1""",
                {"files": files},
            )

    def _new_or_changed(self) -> list[_Row]:
        """The newest of each key in the buffer, less what landing already holds or has a later version of."""
        if not self.buffer.rows or self.index is None:
            return self.buffer.rows
        order = list(self.columns.protect)
        at = order.index(self.stream.version) if self.stream.version else None
        kind = self.columns.schema.field(self.stream.version).type if self.stream.version else pa.int32()
        batch = pa.table({
            "_position": pa.array(range(len(self.buffer.rows)), pa.int32()),
            "_key": pa.array([r.key for r in self.buffer.rows], pa.binary()),
            "_row": pa.array([r.digest for r in self.buffer.rows], pa.binary()),
            "version": pa.array([None if at is None else r.values[at] for r in self.buffer.rows], kind),
        })  # fmt: skip
        self.index.register("batch", batch)
        kept = self.index.execute(
            """select b._position, k._key is not null
               from (select *, row_number() over (partition by _key order by version desc nulls last, _position desc) as n
                     from batch) as b
               left join known as k on k._key = b._key
               where b.n = 1 and (k._key is null or (b._row <> k._row and coalesce(b.version >= k.version, true)))
               order by b._position"""
        ).fetchall()
        self.index.unregister("batch")
        self.known_before = {self.buffer.rows[position].key for position, before in kept if before}
        return [self.buffer.rows[position] for position, _ in kept]

    def _index(self, con: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
        con.register("landed", table)
        version = f'"{self.stream.version}"' if self.stream.version else "null"
        con.execute("delete from known where _key in (select _key from landed)")
        con.execute(f"insert into known select _key, _row, {version} from landed")
        con.unregister("landed")

    def _guard_loss(self, before: Manifest | None, rows: int, what: str) -> None:
        had = before.account.landed if before else 0
        lost = rows < (1 - LOST) * had if had >= TOO_FEW_TO_JUDGE else had > 1 and rows == 0
        if lost and not self.accept:
            raise Held(f"{what} has {rows} rows where it had {had}: held back; if that is right, pull with --accept")

    # ------------------------------------------------------------------------------------------------------ columns
    def _table(self, rows: list[_Row] | pa.Table, seq: int, unit: UnitOf | None, snapshot: date | None) -> pa.Table:
        schema, count = self.columns.schema, len(rows)
        if isinstance(rows, pa.Table):
            columns = {name: rows.column(name) for name in rows.column_names}
        else:
            names = [n for n in schema.names if not n.startswith("_")]
            columns = {name: pa.array([row.values[at] for row in rows], schema.field(name).type) for at, name in enumerate(names)}
            columns["_key"] = pa.array([row.key for row in rows], pa.binary())
            columns["_row"] = pa.array([row.digest for row in rows], pa.binary())
        columns["_batch"] = pa.array([seq] * count, pa.int32())
        columns["_position"] = pa.array(range(count), pa.int32())
        columns["_unit"] = pa.repeat(pa.scalar(unit.name if unit else None, pa.string()), count)
        columns["_snapshot"] = pa.repeat(pa.scalar(snapshot, pa.date32()), count)
        return pa.table({n: columns[n] if n in columns else pa.nulls(count, schema.field(n).type) for n in schema.names})

    def _quarantine(self) -> pa.Table:
        rejected = self.buffer.rejected
        return pa.table({"reason": [r.reason for r in rejected], "location": [r.location for r in rejected]})

    def _write_prose(self, rows: list[_Row], seq: int) -> list[File]:
        days: dict[date, list[tuple[bytes, str, bytes, str]]] = {}
        for row in rows:
            for name, text in row.prose.items():
                digest = self.columns.protect[name](text)
                safe = self.columns.scrubber.prose(text)
                days.setdefault(row.day or self.as_of, []).append((row.key, name, digest, safe))
        names = ("_key", "field", "digest", "text")
        return [
            self.store.write_prose(seq, day, pa.table(dict(zip(names, map(list, zip(*lines, strict=True)), strict=True))),
                                   keep=self.keep_prose)
            for day, lines in sorted(days.items())
        ]  # fmt: skip
