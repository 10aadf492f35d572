"""The folder of landing: a batch appears by one rename, readers take live files from manifests, never from a glob.

    landing/<connector>/<stream>/batches/<seq>/     rows.parquet, quarantine.parquet, manifest.json
    landing/<connector>/<stream>/prose/day=<day>/   <seq>.parquet, unlinked when it is too old
    landing/<connector>/<stream>/attempt.json       how the last pull ended; not data, may be deleted
    private/<connector>/<stream>/day=<day>/         prose that may not stay: gone when the night ends

Belongs here: files, folders, locks, durability. Does not: what rows mean, or how they are protected.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from pydantic import BaseModel, JsonValue, ValidationError

from pipeline.landing.manifest import File, Manifest
from pipeline.problems import ConfigError, LandingError

FOLDER, FILE = 0o700, 0o600
RESTORE = "restore landing from its backup"
PARQUET_ENDS = b"PAR1"


class Attempt(BaseModel):
    """How the last pull of a stream ended, in words for the operator."""

    as_of: date
    state: str
    reason: str = ""
    action: str = ""


def ensure(folder: Path) -> Path:
    """The folder, made if need be, for its owner only."""
    for missing in [p for p in (*reversed(folder.parents), folder) if not p.exists()]:
        missing.mkdir(exist_ok=True, mode=FOLDER)
    return folder


class Store:
    """All streams of one landing. `home` is TIDEMARK_HOME."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "landing"
        self.private = home / "private"

    def stream(self, connector: str, stream: str) -> StreamStore:
        """One stream's folder, whether or not it exists yet."""
        return StreamStore(self, connector, stream)

    def streams(self) -> list[StreamStore]:
        """Every stream that has a batch, in the order of their names."""
        return [
            self.stream(path.parent.parent.name, path.parent.name)
            for path in sorted(self.root.glob("*/*/batches"))
            if any(path.glob("[0-9]*/manifest.json"))
        ]

    def hold_to_key(self, mark: str) -> None:
        """Remember by which key people are named here; `mark` tells keys apart and gives none away.

        Raises ConfigError under another key: nobody would join any more, and no name in a text would be recognised.
        """
        place = self.root / "key-mark"
        if not place.exists():
            ensure(self.root)
            aside = self.root / f".key-mark-{os.getpid()}"
            _write(aside, mark.encode())
            aside.replace(place)
        if place.read_text() != mark:
            raise ConfigError("the key is not the one under which landing was made: put the old key back")

    def forget_private(self) -> None:
        """Remove prose that was kept only for this night's readings."""
        shutil.rmtree(self.private, ignore_errors=True)


