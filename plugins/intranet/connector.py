"""Intranet access logs: which pages staff open, and how much traffic has no name to it.

Belongs here: the settings, the record, and which files are new. Does not: opening and fingerprinting a file
(logfile.py), or what a line says (lines.py).
"""

import glob
import zlib
from pathlib import Path

from pipeline.connector import (
    Bulk,
    Connector,
    Fatal,
    Field,
    Glob,
    Iterator,
    Label,
    Landed,
    Moment,
    PersonId,
    Record,
    Unit,
    stream,
)

from .lines import BOTS, Lines
from .logfile import Log, Unfit


class Request(Record):
    """One line of the log; `person` is set where the server knew who asked."""

    seen_at: Moment
    person: PersonId["login"] | None = None
    page: Label | None = None
    method: Label | None = None
    status: int
    asset: bool
    bot: bool


class Intranet(Connector):
    """Reads Apache or nginx access logs in the formats common, combined and vhost_combined; .gz and .bz2 too.

    files         which files, e.g. "logs/access*.log*"
    user_pattern  RE2 pattern that the whole remote user must match to be staff, e.g. 'DCS\\\\.+'; case is ignored
    bots          parts of a user agent that mark a program, not a person
    """

    name, channel = "intranet", "intranet"
    files: Glob
    user_pattern: str = ".+"
    bots: list[str] = Field(default_factory=lambda: list(BOTS))

    @stream(Request, kind="unit", bulk=True, daily=True)
    def requests(self, landed: Landed) -> Iterator[Bulk]:
        """Every line of every file that is not here yet; a file that only grew replaces its shorter self."""
        paths = [path for path in map(Path, glob.glob(self.files, recursive=True)) if path.is_file()]
        if not paths and not landed.units:
            raise Fatal("no file matches `files` of the access logs: correct the pattern, or give access to the folder")
        lengths = {path: path.stat().st_size for path in paths}
        # Longest first: a copy of a log as it was when it was shorter is then known to be part of it.
        paths.sort(key=lambda path: (-lengths[path], path.name))
        units, parts, unfit = dict(landed.units), set[str](), list[str]()
        with Lines(self.user_pattern, self.bots) as lines:
            for path in paths:
                try:
                    with Log(path) as log:
                        digests = log.digests({size for _, size in units.values()} | set(lengths.values()))
                        if log.size == 0 or digests[log.size] in parts:
                            continue
                        if unit := Landed(units).unit(path.name, log.size, digests.__getitem__):
                            yield _bulk(log, lines, unit)
                            units.pop(unit.replaces or "", None)
                            units[unit.fingerprint] = (unit.name, unit.size)
                        parts.update(digests.values())
                except FileNotFoundError:
                    continue  # rotated away meanwhile: it is found under its new name
                except (OSError, EOFError, zlib.error, Unfit) as error:
                    why = error if isinstance(error, Unfit) else getattr(error, "strerror", None) or "damaged"
                    unfit.append(f"{path.name} ({why})")
        if unfit:
            names = ", ".join(sorted(unfit))
            raise Fatal(f"cannot read {names}: copy it again or take it out of `files`; the others have landed")


def _bulk(log: Log, lines: Lines, unit: Unit) -> Bulk:
    """The whole file as one page: the engine takes a bulk page for the whole of its unit."""
    try:
        for block in log.blocks():
            lines.read(block)
    finally:
        rows, rejected = lines.take()
    return Bulk(rows=rows, unit=unit, rejected=rejected)
