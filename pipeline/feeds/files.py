"""Files that an operator names: found, fingerprinted by content, told to be new, grown or here already.

Belongs here: which files there are and whether landing has them. Does not: what is inside (tables.py, archives.py, plugins/).
"""

from __future__ import annotations

import glob
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from pipeline.problems import Fatal
from pipeline.units import Landed, Unit

STEP = 1 << 20


@dataclass(frozen=True)
class Given:
    """One file. `name` tells it from the others of its pattern; `size` is in bytes."""

    path: Path
    name: str
    size: int

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
        """sha256 of the first `size` bytes."""
        hasher, left = hashlib.sha256(), size
        with self.open() as file:
            while left > 0 and (step := file.read(min(STEP, left))):
                hasher.update(step)
                left -= len(step)
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
    paths = sorted(path for path in map(Path, found) if path.is_file())
    if not paths:
        raise Fatal(f"{setting}: there is no file {Path(pattern).name}: see whether the export still runs")
    names = Counter(path.name for path in paths)
    for path in paths:
        name = path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}"
        yield Given(path, name, path.stat().st_size)
