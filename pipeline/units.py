"""Pages and units: what a stream yields, what of it is replaced whole, and which units landing holds.

Belongs here: a page, and a unit's identity. Does not: files (feeds/files.py), or batches (landing/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import JsonValue

from pipeline.fields import Excluded, Record, Rejected

Cursor = JsonValue


@dataclass(frozen=True)
class Unit:
    """What is replaced whole. `size` bytes hash to `fingerprint`; a unit that only grew replaces its shorter self."""

    name: str
    fingerprint: str
    size: int = 0
    replaces: str | None = None


@dataclass(frozen=True)
class Page:
    """Some records, and the safe point after them (`cursor`), the unit or the snapshot's day they belong to.

    A unit may come in several pages; it is whole when a page without it, or with another, comes, or the method ends.
    Where the method will end in an error about something else, an empty `Page([])` says first that the unit was whole.
    """

    records: Sequence[Record | Rejected | Excluded]
    cursor: Cursor = None
    unit: Unit | None = None
    snapshot: date | None = None


@dataclass(frozen=True)
class Bulk:
    """A page as columns: `rows` is an Arrow table or a DuckDB relation with the record's columns.

    `rejected` counts by reason and location what could not be read, `excluded` by rule what must not be.
    """

    rows: Any
    unit: Unit | None = None
    cursor: Cursor = None
    rejected: Sequence[Rejected] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Landed:
    """The units of a stream that landing holds: fingerprint -> (name, size in bytes)."""

    units: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def __contains__(self, fingerprint: str) -> bool:
        return fingerprint in self.units

    def unit(self, name: str, size: int, digest: Callable[[int], str]) -> Unit | None:
        """The unit to land for content of `size` bytes, or None where it is here already under any name.

        `digest(n)` is the fingerprint of the first n bytes: content that begins with a landed unit is that unit,
        grown (a log that is still written, rotated or not), and replaces it.
        """
        whole = digest(size)
        if whole in self.units:
            return None
        shorter = [(known, old) for old, (_, known) in self.units.items() if 0 < known < size]
        grown = next((old for known, old in sorted(shorter, reverse=True) if digest(known) == old), None)
        return Unit(name, whole, size, replaces=grown)
