"""The finder finds: a canary in every format, and nothing where there is none."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.finder import Hit, Undecodable, find

NAME, MAIL = "Siân Quillfeather", "sian.quillfeather@dcs.example.uk"
CANARIES = (NAME, MAIL)
STRANGERS = [f"Zeb Nobody{n}" for n in range(500)] + [f"zeb{n}@dcs.example.uk" for n in range(500)]
SAID = [f"{n} talked to SIÂN QUILLFEATHER, <{MAIL.upper()}>, about {n * 7919 % 1000}" for n in range(3_000)]


def found(folder: Path) -> dict[str, set[str]]:
    hits: dict[str, set[str]] = {}
    for hit in find(folder, [*CANARIES, *STRANGERS]):
        hits.setdefault(hit.needle, set()).add(hit.where)
    return hits


def as_parquet(compression: str) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"n": range(len(SAID)), "said": SAID}), sink, compression=compression)
    return sink.getvalue()


def as_zip(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/file", content)
    return sink.getvalue()


def as_tar(content: bytes) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        member = tarfile.TarInfo("inner")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return sink.getvalue()


def as_zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


LOG = "\n".join(SAID).encode()
COMPRESSED: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(LOG, mtime=0),
    "two gzip members": lambda: gzip.compress(b"nothing", mtime=0) + gzip.compress(LOG),
    "bzip2": lambda: bz2.compress(LOG),
    "xz": lambda: lzma.compress(LOG),
    "zstd": lambda: as_zstd(LOG),
    "zip": lambda: as_zip(LOG),
    "parquet zstd": lambda: as_parquet("zstd"),
    "parquet snappy": lambda: as_parquet("snappy"),
    "gzip in zip": lambda: as_zip(gzip.compress(LOG, mtime=0)),
    "zip in tar": lambda: as_tar(as_zip(LOG)),
    "parquet in gzip in zip": lambda: as_zip(gzip.compress(as_parquet("zstd"))),
}


@pytest.mark.parametrize("kind", COMPRESSED)
def test_a_canary_in_a_compressed_file(kind: str, tmp_path: Path) -> None:
    content = COMPRESSED[kind]()
    (tmp_path / "any-name").write_bytes(content)
    assert content.lower().count(MAIL.encode()) <= 4  # at most in Parquet's own statistics
    hits = found(tmp_path)
    assert set(hits) == set(CANARIES)
    assert all(places - {"bytes"} for places in hits.values())


PLAIN: dict[str, bytes] = {
    "log": f"2026-07-13 pulled {NAME.upper()}; {MAIL.title()}".encode(),
    "utf-16": f"\ufeff{NAME}\t{MAIL}".encode("utf-16-le"),
    "utf-16-be": f"x{NAME}\t{MAIL}".encode("utf-16-be"),
    "latin": f"{NAME} {MAIL}".encode("cp1252"),
    "decomposed": f"Sia\u0302n Quillfeather {MAIL}".encode(),
    "json": json.dumps({"who": NAME, "mail": MAIL}).encode(),
    "html": b"<td>Si&#226;n&nbsp;Quillfeather</td><td>Si&#226;n Quillfeather sian.quillfeather@dcs.example.uk",
    "url": b"/search?who=Si%C3%A2n+Quillfeather&x=Si%C3%A2n%20Quillfeather&m=sian.quillfeather%40dcs.example.uk",
    "binary": bytes(range(256)) * 1_100 + NAME.encode() + b"\0\1" + MAIL.encode() + bytes(range(256)),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_a_canary_in_plain_bytes(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(PLAIN[kind])
    assert found(tmp_path) == {NAME: {"bytes"}, MAIL: {"bytes"}}


@pytest.mark.parametrize("at", [0, (1 << 18) - 40, (1 << 18) - 1, 1 << 18, 3 << 18])
def test_a_canary_across_the_chunks_of_a_long_file(at: int, tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"\n" * at + f"{MAIL} {NAME}".encode() + b"x" * 9)
    assert set(found(tmp_path)) == set(CANARIES)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", None, NAME + MAIL], pa.string()),
        (["a", None, NAME + MAIL], pa.large_string()),
        (["a", None, NAME + MAIL], pa.string_view()),
        ([(NAME + MAIL).encode()], pa.binary()),
        ([(NAME + MAIL).encode()], pa.binary(len((NAME + MAIL).encode()))),
        ([NAME, MAIL, NAME], pa.dictionary(pa.int32(), pa.string())),
        ([["a", NAME], [], None, [MAIL]], pa.list_(pa.string())),
        ([[["a", NAME]], [[MAIL]]], pa.list_(pa.large_list(pa.string()))),
        ([{"b": {"c": NAME}}, {"b": {"c": MAIL}}], pa.struct({"a": pa.int8(), "b": pa.struct({"c": pa.string()})})),
        ([[(NAME, 1)], [(MAIL, 2)]], pa.map_(pa.string(), pa.int8())),
        ([[("k", [{"v": NAME + MAIL}])]], pa.map_(pa.string(), pa.list_(pa.struct({"v": pa.string()})))),
        ([gzip.compress((NAME + MAIL).encode(), mtime=0)], pa.binary()),
    ],
    ids=str,
)  # fmt: skip
def test_a_canary_in_a_column_of_any_type(values: list, kind: pa.DataType, tmp_path: Path) -> None:
    table = pa.table({"column": pa.array(values, kind)})
    packed = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(tmp_path / "x.arrow", table.schema, options=packed) as file:
        file.write_table(table)
    hits = found(tmp_path)
    assert set(hits) == set(CANARIES)
    assert all(place.startswith("column") for places in hits.values() for place in places - {"bytes"})


def test_canaries_all_over_a_duckdb_file(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(file) as con:
        con.execute("create schema landing")
        con.register("said", pa.table({"n": range(len(SAID)), "text": SAID}))
        con.execute("create table landing.\"odd \"\"name\" as select n, text as \"a column\" from said")
        con.execute("create table nested as select [{'k': 'Siân Quillfeather'}] as l, map {'a': ['x']} as m, 1 as n")
        con.execute("create table bits as select encode('Siân Quillfeather') as b")
        con.execute("create type mood as enum ('fine', 'Siân Quillfeather')")
        con.execute("create view seen as select 'Siân Quillfeather' as who")
        con.execute("create table noted (n integer)")
        con.execute("comment on table noted is 'for sian.quillfeather@dcs.example.uk'")
        con.execute("checkpoint")
    hits = found(tmp_path)
    odd = 'landing.odd "name.a column'
    assert hits[NAME] >= {odd, "main.nested.l", "main.bits.b", "types", "views"}
    assert hits[MAIL] >= {odd, "tables"}


def test_a_canary_that_is_only_in_the_log_beside_a_duckdb_file(tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    with duckdb.connect(file) as con:
        con.execute("pragma disable_checkpoint_on_shutdown")
        con.execute("create table t as select 'Siân Quillfeather' as who")
    assert (tmp_path / "w.duckdb.wal").exists()
    assert Hit(file, "main.t.who", NAME) in find(tmp_path, [NAME])


def test_a_canary_in_sqlite_and_in_the_log_beside_it(tmp_path: Path) -> None:
    con = sqlite3.connect(tmp_path / "runs.db")
    con.execute("create table \"event logs\" (id integer, event text, packed blob)")
    con.execute("insert into \"event logs\" values (1, ?, ?)", [f"hello {NAME}", gzip.compress(MAIL.encode())])
    con.commit()
    con.close()
    hits = found(tmp_path)
    assert "event logs" in hits[NAME]
    assert hits[MAIL] == {"event logs/gzip"}

    (tmp_path / "wal").mkdir()
    con = sqlite3.connect(tmp_path / "wal" / "runs.db")
    con.execute("pragma journal_mode = wal")
    con.execute("create table t (x text)")
    con.execute("insert into t values (?)", [NAME])
    con.commit()
    assert Hit(tmp_path / "wal" / "runs.db", "t", NAME) in find(tmp_path / "wal", [NAME])
    con.close()


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.log").write_bytes(b"Quillfeather, Sian; sian.quillfeather at dcs.example.uk; Si\xe2n  Quill")
    (tmp_path / "a" / "empty").write_bytes(b"")
    (tmp_path / "a" / "x.parquet").write_bytes(as_parquet("zstd"))
    assert find(tmp_path, STRANGERS) == []
    assert find(tmp_path / "a" / "x.log", CANARIES) == []


def test_an_artefact_that_cannot_be_opened_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "cut.parquet").write_bytes(as_parquet("zstd")[:-9] + NAME.encode())
    with pytest.raises(Undecodable, match=r"cut\.parquet"):
        find(tmp_path, CANARIES)
    assert Hit(tmp_path / "cut.parquet", "bytes", NAME) in find(tmp_path, CANARIES, strict=False)


def test_a_needle_that_is_too_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too short"):
        find(tmp_path, ["Bo"])
    (tmp_path / "x").write_bytes(b"-- jo li --")
    assert find(tmp_path, ["Jo Li"]) == [Hit(tmp_path / "x", "bytes", "Jo Li")]
