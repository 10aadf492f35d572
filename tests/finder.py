"""Find names and addresses in whatever a run left behind: every file is decoded, and searched as it lies too.

Compressed columns hide what they hold: 200,000 canaries in a DuckDB file give no hit in its bytes. So Parquet, Arrow,
DuckDB, SQLite, gzip, bzip2, xz, zstd, zip (xlsx is one) and tar are opened, inside one another as well.

Belongs here: decoding and searching. Does not: which names are sought, or where (the tests).
What no decoder sees: rows that were deleted from a database file and not yet overwritten, where they are compressed.
"""

from __future__ import annotations

import bz2
import html
import io
import json
import lzma
import shutil
import sqlite3
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 1 << 18
DEEPEST = 6
LARGEST = 1 << 31  # bytes that one artefact may decode to

_LOWER = bytes(b + 32 if 65 <= b <= 90 else b for b in range(256))
_SHIFT = np.uint32(32 - 20)
_TWO_BYTES = ("utf-16-le", "utf-16-be")
_MIX = np.uint32(0x9E3779B1)


class Hit(NamedTuple):
    """A needle in a file: `where` is `bytes`, or the table, column or member that held it."""

    path: Path
    where: str
    needle: str


class Undecodable(Exception):
    """A file is of a known kind and cannot be opened: nobody can say what it holds."""


Content = tuple[str, bytes]
Decoder = Callable[[bytes, "Path | None"], Iterator[Content]]


def find(folder: Path, needles: Iterable[str], *, strict: bool = True) -> list[Hit]:
    """Every needle in every file below `folder`, in any case, as it lies and decoded.

    A name is sought as "First Last", also with the blank and its accents written as URLs, HTML and JSON write them.
    Raises Undecodable for a broken artefact; with strict=False such a file is searched as it lies only.
    """
    sought = _Sought(needles)
    files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    return [Hit(path, where, needle) for path in files for where, needle in _in_file(path, sought, strict)]


def _in_file(path: Path, sought: _Sought, strict: bool) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    contents = _contents("", path.read_bytes(), path)
    while True:
        try:
            where, data = next(contents)
        except StopIteration:
            return list(found)
        except Exception as error:
            if strict:
                raise Undecodable(f"{path}: {type(error).__name__}: {error}") from error
            return list(found)
        found |= {(where or "bytes", needle): None for needle in sought.within(data)}


# ----------------------------------------------------------------------------------------------------------- decoding
def _contents(where: str, data: bytes, path: Path | None, depth: int = 0) -> Iterator[Content]:
    """The bytes themselves, then all that decodes from them, inner artefacts included."""
    yield where, data
    decode = _decoder(data)
    if decode is None:
        return
    if depth == DEEPEST:
        raise ValueError("artefacts within artefacts, too deep")
    left = LARGEST
    for inner, decoded in decode(data, path):
        left -= len(decoded)
        if left < 0:
            raise ValueError("decodes to more than a test may hold")
        yield from _contents(f"{where}/{inner}" if where else inner, decoded, None, depth + 1)


def _decoder(data: bytes) -> Decoder | None:
    for start, magic, decoder in _MAGIC:
        if data[start : start + len(magic)] == magic:
            return decoder
    return None


