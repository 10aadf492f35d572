"""Units of a stream: what is replaced whole, and which of them landing holds.

Belongs here: a unit's identity. Does not: files (feeds/files.py), or batches (landing/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Unit:
    """What is replaced whole. `size` bytes hash to `fingerprint`; a unit that only grew replaces its shorter self."""

    name: str
    fingerprint: str
    size: int = 0
    replaces: str | None = None


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
