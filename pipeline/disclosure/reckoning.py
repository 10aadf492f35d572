"""What somebody can reckon who has published counts before them: the least and the most that a withheld one may be.

Belongs here: the equations and bounds between counts, linear programmes over them (HiGHS), which published counts pin a
withheld one. Does not: what is then kept back (gate.py), which groups lie within which (groups.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, linprog
from scipy.sparse import coo_array

from pipeline.disclosure.groups import Cell, Groups, roster
from pipeline.problems import BrokenPromise

Floats = NDArray[np.float64]
Parents = Mapping[tuple[str, str], str | None]  # (unit_level, unit) -> the unit that it is part of

ABOVE = {"directorate": "organisation", "team": "directorate"}
ROUNDING = 1e-6
MOST = 10.0**7  # people: what a count is at most where nothing else is known of it
THROWS = 6  # programmes that look at all withheld counts at once before each is looked at alone
INFEASIBLE = 2


class Found(NamedTuple):
    """The whole numbers that a withheld count may still be, and the published counts that keep it from being others."""

    low: int
    high: int
    pinned_by: tuple[Cell, ...] = ()

    @property
    def values(self) -> int:
        """How many numbers it may be: 1 where it is known."""
        return self.high - self.low + 1


@dataclass(frozen=True)
class Counts:
    """Counts of people: those that are published, those that are withheld, and those that a refused figure does not tell."""

    known: Mapping[Cell, int]
    withheld: frozenset[Cell]
    untold: frozenset[Cell] = frozenset()

    def __contains__(self, cell: Cell) -> bool:
        return cell in self.known or cell in self.withheld or cell in self.untold

    @property
    def unknown(self) -> frozenset[Cell]:
        """All whose number is not published, for whatever reason."""
        return self.withheld | self.untold


Line = Mapping[Cell, float]  # a sum of counts, each with its factor


@dataclass(frozen=True)
class Lines:
    """Sums of counts that are nought (`equal`) or at most nought: of groups within each other (`within`), of everything else."""

    equal: list[Line]
    within: list[Line]
    most: list[Line]

    def loosened(self, fits: Callable[[Lines], bool]) -> Lines:
        """The most of it that fits what is published: nobody can rely on a rule that the published rows contradict.

        Group by group: a group that would not lie within its wider one is not held to; a unit is at least the sum of its parts
        where some of its people are counted in none, and not even that where the parts say more than the whole. Raises
        BrokenPromise where even weeks and blocks contradict each other.
        """
        if fits(self):
            return self
        kept = Lines([], [], list(self.most))
        if not fits(kept):
            raise BrokenPromise("published rows contradict each other: a week is larger than the block that it is part of")
        kept._add("within", _by_group(self.within), fits)
        kept._add("equal", _by_group(self.equal), fits)
        return kept

    def _add(self, to: Literal["within", "equal"], by_group: list[list[Line]], fits: Callable[[Lines], bool]) -> None:
        """Add to it what fits, in order: all at once, or else one half after the other, down to the one that does not fit."""
        more = [line for lines in by_group for line in lines]
        if fits(replace(self, **{to: [*getattr(self, to), *more]})):
            getattr(self, to).extend(more)
        elif len(by_group) > 1:
            half = len(by_group) // 2
            self._add(to, by_group[:half], fits)
            self._add(to, by_group[half:], fits)
        elif to == "equal":
            at_least = [{cell: -factor for cell, factor in line.items()} for line in more]
            if fits(replace(self, most=[*self.most, *at_least])):
                self.most.extend(at_least)


def _by_group(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines that are about the same group of people, as one table or all tell it."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        first = next(iter(line))
        found.setdefault((first.who, first.book), []).append(line)
    return list(found.values())


class Reckoning:
    """The programme over all counts that have to do with a withheld one.

    A unit is the sum of its parts unless published rosters say that some of its people are in none; a group lies within a wider
    one; a week lies within its block and the four weeks together hold it; who stays, stays.
    """

    def __init__(self, counts: Counts, groups: Groups, parents: Parents) -> None:
        self.counts = counts
        lines = _lines(counts, groups, _children(counts, parents))
        self.cells = sorted({cell for line in (*lines.equal, *lines.within, *lines.most) for cell in line} | counts.unknown)
        self.place = {cell: n for n, cell in enumerate(self.cells)}
        self.ranges = np.array([(counts.known[c], counts.known[c]) if c in counts.known else (0, MOST) for c in self.cells])
        self.lines = lines.loosened(lambda some: self._solve(np.zeros(len(self.cells)), some) is not None)
        self.most = self._matrix([*self.lines.within, *self.lines.most])
        self.equal = self._matrix(self.lines.equal)

    def narrow(self, enough: Mapping[Cell, int]) -> dict[Cell, Found]:
        """The withheld counts of which fewer numbers are left than `enough` says, with what pins them."""
        wanted = sorted(enough)
        low, high = np.full(len(wanted), np.inf), np.full(len(wanted), -np.inf)
        places = np.array([self.place[cell] for cell in wanted], dtype=int)
        needed = np.array([enough[cell] for cell in wanted])
        rng = np.random.default_rng(0)
        for _ in range(THROWS):  # any point that fits shows what a count may be: most are wide at a glance
            open_ = _values(low, high) < needed
            if not open_.any():
                return {}
            signs = np.zeros(len(self.cells))
            signs[places[open_]] = rng.choice([-1.0, 1.0], int(open_.sum()))
            for aim in (signs, -signs):
                point = np.asarray(self._best(aim).x)
                low, high = np.minimum(low, point[places]), np.maximum(high, point[places])
        left = np.flatnonzero(_values(low, high) < needed)
        found = {wanted[n]: self.attack(wanted[n]) for n in left}
        return {cell: one for cell, one in found.items() if one.values < enough[cell]}

    def attack(self, target: Cell) -> Found:
        """The least and the most that a withheld count may be, by two programmes."""
        ends: list[float] = []
        pinned: set[int] = set()
        for sign in (1.0, -1.0):
            aim = np.zeros(len(self.cells))
            aim[self.place[target]] = sign
            solved = self._best(aim)
            ends.append(sign * float(solved.fun))
            weight = np.asarray(solved.lower.marginals) + np.asarray(solved.upper.marginals)
            pinned |= set(np.flatnonzero(np.abs(weight) > ROUNDING).tolist())
        by = tuple(self.cells[n] for n in sorted(pinned) if self.cells[n] in self.counts.known)
        return Found(math.ceil(ends[0] - ROUNDING), math.floor(ends[1] + ROUNDING), by)

    def _best(self, aim: Floats) -> OptimizeResult:
        solved = _solve(aim, self.most, self.equal, self.ranges)
        if solved is None:
            raise BrokenPromise("published rows contradict each other")
        return solved

    def _solve(self, aim: Floats, lines: Lines) -> OptimizeResult | None:
        return _solve(aim, self._matrix([*lines.within, *lines.most]), self._matrix(lines.equal), self.ranges)

    def _matrix(self, lines: Sequence[Line]) -> Any:
        if not lines:
            return None
        entries = [(n, self.place[cell], factor) for n, line in enumerate(lines) for cell, factor in line.items()]
        row, column, factor = np.array(entries).T
        return coo_array((factor, (row.astype(int), column.astype(int))), shape=(len(lines), len(self.cells))).tocsr()


def _solve(aim: Floats, most: Any, equal: Any, ranges: Floats) -> OptimizeResult | None:
    """The point with the least of the aim, or None where no point fits."""
    noughts = [None if lines is None else np.zeros(lines.shape[0]) for lines in (most, equal)]
    solved = linprog(aim, most, noughts[0], equal, noughts[1], ranges, method="highs")
    if solved.status == INFEASIBLE:
        return None
    if solved.status != 0:
        raise BrokenPromise(f"the programme over published counts did not end: {solved.message}")
    return solved


def _values(low: Floats, high: Floats) -> Floats:
    """How many whole numbers lie between."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(high >= low, np.floor(high + ROUNDING) - np.ceil(low - ROUNDING) + 1, 0.0))