def _gzip(data: bytes, _: Path | None) -> Iterator[Content]:
    while data[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(wbits=31)
        yield "gzip", member.decompress(data, LARGEST)
        data = member.unused_data


def _bzip2(data: bytes, _: Path | None) -> Iterator[Content]:
    yield "bzip2", bz2.decompress(data)


def _xz(data: bytes, _: Path | None) -> Iterator[Content]:
    yield "xz", lzma.decompress(data)


def _zstd(data: bytes, _: Path | None) -> Iterator[Content]:
    yield "zstd", pa.CompressedInputStream(pa.BufferReader(data), "zstd").read()


def _zip(data: bytes, _: Path | None) -> Iterator[Content]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            yield member.filename, archive.read(member)


def _tar(data: bytes, _: Path | None) -> Iterator[Content]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            if file := archive.extractfile(member):
                yield member.name, file.read()


def _parquet(data: bytes, _: Path | None) -> Iterator[Content]:
    with pq.ParquetFile(pa.BufferReader(data)) as file:
        for batch in file.iter_batches():
            yield from _columns(batch)


def _arrow(data: bytes, _: Path | None) -> Iterator[Content]:
    with pa.ipc.open_file(pa.BufferReader(data)) as file:
        for number in range(file.num_record_batches):
            yield from _columns(file.get_batch(number))


def _duckdb(data: bytes, path: Path | None) -> Iterator[Content]:
    with _copied(data, path, ".wal") as copy, duckdb.connect(copy) as con:
        described = con.sql(
            """select place, said from (
                   select 'views' as place, internal, sql as said from duckdb_views()
                   union all select 'tables', internal, concat_ws(' ', sql, comment) from duckdb_tables()
                   union all select 'columns', internal, concat_ws(' ', comment, column_default) from duckdb_columns()
                   union all select 'macros', internal, macro_definition from duckdb_functions()
                   union all select 'types', internal, array_to_string(labels, ' ') from duckdb_types())
               where not internal"""
        ).fetchall()
        yield from ((place, said.encode()) for place, said in described if said)
        held = con.sql(
            """select schema_name, table_name, list(column_name order by column_index)
               from duckdb_columns() semi join duckdb_tables() using (database_name, schema_name, table_name)
               where not internal and regexp_matches(data_type, 'CHAR|BLOB|JSON|ENUM|UNION|VARIANT')
               group by all order by all"""
        ).fetchall()
        for schema, table, columns in held:
            wanted = ", ".join(map(_quoted, columns))
            for batch in con.sql(f"select {wanted} from {_quoted(schema)}.{_quoted(table)}").to_arrow_reader(100_000):
                yield from ((f"{schema}.{table}.{column}", text) for column, text in _columns(batch))


def _sqlite(data: bytes, path: Path | None) -> Iterator[Content]:
    with _copied(data, path, "-wal", "-shm") as copy, closing(sqlite3.connect(copy)) as con:
        con.text_factory = bytes
        for name, definition in con.execute("select name, sql from sqlite_master where type = 'table'").fetchall():
            if b"CREATE VIRTUAL" in (definition or b"").upper()[:20]:
                continue  # its rows are in tables beside it
            rows = con.execute(f"select * from {_quoted(name.decode())}")
            while some := rows.fetchmany(20_000):
                yield from _cells(name.decode(), [cell for row in some for cell in row if isinstance(cell, bytes)])


class _copied:
    """A database file and what lies beside it in a folder of our own: opening may write, and names must match."""

    def __init__(self, data: bytes, path: Path | None, *beside: str) -> None:
        self.data, self.path, self.beside = data, path, beside
        self.folder = tempfile.TemporaryDirectory()

    def __enter__(self) -> Path:
        copy = Path(self.folder.name) / "copy"
        copy.write_bytes(self.data)
        for ending in self.beside if self.path else ():
            if (sibling := Path(f"{self.path}{ending}")).exists():
                shutil.copyfile(sibling, f"{copy}{ending}")
        return copy

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_MAGIC: list[tuple[int, bytes, Decoder]] = [
    (0, b"\x1f\x8b", _gzip), (0, b"BZh", _bzip2), (0, b"\xfd7zXZ\0", _xz), (0, b"\x28\xb5\x2f\xfd", _zstd),
    (0, b"PK\x03\x04", _zip), (257, b"ustar", _tar), (0, b"PAR1", _parquet), (0, b"ARROW1", _arrow),
    (8, b"DUCK", _duckdb), (0, b"SQLite format 3\0", _sqlite),
]  # fmt: skip
_BEGINNINGS = {magic[:2] for _, magic, _ in _MAGIC}


def _columns(batch: pa.RecordBatch) -> Iterator[Content]:
    """The text and bytes of each column."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        for values in _values(column):
            yield from _cells(name, values)


def _cells(place: str, values: list[bytes]) -> Iterator[Content]:
    """Values one a line; and what a cell decodes to, if it does: a digest may begin like anything."""
    yield place, b"\n" + b"\n".join(values)
    for value in values:
        if len(value) > 20 and value[:2] in _BEGINNINGS and (decode := _decoder(value)):
            with suppress(Exception):
                yield from [(f"{place}/{inner}", decoded) for inner, decoded in decode(value, None)]


def _values(array: pa.Array) -> Iterator[list[bytes]]:
    kind: Any = array.type
    if isinstance(array, pa.ExtensionArray):
        yield from _values(array.storage)
    elif pa.types.is_dictionary(kind):
        yield from _values(array.dictionary)
    elif pa.types.is_map(kind):
        yield from _values(array.keys)
        yield from _values(array.items)
    elif pa.types.is_union(kind):
        yield from (values for i in range(kind.num_fields) for values in _values(array.field(i)))
    elif pa.types.is_nested(kind):
        for inner in array.flatten() if pa.types.is_struct(kind) else [array.flatten()]:
            yield from _values(inner)
    elif any(test(kind) for test in _TEXTUAL):
        yield array.cast(pa.large_binary()).drop_null().to_pylist()


_TEXTUAL = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary,
    pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary,
)  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- searching
class _Sought:
    """Many needles sought at once: a hash of every four bytes says where to look closer, then eight, then all."""

    def __init__(self, needles: Iterable[str]) -> None:
        self.forms: dict[int, dict[int, dict[bytes, str]]] = {8: {}, 4: {}}
        self.longest = 8
        for needle in needles:
            for form in _forms(needle):
                size = 8 if len(form) >= 8 else 4
                self.forms[size].setdefault(int.from_bytes(form[:size], "little"), {})[form] = needle
                self.longest = max(self.longest, len(form))
        self.starts = {size: np.array(sorted(forms), f"<u{size}") for size, forms in self.forms.items() if forms}
        self.slots = np.zeros(1 << 20, bool)
        for starts in self.starts.values():
            self.slots[_slot(starts.astype("<u4"))] = True  # the lower half is the first four bytes

    def within(self, data: bytes) -> set[str]:
        """The needles in these bytes."""
        found: set[str] = set()
        for begin in range(0, len(data), CHUNK):
            found |= self._in_chunk(data[begin : begin + CHUNK + self.longest].translate(_LOWER))
        return found

    def _in_chunk(self, chunk: bytes) -> set[str]:
        padded = chunk + bytes(8)
        places = np.flatnonzero(self.slots[_slot(_windows(padded, len(chunk), 4))])
        found = set()
        for size, starts in self.starts.items():
            values = _windows(padded, len(chunk), size)[places]
            near = np.minimum(np.searchsorted(starts, values), len(starts) - 1)
            for place in places[starts[near] == values].tolist():
                forms = self.forms[size][int.from_bytes(padded[place : place + size], "little")]
                found |= {needle for form, needle in forms.items() if chunk.startswith(form, place)}
        return found


def _windows(padded: bytes, count: int, size: int) -> np.ndarray:
    """The `size` bytes at each place, as numbers, without a copy."""
    return np.ndarray((count,), f"<u{size}", padded, strides=(1,))


def _slot(windows: np.ndarray) -> np.ndarray:
    return (windows * _MIX) >> _SHIFT


def _forms(needle: str) -> set[bytes]:
    """How a needle may be spelt in bytes, with A-Z in lower case. A needle of fewer than four bytes is a ValueError."""
    if len(needle.encode()) < 4:
        raise ValueError(f"too short to be sought: {needle!r}")
    cased = {needle.casefold(), needle.lower(), needle.upper(), needle.title(), needle}
    spelt = {unicodedata.normalize(form, text) for text in cased for form in ("NFC", "NFD")}
    spelt |= {text.replace(" ", blank) for text in spelt for blank in ("\u00a0", "+", "&nbsp;")}
    spelt |= {write(text) for text in spelt for write in (_as_json, quote, html.escape, _as_entities)}
    forms = {text.encode() for text in spelt} | {text.encode(code) for text in cased for code in _TWO_BYTES}
    with suppress(UnicodeEncodeError):
        forms |= {text.encode("cp1252") for text in cased}
    return {form.translate(_LOWER) for form in forms}


def _as_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _as_entities(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode()
