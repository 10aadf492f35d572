"""A log file on disk: opened, unpacked, fingerprinted, known again, and cut into blocks of whole lines, never held whole.

Belongs here: bytes, and which landed unit they are. Does not: what a line means (lines.py).
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Self, cast

from pipeline.connector import Unit

MARK = b"\xef\xbb\xbf"  # some editors and servers put it before UTF-8
DIGITS = 4  # of a line's digest: enough to know a file again, too few to find out who is in the line
SEARCHED = 64 << 10  # bytes in which a header ends
RATIO, HARMLESS = 200, 64 << 20  # a log shrinks to a tenth; what shrinks to less than this is made to burst
BLOCK = 16 << 20  # bytes; also the longest line that a log can have


class Unfit(Exception):
    """The file is not what it claims to be; says why in a few words."""


class Log:
    """One file. `size` is the length in bytes of its content, unpacked, and `beginning` tells its first three lines below
    any header, once `digests` has read it.
    """

    def __init__(self, path: Path) -> None:
        self.size, self.beginning = 0, ""
        self._file = path.open("rb")
        self._most = max(HARMLESS, RATIO * path.stat().st_size)
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
            if at == 0 and chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise Unfit("is UTF-16: let the server write UTF-8")
            if at == 0:
                self.beginning = _beginning(chunk)
            begin = 0
            while marks and marks[0] <= at + len(chunk):
                mark = marks.pop(0)
                hasher.update(chunk[begin : mark - at])
                begin = mark - at
                found[mark] = hasher.copy().hexdigest()
            hasher.update(chunk[begin:])
            at += len(chunk)
            if at > self._most:
                raise Unfit(f"unpacks to more than {RATIO} times its size: not a log")
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


def _beginning(chunk: bytes) -> str:
    lines = (line for line in chunk.removeprefix(MARK)[:SEARCHED].splitlines() if line.strip() and line[:1] != b"#")
    return "".join(hashlib.sha256(line).hexdigest()[:DIGITS] for line in islice(lines, 3))


def _begin_alike(one: str, other: str) -> bool:
    """At least two lines are the same: one may be damaged, and one may be the same in every log of a server."""
    at = range(0, max(len(one), len(other)), DIGITS)
    return sum(one[n : n + DIGITS] == other[n : n + DIGITS] for n in at) >= 2


@dataclass(frozen=True)
class Known:
    """What a log is, to landing. `unit` is None where its content is here already.

    `alike` are landed units of the same name that begin alike but are not what this one has grown from. One of which no
    file is left was this log, damaged or half copied; the others are other servers' logs.
    """

    unit: Unit | None
    alike: Sequence[str] = ()


def known(name: str, log: Log, digests: Mapping[int, str], units: Mapping[str, tuple[str, int]]) -> Known:
    """The unit to land for a log whose `digests` are read. A name alone says nothing: rotation gives it to the next log.

    A unit's fingerprint is the digest of its content, a dash, and its beginning.
    """
    landed = {fingerprint.partition("-")[0]: fingerprint for fingerprint in units}
    if digests[log.size] in landed:
        return Known(None)
    whole = f"{digests[log.size]}-{log.beginning}"
    shorter = sorted((size, fingerprint) for fingerprint, (_, size) in units.items() if 0 < size < log.size)
    grown = next((f for size, f in reversed(shorter) if digests.get(size) == f.partition("-")[0]), None)
    alike = [f for f, (old, _) in units.items() if old == name and _begin_alike(f.partition("-")[2], log.beginning)]
    return Known(Unit(name, whole, log.size, replaces=grown), () if grown else alike)
