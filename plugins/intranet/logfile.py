"""A log file on disk: opened, unpacked, fingerprinted, and cut into blocks of whole lines, never held whole.

Belongs here: bytes. Does not: what a line means (lines.py), or whether the file is new (connector.py).
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Self, cast

BLOCK = 16 << 20  # bytes; also the longest line that a log can have


class Unfit(Exception):
    """The file is not what it claims to be; says why in a few words."""


class Log:
    """One file. `size` is the length in bytes of its content, unpacked, once `digests` has read it."""

    def __init__(self, path: Path) -> None:
        self.size = 0
        self._file = path.open("rb")
        magic = self._file.read(3)
        self._file.seek(0)
        self._content: BinaryIO = self._file
        if magic[:2] == b"\x1f\x8b":
            self._content = cast(BinaryIO, gzip.GzipFile(fileobj=self._file))
        elif magic == b"BZh":
            self._content = cast(BinaryIO, bz2.BZ2File(self._file))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._content.close()
        self._file.close()

    def digests(self, sizes: Iterable[int]) -> dict[int, str]:
        """The sha256 of the first n bytes for each n of `sizes` that the content reaches, and of all of it."""
        found: dict[int, str] = {}
        hasher, at = hashlib.sha256(), 0
        marks = sorted(size for size in sizes if size > 0)
        self._content.seek(0)
        while chunk := self._content.read(BLOCK):
            if at == 0 and len(chunk) == BLOCK and b"\n" not in chunk:
                raise Unfit("has no line ends: not a log")
            begin = 0
            while marks and marks[0] <= at + len(chunk):
                mark = marks.pop(0)
                hasher.update(chunk[begin : mark - at])
                begin = mark - at
                found[mark] = hasher.copy().hexdigest()
            hasher.update(chunk[begin:])
            at += len(chunk)
        self.size = at
        found[at] = hasher.hexdigest()
        return found

    def blocks(self) -> Iterator[bytes]:
        """The content that was fingerprinted, in blocks of whole lines without the last line end.

        A log that is written to meanwhile is read only as far as its fingerprint reaches. Raises Unfit where less is
        there than before, or a line is longer than a block.
        """
        self._content.seek(0)
        left, rest = self.size, b""
        while left:
            chunk = self._content.read(min(BLOCK, left))
            if not chunk:
                raise Unfit("shrank while it was read")
            left -= len(chunk)
            whole, end, tail = chunk.rpartition(b"\n")
            if not end:
                rest += tail
                if len(rest) > BLOCK:
                    raise Unfit(f"has a line of more than {BLOCK >> 20} MB: not a log")
                continue
            yield rest + whole
            rest = tail
        if rest:
            yield rest
