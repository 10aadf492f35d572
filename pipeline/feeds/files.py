"""Files that an operator names: found, fingerprinted by content, told to be new, grown or here already.

Belongs here: which files there are and whether landing has them. Does not: what is inside (tables.py, archives.py, plugins/).
"""

from __future__ import annotations

import glob
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from pipeline.fields import Excluded, Record, Rejected
from pipeline.problems import Fatal
from pipeline.units import Landed, Page, Unit

STEP = 1 << 20


@dataclass(frozen=True)
class Given:
    """One file. `name` tells it from the others of its pattern; `size` is in bytes.

    `way` is whatever else decides what is read from it (a mapping, a scale): content that is read in another way is new.
    """

    path: Path
    name: str
    size: int
    way: str = ""

    def open(self) -> IO[bytes]:
        """The content from its beginning. Raises Fatal naming the file."""
        try:
            return self.path.open("rb")
        except OSError as error:
            raise Fatal(f"cannot read {self.name} ({error.strerror}): copy it again or mend its rights") from None

    def content(self, most: int = 256 << 20) -> bytes:
        """All of it. Raises Fatal where that is more than `most` bytes."""
        with self.open() as file:
            found = file.read(most + 1)
        if len(found) > most:
            raise Fatal(f"{self.name} is over {most} bytes: split it")
        return found

    def digest(self, size: int) -> str:
        """sha256 of the first `size` bytes, and of the way in which they are read."""
        hasher, left = hashlib.sha256(), size
        with self.open() as file:
            while left > 0 and (step := file.read(min(STEP, left))):
                hasher.update(step)
                left -= len(step)
        if self.way:
            hasher.update(self.way.encode())
        return hasher.hexdigest()

    def unit(self, landed: Landed, name: str | None = None) -> Unit | None:
        """What to land this file as, or None where its content is here already.

        Content that begins with a landed unit is that unit, grown; else it replaces the unit of the same name: the
        same export, made again.
        """
        whole = name or self.name
        unit = landed.unit(whole, self.size, self.digest)
        if unit and unit.replaces is None:
            return replace(unit, replaces=next((old for old, (known, _) in landed.units.items() if known == whole), None))
        return unit


def given(pattern: str, setting: str = "files") -> Iterator[Given]:
    """Every file that the pattern names, in the order of their names; none for an empty pattern.

    Raises Fatal where a pattern names no file: that is a source which delivers nothing, not a quiet day.
    """
    if not pattern:
        return
    found = glob.glob(pattern, recursive=True)  # noqa: PTH207 - a setting that is a pattern is not a path
    paths = sorted({path for path in map(Path, found) if path.is_file()})
    if not paths:
        raise Fatal(f"{setting}: there is no file {Path(pattern).name}: see whether the export still runs")
    for path, name in zip(paths, _names(paths), strict=True):
        try:
            size = path.stat().st_size
        except OSError as error:
            raise Fatal(f"cannot read {name} ({error.strerror}): copy it again or mend its rights") from None
        yield Given(path, name, size)


def _names(paths: Sequence[Path]) -> list[str]:
    """The end of each path in which no other ends."""
    names, depth = [path.name for path in paths], 1
    while doubles := {name for name, count in Counter(names).items() if count > 1}:
        depth += 1
        names = ["/".join(p.parts[-depth:]) if n in doubles else n for p, n in zip(paths, names, strict=True)]
    return names


def given_one(pattern: str, setting: str = "file") -> Given:
    """The one file that the pattern names. Raises Fatal where it names none, or two."""
    files = list(given(pattern, setting))
    if len(files) > 1:
        raise Fatal(f"{setting}: {files[0].name} and {files[1].name} both fit the pattern: a register is one file, name it")
    return files[0]


def file_pages(
    pattern: str, landed: Landed, read: Callable[[Given], Sequence[Record | Rejected | Excluded]], *, setting: str = "files",
    name: Callable[[Given], str] = lambda file: file.name, way: Callable[[Given], str] = lambda _: "",
) -> Iterator[Page]:  # fmt: skip
    """A page for each file that is not here yet, each one unit; what cannot be read is named when the others have landed.

    `read` gives the records of one file, `name` what its unit is called, `way` what else decides what is read.
    Raises Fatal with every file that cannot be read.
    """
    faults: list[str] = []
    for file in given(pattern, setting):
        try:  # what the name does not tell is a fault of this file alone
            one = replace(file, way=way(file))
            unit = one.unit(landed, name(one))
            page = Page(read(one), unit=unit) if unit else None
        except Fatal as fault:
            faults.append(str(fault))
        else:
            if page:
                yield page
    if faults:
        yield Page([])  # the unit before it is whole
        raise Fatal(f"{'; '.join(faults)} (files that can be read have landed)")
