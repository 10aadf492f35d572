"""Records to columns that may touch disk: people as pseudonyms, labels scrubbed, prose apart.

Belongs here: the one place where a privacy class turns into bytes. Does not: files (store.py), accounts (writer.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from math import isfinite
from types import UnionType
from typing import Any, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.connector import Record, Stream
from pipeline.fields import Privacy
from pipeline.privacy import Pseudonyms, Scrubber
from pipeline.problems import Fatal

MOMENT = pa.timestamp("us", tz="UTC")
LARGEST = (1 << 63) - 1
SCALARS: dict[Any, pa.DataType] = {
    datetime: MOMENT, date: pa.date32(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string(),
}  # fmt: skip
SQL = {pa.int64(): "BIGINT", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN", pa.string(): "VARCHAR",
       pa.binary(): "BLOB", pa.date32(): "DATE", MOMENT: "TIMESTAMPTZ", pa.int32(): "INTEGER"}  # fmt: skip


def _arrow(annotation: Any) -> pa.DataType:
    """The column type of a field: optional or not, a scalar or a list of scalars."""
    if get_origin(annotation) in (Union, UnionType):
        [inner] = [a for a in get_args(annotation) if a is not type(None)]
        return _arrow(inner)
    if get_origin(annotation) in (list, tuple):
        return pa.list_(_arrow(get_args(annotation)[0]))
    if hasattr(annotation, "__metadata__"):
        return _arrow(annotation.__origin__)
    if annotation in SCALARS:
        return SCALARS[annotation]
    if get_args(annotation):  # Literal[...] of labels
        return pa.string()
    raise TypeError(f"a record's field cannot be {annotation!r}: use text, numbers, truth values, days, moments or lists")


def sql_type(kind: pa.DataType) -> str:
    """The DuckDB type of a column."""
    return f"{sql_type(kind.value_type)}[]" if pa.types.is_list(kind) else SQL[kind]


class Columns:
    """How one stream's records become rows: names, types and protection of each field."""

    def __init__(self, stream: Stream, pseudonyms: Pseudonyms, scrubber: Scrubber) -> None:
        self.stream, self.pseudonyms, self.scrubber = stream, pseudonyms, scrubber
        self.privacy = stream.fields()
        self._label: Callable[[str], str] = lru_cache(maxsize=50_000)(scrubber.label)
        self.protect = {name: self._protector(kind) for name, kind in self.privacy.items()}
        self.schema = landed_schema(stream)
        self.must_name = {name for name in stream.persons() if not _optional(stream.record, name)}

    def _protector(self, privacy: Privacy | None) -> Callable[[Any], Any]:
        if privacy is None:
            return lambda value: value
        if privacy.kind == "prose":
            return lambda text: self.pseudonyms.digest(b"prose", text.encode())
        if privacy.kind == "person":
            return lambda value: self.pseudonyms.of(privacy.namespace, value)
        return self._identifier if privacy.namespace == "id" else self._label

    def _identifier(self, value: str) -> str:
        """An identifier as it is; one that may hold an address as a digest, so that it stays distinct."""
        return self.pseudonyms.digest(b"id", value.encode()).hex() if "@" in value else value

    def row(self, record: Record) -> tuple[Any, ...]:
        """The record's protected values in the order of its fields.

        Raises UnicodeEncodeError where a text is none, OverflowError where a number is beyond what a column holds.
        """
        values: list[Any] = []
        for name, protect in self.protect.items():
            value = getattr(record, name)
            if blank(value):
                values.append(None)
            elif isinstance(value, list | tuple):
                values.append([protect(_storable(item)) for item in value if not blank(item)])
            else:
                values.append(protect(_storable(value)))
        return tuple(values)

    def nobody(self, row: Sequence[Any]) -> str | None:
        """The first field that must name a person and is blank, or None."""
        return next((n for n, v in zip(self.protect, row, strict=True) if v is None and n in self.must_name), None)

    def key(self, row: Sequence[Any]) -> bytes:
        """The digest that names this row within its stream."""
        order = list(self.protect)
        return self.pseudonyms.digest(b"key", *(repr(row[order.index(k)]).encode() for k in self.stream.key))

    def digest(self, row: Sequence[Any]) -> bytes:
        """The digest by which a re-read row is known to be unchanged."""
        return self.pseudonyms.digest(b"row", repr(row).encode())

    def fingerprint(self, parts: Iterable[bytes]) -> str:
        """What a unit or snapshot is known by, where its source gives no name for its content."""
        return self.pseudonyms.digest(b"unit", *parts).hex()

    def bulk(self, rows: Any) -> pa.Table:
        """A bulk page's columns, protected set-wise. Raises Fatal naming a column that is missing or mistyped."""
        table = rows if isinstance(rows, pa.Table) else rows.to_arrow_table()
        columns = []
        for name, privacy in self.privacy.items():
            if name not in table.column_names:
                raise Fatal(f"stream {self.stream.name}: bulk rows lack the column {name!r}")
            column = table.column(name)
            if privacy:
                distinct = column.combine_chunks().dictionary_encode()
                safe = [None if blank(v) else self.protect[name](v) for v in distinct.dictionary.to_pylist()]
                column = pa.array(safe, type=self.schema.field(name).type).take(distinct.indices)
            try:
                columns.append(column.cast(self.schema.field(name).type))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise Fatal(f"stream {self.stream.name}: column {name!r} is {column.type}, not as declared") from error
            if column.null_count and not _optional(self.stream.record, name):
                raise Fatal(f"stream {self.stream.name}: {column.null_count} rows have no {name!r}; reject them with a reason")
        return pa.table(columns, names=list(self.privacy))


def _storable(value: Any) -> Any:
    """The value; half a surrogate pair, as broken JSON may bring, and a number beyond 64 bits can be stored nowhere."""
    if isinstance(value, str):
        value.encode()
    elif (isinstance(value, int) and not -LARGEST <= value <= LARGEST) or (isinstance(value, float) and not isfinite(value)):
        raise OverflowError
    return value


def blank(value: Any) -> bool:
    """Nothing, or a text of nothing but white space: a blank identifier would make one person of many."""
    return value is None or (isinstance(value, str) and not value.strip())


def _optional(record: type[Record], name: str) -> bool:
    return type(None) in get_args(record.model_fields[name].annotation)


def landed_schema(stream: Stream) -> pa.Schema:
    """The columns of a stream's rows in landing, with the engine's own at the end."""
    fields = []
    for name, privacy in stream.fields().items():
        kind = _arrow(stream.record.model_fields[name].annotation)
        if privacy and privacy.kind == "person":
            kind = pa.list_(pa.binary()) if pa.types.is_list(kind) else pa.binary()
        prose = privacy and privacy.kind == "prose"
        fields.append(pa.field(f"{name}_digest", pa.binary()) if prose else pa.field(name, kind))
    own = [pa.field("_key", pa.binary()), pa.field("_row", pa.binary()), pa.field("_batch", pa.int32()),
           pa.field("_position", pa.int32())]  # fmt: skip
    if stream.kind == "unit":
        own.append(pa.field("_unit", pa.string()))
    if stream.kind == "snapshot":
        own.append(pa.field("_snapshot", pa.date32()))
    return pa.schema(fields + own)


def local_days(moments: pa.ChunkedArray | pa.Array, zone: ZoneInfo) -> pa.Array:
    """The local date of each moment (days stay what they are)."""
    if pa.types.is_date(moments.type):
        return moments
    return pc.local_timestamp(pc.cast(moments, pa.timestamp("us", tz=str(zone)))).cast(pa.date32(), safe=False)
