"""What somebody works out of the published figures who knows how they are made: bounds on what was withheld.

Belongs here: the counts of people that figures rest on, what ties them to each other, the linear programme over all of them.
Does not: an organisation to try it on (disclosure.py), the rules that withhold (figures.py, staging.placements),
or the gate, which is written by another hand so that this can judge it (disclosure/).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

EPOCH = date(2024, 1, 1)  # blocks of 28 days count from here, as the calendar says
ROUNDING, NOBODY_SAYS = 1e-6, 10**9

# Metric -> the people behind its base and behind its hits. What two metrics call alike is one number: the cards say so.
PEOPLE: Mapping[str, tuple[str, str | None]] = {
    "active_share": ("roster", "active"),
    "adopter_share": ("roster", "adopters"),
    "channels_mean": ("writers", None),
    "completion_share": ("roster", "learners"),
    "interactive_share": ("roster", "interactive"),
    "intranet_reach_share": ("roster", "readers"),
    "multichannel_share": ("writers", "several"),
    "participation_share": ("roster", "writers"),
    "reach_share": ("roster", "reached"),
    "stickiness": ("active", None),
    "tone_mean": ("authors", None),
}
# The first are among the second; everybody is on the roster.
WITHIN = {
    "active": "roster", "adopters": "roster", "reached": "active", "writers": "reached", "interactive": "reached",
    "learners": "reached", "readers": "active", "several": "writers", "authors": "writers",
}  # fmt: skip
ADD_UP_OVER_WEEKS = ("active", "reached", "writers", "readers")  # who did in the block did in one of its weeks
LEVELS = {"organisation": "directorate", "directorate": "team"}


class Cell(NamedTuple):
    """So many people (`who`) of a unit in a period."""

    who: str
    unit_level: str
    unit: str
    period: str
    start: date


class Found(NamedTuple):
    """The whole numbers that a withheld count may still be."""

    low: int
    high: int

    @property
    def values(self) -> int:
        """How many numbers it may be: 1 where it is known."""
        return self.high - self.low + 1


@dataclass(frozen=True)
class System:
    """All that published rows say of one block: `cells`, equalities and upper bounds."""

    cells: Mapping[Cell, int]
    equal: Any
    equal_to: np.ndarray
    most: Any
    most_of: np.ndarray


def withheld(rows: Iterable[Mapping[str, Any]]) -> list[Cell]:
    """The counts behind suppressed rows, in order: what an attack is after."""
    targets = {cell for row in rows if row["status"] == "suppressed" for cell in _cells(row)}
    return sorted(targets)


def build(rows: Iterable[Mapping[str, Any]], parents: Mapping[tuple[str, str], str | None]) -> System:
    """What rows of report.figures say together, all of one block of 28 days; `parents` is (unit_level, unit) -> parent.

    Equalities: what is published, and that a unit is the sum of its parts where the parts' published people add up.
    Bounds: one group lies within another; weeks lie within their block and together hold it; who has been an adopter stays
    one. Whether a row is withheld for itself or beside another it does not say.
    """
    rows = [row for row in rows if row["metric"] in PEOPLE and row["part"] == ""]
    cells: dict[Cell, int] = {}
    known: dict[Cell, float] = {}
    for row in rows:
        base, *others = _cells(row)
        hits = others[0] if others else None
        for cell in (base, *others):
            cells.setdefault(cell, len(cells))
        if row["base"] is not None:
            known[base] = row["base"]
            if hits and row["value"] is not None:
                known[hits] = round(row["value"] * row["base"])
    equal, most = _Rows(cells), _Rows(cells)
    for cell, number in known.items():
        equal.add({cell: 1.0}, number)
    _sum_up(cells, known, parents, equal)
    for cell in cells:
        if whole := _wider(cell, cells):
            most.add({cell: 1.0, whole: -1.0}, 0.0)
    _over_weeks(cells, most)
    return System(cells, *equal.matrix(), *most.matrix())


def attack(system: System, target: Cell) -> Found:
    """The least and the most that a cell may be, by two linear programmes (HiGHS). Raises ValueError where the rows contradict."""
    ends = []
    for sign in (1.0, -1.0):
        aim = np.zeros(len(system.cells))
        aim[system.cells[target]] = sign
        told = linprog(aim, system.most, system.most_of, system.equal, system.equal_to, (0, None), method="highs")
        if told.status == 3:  # unbounded: nobody has published how many there are at all
            ends.append(np.inf)
            continue
        if told.status != 0:
            raise ValueError(f"the published rows contradict each other: {told.message}")
        ends.append(float(told.fun))
    low, high = ends[0], -ends[1] if np.isfinite(ends[1]) else NOBODY_SAYS
    return Found(int(np.ceil(low - ROUNDING)), int(np.floor(high + ROUNDING)))


def known_anyway(system: System, target: Cell) -> Found:
    """What a cell may be by rows that are not of its own tables; of one that is in none of these, as part of a larger one."""
    if target in system.cells:
        return attack(system, target)
    wider = _wider(target, system.cells)
    return Found(0, attack(system, wider).high if wider else NOBODY_SAYS)


def block_of(start: date) -> date:
    """The first day of the block of 28 days in which a day lies."""
    return start - timedelta(days=(start - EPOCH).days % 28)


def _cells(row: Mapping[str, Any]) -> list[Cell]:
    """The base of a row, and its hits where it has them. The roster of a week is that of its block."""
    if row["metric"] not in PEOPLE or row["part"] != "":
        return []
    base, hits = PEOPLE[row["metric"]]
    spot = (row["unit_level"], row["unit"], row["period"], row["period_start"])
    found = [_roster(Cell(base, *spot)) if base == "roster" else Cell(base, *spot)]
    return [*found, Cell(hits, *spot)] if hits else found


def _wider(cell: Cell, cells: Mapping[Cell, int]) -> Cell | None:
    """The least of the groups that hold a cell of which there is one."""
    while cell.who in WITHIN:
        cell = cell._replace(who=WITHIN[cell.who])
        if cell.who == "roster":
            cell = _roster(cell)
        if cell in cells:
            return cell
    return None


def _roster(cell: Cell) -> Cell:
    """Everybody of a cell's unit: the same people throughout a block."""
    return cell._replace(who="roster", period="28 days", start=block_of(cell.start))