def _children(counts: Counts, parents: Parents) -> dict[Cell, list[Cell]]:
    """Each unit's roster with those of its parts that are told of, unless some of its people are in none of these."""
    found: dict[Cell, list[Cell]] = {}
    for cell in sorted({roster(cell) for cell in (*counts.known, *counts.unknown)}):
        above, parent = ABOVE.get(cell.unit_level), parents.get((cell.unit_level, cell.unit))
        if above and parent is not None:
            found.setdefault(cell._replace(unit_level=above, unit=parent), []).append(cell)
    return {whole: parts for whole, parts in found.items() if _add_up([counts.known.get(cell) for cell in (whole, *parts)])}


def _add_up(people: Sequence[int | None]) -> bool:
    """Whether a whole is the sum of its parts, as far as anybody can tell."""
    whole, *parts = people
    told = [n for n in parts if n is not None]
    return whole is None or len(told) < len(parts) or whole == sum(told)


def _lines(counts: Counts, groups: Groups, children: Mapping[Cell, Sequence[Cell]]) -> Lines:
    """All that ties unknown counts to each other and to published ones."""
    near = _near(counts)
    whole_of = {(part.unit_level, part.unit, part.start): whole for whole, parts in children.items() for part in parts}
    wholes = set(counts.unknown)
    for cell in counts.unknown:
        if whole := whole_of.get((cell.unit_level, cell.unit, cell.block)):
            wholes.add(cell._replace(unit_level=whole.unit_level, unit=whole.unit))
    equal, within, most = [], [], []
    for cell in sorted(wholes):
        parts = [cell._replace(unit_level=part.unit_level, unit=part.unit) for part in children.get(roster(cell), ())]
        if parts and cell in counts and all(part in counts for part in parts):
            equal.append(_difference(cell, parts))
    for cell in near:
        if wider := next((one for one in groups.wider(cell) if one in counts), None):
            within.append(_difference(cell, [wider]))
        weeks = [week for week in groups.weekly(cell) if week in counts]
        most += [_difference(week, [cell]) for week in weeks]
        if len(weeks) == 4:
            most.append(_difference(cell, weeks))
        if (later := groups.next_week(cell)) and later in counts:
            most.append(_difference(cell, [later]))
    return Lines(*([line for line in lines if not counts.known.keys() >= line.keys()] for lines in (equal, within, most)))


def _near(counts: Counts) -> list[Cell]:
    """All counts of a unit and block of which one is unknown, in order."""
    spots = {(cell.unit_level, cell.unit, cell.block, cell.book) for cell in counts.unknown}
    return sorted(cell for cell in (*counts.known, *counts.unknown) if (cell.unit_level, cell.unit, cell.block, cell.book) in spots)


def _difference(cell: Cell, others: Iterable[Cell]) -> Line:
    """A count less some others."""
    return {cell: 1.0, **dict.fromkeys(others, -1.0)}