class StreamStore:
    """The batches of one stream."""

    def __init__(self, store: Store, connector: str, stream: str) -> None:
        self.connector, self.stream = connector, stream
        self.folder = store.root / connector / stream
        self.private = store.private / connector / stream
        self.batches = self.folder / "batches"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One writer at a time; a second one is told who holds it. Survives a crash of the holder."""
        ensure(self.folder)
        holder = self.folder / "writer"
        try:
            with FileLock(self.folder / "writer.lock", timeout=0, mode=FILE):
                _write(holder, str(os.getpid()).encode())
                for orphan in self.batches.glob(".tmp-*"):
                    shutil.rmtree(orphan, ignore_errors=True)
                yield
        except Timeout:
            who = holder.read_text() if holder.exists() else "another process"
            raise LandingError(f"{self.connector}/{self.stream} is being pulled by process {who}; wait for it") from None

    @cached_property
    def manifests(self) -> list[Manifest]:
        """Every batch, oldest first. Raises LandingError on a manifest that cannot be read."""
        found = []
        for path in sorted(self.batches.glob("[0-9]*/manifest.json")):
            try:
                found.append(Manifest.model_validate_json(path.read_bytes()))
            except ValidationError as error:
                raise LandingError(
                    f"{self.connector}/{self.stream}: manifest of batch {path.parent.name} is damaged "
                    f"({error.errors(include_input=False)[0]['type']}): {RESTORE}"
                ) from error
        return found

    def live(self) -> list[Manifest]:
        """The batches that no later batch replaces."""
        gone = {seq for manifest in self.manifests for seq in manifest.replaces}
        return [manifest for manifest in self.manifests if manifest.seq not in gone]

    def row_files(self) -> list[str]:
        """Paths of the live rows. Raises LandingError where one is missing or cut short."""
        paths = [self.folder / m.rows.path for m in self.live() if m.rows and m.rows.rows]
        for path in paths:
            if not path.is_file():
                raise LandingError(f"{self.connector}/{self.stream}: {path.parent.name}/{path.name} is missing: {RESTORE}")
            if not _whole(path):
                raise LandingError(f"{self.connector}/{self.stream}: {path.parent.name}/{path.name} is cut short: {RESTORE}")
        return [str(path) for path in paths]

    def prose_files(self) -> list[str]:
        """Paths of the prose that is still here, kept and private."""
        known = {file.path for m in self.live() for file in m.prose}
        here = [self.folder / path for path in sorted(known)] + [self.private.parent.parent / path for path in sorted(known)]
        return [str(path) for path in here if path.is_file()]

    def count(self) -> int:
        """How many batches there are, whether or not their manifests can be read."""
        return sum(1 for _ in self.batches.glob("[0-9]*/manifest.json"))

    def next_seq(self) -> int:
        """The number of the next batch: one more than the greatest ever used."""
        return max((manifest.seq for manifest in self.manifests), default=0) + 1

    def cursor(self) -> JsonValue:
        """The newest safe point, or None."""
        return next((m.cursor for m in reversed(self.manifests) if m.cursor is not None), None)

    def write_prose(self, seq: int, day: date, table: pa.Table, *, keep: bool) -> File:
        """One day's prose of one batch; it counts only once the batch's manifest names it."""
        relative = f"prose/day={day.isoformat()}/{seq:08d}.parquet"
        if not keep:
            relative = f"{self.connector}/{self.stream}/day={day.isoformat()}/{seq:08d}.parquet"
        path = (self.folder if keep else self.private.parent.parent) / relative
        ensure(path.parent)
        _write_parquet(table, path)
        return File(path=relative, rows=table.num_rows)

    def commit(self, manifest: Manifest, rows: pa.Table | None, quarantine: pa.Table | None) -> Manifest:
        """Make the batch appear, whole, by one rename. Raises LandingError where its account does not close."""
        manifest = manifest.check()
        name = f"{manifest.seq:08d}"
        ensure(self.batches)
        aside = self.batches / f".tmp-{name}-{os.getpid()}"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=FOLDER)
        files = {}
        for kind, table in (("rows", rows), ("quarantine", quarantine)):
            if table is not None and table.num_rows:
                digest = _write_parquet(table, aside / f"{kind}.parquet")
                files[kind] = File(path=f"batches/{name}/{kind}.parquet", rows=table.num_rows, sha256=digest)
        manifest = manifest.model_copy(update=files)
        _write(aside / "manifest.json", manifest.model_dump_json(indent=1, exclude_defaults=True).encode())
        _sync(aside)
        aside.rename(self.batches / name)
        _sync(self.batches)
        self.__dict__.pop("manifests", None)
        return manifest

    def purge_prose(self, keys: set[bytes]) -> None:
        """Take the texts of these records out of every prose file: what was edited or withdrawn is not kept beside it."""
        wanted = pa.array(sorted(keys), pa.binary())
        for path in sorted(self.folder.glob("prose/day=*/*.parquet")):
            gone = pc.is_in(pq.read_table(path, columns=["_key"]).column("_key"), wanted)
            if not pc.any(gone).as_py():
                continue
            rest = pq.read_table(path).filter(pc.invert(gone))
            aside = path.with_name(f".{path.name}-{os.getpid()}")
            if rest.num_rows:
                _write_parquet(rest, aside)
                aside.replace(path)
            else:
                path.unlink()

    def drop_prose(self, replaced: Iterable[int]) -> None:
        """Unlink the texts of batches that are about to be replaced by other content."""
        for manifest in self.manifests:
            if manifest.seq in set(replaced):
                for file in manifest.prose:
                    (self.folder / file.path).unlink(missing_ok=True)

    def expire_prose(self, before: date) -> int:
        """Unlink prose written by people before this day; says how many files went."""
        gone = 0
        for folder in sorted(self.folder.glob("prose/day=*")):
            if folder.name.removeprefix("day=") < before.isoformat():
                gone += sum(1 for _ in folder.glob("*.parquet"))
                shutil.rmtree(folder)
        return gone

    def attempt(self) -> Attempt | None:
        """How the last pull ended, if that is known."""
        try:
            return Attempt.model_validate_json((self.folder / "attempt.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def record_attempt(self, attempt: Attempt) -> None:
        """Keep how this pull ended, for `status` and the page."""
        ensure(self.folder)
        aside = self.folder / f".attempt-{os.getpid()}.json"
        _write(aside, attempt.model_dump_json().encode())
        aside.replace(self.folder / "attempt.json")


def _whole(path: Path) -> bool:
    """Whether the file ends as every finished Parquet file ends."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(PARQUET_ENDS)))
        return file.read() == PARQUET_ENDS


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _write_parquet(table: pa.Table, path: Path) -> str:
    """Write, sync, and give the sha256 of the bytes."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, FILE), "w+b") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def canonical(value: object) -> bytes:
    """A JSON value as bytes that are equal when the values are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
