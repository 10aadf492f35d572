"""Replicating bars: the same seeds, on one core or on several, with the same result.

Belongs here: running outcomes and gathering what they say. Does not: what a bar is (bar.py), or the page (page.py).
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from pipeline.calibrate.bar import Bar, Measured, Outcome, measure

Map = Callable[[Callable[[int], Outcome], Sequence[int]], list[Outcome]]


@dataclass(frozen=True)
class Result:
    """A bar and what its replications measured, bound by bound."""

    bar: Bar
    measured: tuple[Measured, ...]

    @property
    def passed(self) -> bool:
        """Whether every bound holds."""
        return all(m.passed for m in self.measured)

    @property
    def passed_loosely(self) -> bool:
        """Whether no bound is missed by more than chance explains."""
        return all(m.passed_loosely for m in self.measured)


def replicate(bar: Bar, seeds: Sequence[int], each: Map | None = None) -> Result:
    """Measure a bar at these seeds; `each` maps its outcome over them, in their order."""
    outcomes = each(bar.outcome, seeds) if each else [bar.outcome(seed) for seed in seeds]
    return Result(bar, tuple(measure(bound, outcomes) for bound in bar.bounds))


@contextmanager
def cores(count: int) -> Iterator[Map | None]:
    """A map over processes, or None where one is enough."""
    if count < 2:
        yield None
        return
    # Fork would copy whatever threads hold; a fresh interpreter costs a second and holds nothing.
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        yield partial(_spread_out, pool)


def _spread_out(pool: multiprocessing.pool.Pool, outcome: Callable[[int], Outcome], seeds: Sequence[int]) -> list[Outcome]:
    return pool.map(outcome, seeds, chunksize=max(1, len(seeds) // 16))