class _Rows:
    """Rows of a sparse matrix with their right-hand sides."""

    def __init__(self, cells: Mapping[Cell, int]) -> None:
        self.cells = cells
        self.at: list[tuple[int, int, float]] = []
        self.right: list[float] = []

    def add(self, terms: Mapping[Cell, float], right: float) -> None:
        self.at += [(len(self.right), self.cells[cell], factor) for cell, factor in terms.items()]
        self.right.append(right)

    def matrix(self) -> tuple[Any, np.ndarray]:
        row, column, factor = np.array(self.at or np.empty((0, 3))).T
        shape = (len(self.right), len(self.cells))
        return coo_array((factor, (row.astype(int), column.astype(int))), shape=shape).tocsr(), np.array(self.right)


def _sum_up(
    cells: Mapping[Cell, int], known: Mapping[Cell, float], parents: Mapping[tuple[str, str], str | None], equal: _Rows
) -> None:
    """Each parent is the sum of its children, where all its people are in one of them."""
    for cell in cells:
        below = LEVELS.get(cell.unit_level)
        children = [
            child for (level, unit), parent in parents.items()
            if level == below and parent == cell.unit and (child := cell._replace(unit_level=level, unit=unit)) in cells
        ]  # fmt: skip
        if not children:
            continue
        whole, *parts = (known.get(_roster(one), np.nan) for one in (cell, *children))
        if whole == sum(parts):  # never where one of them is not told
            equal.add({cell: 1.0, **dict.fromkeys(children, -1.0)}, 0.0)


def _over_weeks(cells: Mapping[Cell, int], most: _Rows) -> None:
    """A week lies within its block; the weeks of a block together hold it; adopters do not become fewer."""
    for cell in cells:
        if cell.period == "28 days" and cell.who in ADD_UP_OVER_WEEKS:
            weeks = [cell._replace(period="week", start=cell.start + timedelta(days=7 * n)) for n in range(4)]
            there = [week for week in weeks if week in cells]
            for week in there:
                most.add({week: 1.0, cell: -1.0}, 0.0)
            if len(there) == 4:
                most.add({cell: 1.0, **dict.fromkeys(there, -1.0)}, 0.0)
        later = cell._replace(start=cell.start + timedelta(days=7))
        if cell.who == "adopters" and later in cells and block_of(later.start) == block_of(cell.start):
            most.add({cell: 1.0, later: -1.0}, 0.0)
