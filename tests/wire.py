"""A simulated department after one night: what is published of it beside what was true of it, in the units that figures have.

Belongs here: reading both, and truths about units as sums of truths about teams. Does not: how near they must come
(test_wire.py), or anything that the pipeline computes with: what is true is told by the simulator alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pipeline.session import PUBLISHED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """The units that figures are told of, by block (units x blocks): staff, and how many of them were expected to be active.

    `people` is 0 where a unit is not there. `since` is the place of the block in which a unit first has a champion, -1 for never.
    """

    names: list[str]
    blocks: list[date]
    people: Floats
    anything: Floats
    reached: Floats
    taking_part: Floats
    without: Floats
    since: Ints

    def share(self, active: str, unit: str, block: date) -> float:
        """The expected share of a unit's staff that is active by one of the measures."""
        place = self.names.index(unit), self.blocks.index(block)
        return float(getattr(self, active)[place] / self.people[place])


@dataclass(frozen=True)
class World:
    """A department's published figures, and what was true of it."""

    place: Path

    def figures(self, metric: str, part: str = "", level: str = "organisation") -> list[dict[str, Any]]:
        """The figures of a metric, the newest last."""
        with duckdb.connect(str(self.place / ".tidemark" / PUBLISHED), read_only=True) as con:
            found = con.execute(
                """select * from report.figures where metric = ? and part = ? and unit_level = ? and period = '28 days'
                   order by period_end, unit""", [metric, part, level])  # fmt: skip
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def truth(self, name: str) -> Any:
        return json.loads((self.place / f"truth/{name}.json").read_text("utf-8"))

    def rows(self, table: dict[str, Any]) -> list[dict[str, Any]]:
        return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]

    @cached_property
    def units(self) -> Units:
        """What was true of each unit: a team by its name, or with the other small ones of its directorate."""
        told = {(f["unit"], f["period_start"]) for f in self.figures("pooled_active_share", level="team")}
        names, blocks = sorted({unit for unit, _ in told}), sorted({block for _, block in told})
        keys = ("people", "champions", "anything", "reached", "taking_part", "without")
        sums = {key: np.zeros((len(names), len(blocks))) for key in keys}
        for row in self.rows(self.truth("activity")):
            block = date.fromisoformat(row["block"])
            if block not in blocks or not row["people"]:
                continue
            unit = row["team"] if (row["team"], block) in told else f"Other teams in {row['directorate']}"
            for key in keys:
                sums[key][names.index(unit), blocks.index(block)] += row[key]
        has = sums.pop("champions") > 0
        return Units(names, blocks, **sums, since=np.where(has.any(axis=1), has.argmax(axis=1), -1))


@dataclass(frozen=True)
class TrueEffect:
    """What champions did to the active share of the units that the figure is about, in points.

    `whole` is compared with the same units without champions. `beyond` is what units without a champion cannot tell: the
    change since the block before, less their change in the same blocks; so what reached them too is not in it. `months`
    is that by month since the start. `units` is how many units have started.
    """

    whole: float
    beyond: float
    months: dict[int, float]
    units: int


def true_effect(units: Units, *, cohort: int = 10, before: int = 3, quarter: int = 3) -> TrueEffect:
    """The mean over units of the mean over their blocks since the start, by the definition on the metric's card.

    Units that start in one block are a cohort. As soon as one cohort has fewer than `cohort` units, all are merged into
    quarters that date from their last block, and the block before is that before the quarter. A cohort too small even so,
    or with fewer than `before` blocks before it, is left out.
    """
    people = np.where(units.people > 0, units.people, np.nan)
    effect = 100 * (units.anything - units.without) / people
    last, sizes = effect.shape[1] - 1, np.unique(units.since[units.since > 0], return_counts=True)[1]
    merged = quarter if (sizes < cohort).any() else 1
    start = np.where(units.since >= 0, units.since // merged * merged + merged - 1, -1)
    never = (start < 0) | (start > last + merged - 1)
    whole, beyond, many = [], [], []
    months: dict[int, list[tuple[float, int]]] = {}
    for first in np.unique(start[(start >= 0) & (start <= last)]).tolist():
        own, base = start == first, first - merged
        if own.sum() < cohort or base + 1 < before:
            continue
        change = [np.nanmean(effect[own, now] - effect[own, base]) - np.nanmean(effect[never, now] - effect[never, base])
                  for now in range(first, last + 1)]  # fmt: skip
        whole.append(np.mean([np.nanmean(effect[own, now]) for now in range(first, last + 1)]))
        beyond.append(np.mean(change))
        many.append(int(own.sum()))
        for month, value in enumerate(change):
            months.setdefault(month, []).append((value, many[-1]))
    return TrueEffect(
        float(np.average(whole, weights=many)), float(np.average(beyond, weights=many)),
        {month: float(np.average([value for value, _ in told], weights=[n for _, n in told])) for month, told in months.items()},
        sum(many),
    )  # fmt: skip
