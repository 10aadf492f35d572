"""Rules on files that are cut short, damaged, gone, or made to do harm.

Belongs here: faults of files and of the disk. Does not: what their records hold (rules_fields.py).
"""

from __future__ import annotations

import errno
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pipeline.landing import store
from pipeline.testing.bench import Bench, beyond, missing
from pipeline.testing.rule import Case, always, files, rule, written
from pipeline.testing.verdict import heals, modest, named, same

BURST = 150  # MB of blanks
RUBBISH = bytes(range(256)) * 40


def _each(case: Case, damage: Callable[[Path], None], judge: Callable[[Bench, Any], None]) -> None:
    """Each file damaged in turn before the first pull and judged; then put right, and pulled again."""
    with case.bench() as b:
        names = sorted(path.relative_to(b.files) for path in b.files.rglob("*") if path.is_file())
    for name in names[:6]:
        with case.bench() as b:
            path = b.files / name
            content = path.read_bytes()
            damage(path)
            pulled = b.pull()
            named(pulled)
            judge(b, pulled)
            path.write_bytes(content)
            heals(b, case.truth, accept=True)


@rule(files)
def file_cut_short(case: Case) -> None:
    """A file that was copied by half costs at most its own second half, until it is whole."""

    def cut(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 3 // 5])

    def judge(b: Bench, pulled: Any) -> None:
        more = sum(beyond(b.rows(), case.truth).values()) - 1  # a last line may be cut where nobody can tell
        assert more <= 0, f"{more} rows landed that no file holds"

    _each(case, cut, judge)


@rule(files)
def file_unreadable(case: Case) -> None:
    """A file of rubbish or of NUL bytes is named; it is not taken for an empty one."""

    def judge(b: Bench, pulled: Any) -> None:
        rows = b.rows()
        assert not beyond(rows, case.truth), "rows landed that no file holds"
        if missing(rows, case.truth):
            assert not pulled.complete or pulled.rejected, "a file was lost without a word"

    for rubbish in (RUBBISH, bytes(4096)):
        _each(case, lambda path, said=rubbish: path.write_bytes(said), judge)  # type: ignore[misc]


@rule(files)
def files_gone(case: Case) -> None:
    """A folder without the files is a source that delivers nothing, not a quiet day; what landed before stays."""
    for had in (False, True):
        with case.bench() as b:
            if had:
                b.pull()
            kept = {path: path.read_bytes() for path in b.files.rglob("*") if path.is_file()}
            for path in kept:
                path.unlink()
            pulled = b.pull(as_of=b.night(1))
            named(pulled)
            if had:
                same(b.rows(), case.truth, "a pull without the files")
            else:
                assert not pulled.complete, "no file is there, and the pull says it is complete"
            for path, content in kept.items():
                path.write_bytes(content)
            heals(b, case.truth, as_of=b.night(1))


@rule(files)
def file_in_another_encoding(case: Case) -> None:
    """A byte order mark changes nothing; a NUL or a byte that is not text is named or costs its own record."""
    with case.bench() as b:
        for path in (p for p in b.files.rglob("*") if p.is_file() and not zipfile.is_zipfile(p)):
            content = path.read_bytes()
            if content[:2] not in (b"\xff\xfe", b"\x1f\x8b") and content[:3] not in (b"\xef\xbb\xbf", b"BZh"):
                path.write_bytes(b"\xef\xbb\xbf" + content)
        pulled = b.pull()
        assert pulled.complete, f"a byte order mark ends the pull: {pulled.said()}"
        same(b.rows(), case.truth, "a pull of files with a byte order mark")
    for damage in (b"\0", b"\xff"):

        def judge(b: Bench, pulled: Any) -> None:
            rows = b.rows()
            wrong, lost = beyond(rows, case.truth).total(), missing(rows, case.truth).total()
            assert wrong <= 1, f"one byte that is no text made {wrong} rows wrong"
            assert lost <= 1 or not pulled.complete or pulled.rejected, f"{lost} rows were lost without a word"

        _each(case, lambda path, one=damage: _put_in(path, one), judge)  # type: ignore[misc]


def _put_in(path: Path, damage: bytes) -> None:
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + damage + content[middle:])


def zips(case: Case) -> bool:
    """Where the sample holds a ZIP."""
    return files(case) and bool(_zips(case))


def _zips(case: Case) -> list[Path]:
    return [path for path, content in written(case).items() if zipfile.is_zipfile(io.BytesIO(content))]


@rule(zips)
def zip_is_hostile(case: Case) -> None:
    """A ZIP that bursts, leads out of its folder or is locked is named or passed over, and writes nothing anywhere."""
    place, *_ = _zips(case)
    case.truth  # noqa: B018 - pulled before memory is watched
    for make in (_bursting, _leading_out, _locked):
        with case.bench() as b:
            path = b.files / place
            content = path.read_bytes()
            path.write_bytes(make(content))
            before = sorted(p for p in b.files.parent.rglob("*") if b.home not in p.parents and p != b.home)
            with modest():
                pulled = b.pull()
            named(pulled)
            assert not beyond(b.rows(), case.truth), "rows landed that no file holds"
            after = sorted(p for p in b.files.parent.rglob("*") if b.home not in p.parents and p != b.home)
            assert before == after, "the ZIP has written files"
            path.write_bytes(content)
            heals(b, case.truth, accept=True)


def _bursting(content: bytes) -> bytes:
    """The largest member, with more blanks behind it than a pull may hold in memory."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        largest = max(old.infolist(), key=lambda info: info.file_size)
        for info in old.infolist():
            made = zipfile.ZipInfo(info.filename, info.date_time)
            made.compress_type = zipfile.ZIP_DEFLATED
            with new.open(made, "w") as member:
                member.write(old.read(info))
                for _ in range(BURST if info is largest else 0):
                    member.write(b" " * (1 << 20))
    return out.getvalue()


def _leading_out(content: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("../../../led-out.txt", "out")
    return out.getvalue()


def _locked(content: bytes) -> bytes:
    """The flag that says a member is encrypted, set in each header."""
    locked = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = locked.find(mark)
        while at >= 0:
            locked[at + offset] |= 1
            at = locked.find(mark, at + 4)
    return bytes(locked)


@rule(always)
def disk_full(case: Case) -> None:
    """A disk that fills up ends the pull by name; what was there stays, and with room the next pull goes on."""
    with case.bench() as b:

        def full(*_: Any) -> str:
            raise OSError(errno.ENOSPC, "No space left on device")

        with patch.object(store, "_write_parquet", full):
            pulled = b.pull()
        assert not pulled.complete, "nothing could be written, and the pull says it is complete"
        named(pulled)
        heals(b, case.truth)


@rule(always)
def damaged_landing_is_named(case: Case) -> None:
    """A manifest that is damaged stops the stream by name; nothing is reset in silence."""
    with case.bench() as b:
        b.pull()
        manifest = max(b.home.rglob("manifest.json"))
        content = manifest.read_bytes()
        manifest.write_bytes(content[: len(content) // 2])
        pulled = b.pull()
        assert not pulled.complete, "a damaged manifest was passed over"
        named(pulled)
        manifest.write_bytes(content)
        heals(b, case.truth)
