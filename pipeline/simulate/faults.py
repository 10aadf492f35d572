"""What goes wrong between what happened and what a source tells: records that are lost, and records that come twice.

Belongs here: which records, by [faults] of the parameters. Does not: when a server shows what it has (vendors.py), or
identity mismatches (yammer.py) and clocks (chats.py), which are made where the record is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.simulate.department import Department, Flags, Ints
from pipeline.simulate.parameters import Source


def kept(department: Department, source: Source, days: Ints) -> Flags:
    """Which records, each of a day number, a source has: not those of an outage, nor all before its completeness jumps."""
    lost = department.lost_days(source)
    stays: Flags = ~lost[np.clip(days, 0, len(lost) - 1)]
    jump = department.faults.jump
    if jump and jump.source == source:
        share = np.where(days >= 7 * jump.week, jump.after, jump.before)
        stays &= department.chance(f"completeness of {source}").random(len(days)) < share
    return stays


def repeated(department: Department, purpose: str, lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Dated lines, a few of them twice: alike in everything, and one after the other."""
    rng, share = department.chance(f"duplicates of {purpose}"), department.faults.duplicates
    for day, line in lines:
        yield day, line
        if share and rng.random() < share:
            yield day, line
