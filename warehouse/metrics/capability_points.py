"""How able and how sure people feel, by team, as a survey heard them.
---
question: How able, and how sure, do people feel?
unit: points from 0 to 100
better: higher
interval: given
needs: [roster]
feeds: [answers]
counts: [scored]
formula: >-
  mean of the respondents' scores; a team's is drawn to its directorate's as far as its own answers are few (partial
  pooling by restricted maximum likelihood, with the correction for a finite team)
source: Fay & Herriot 1979; Rao & Molina 2015
because: fewer than 10 people answered
refuse: base < 10
limits: >-
  What people say of themselves, not what they can do. Who answers is not who does not: below 40 % of the roster a
  figure is provisional. A team of which fewer than 10 answered is told with its directorate only.
never:
  score outside its scale: value < 0 or value > 100
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.estimate.capability import mean_score, pooled_scores
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with units as (
    select m.unit_level, m.unit, u.parent, m.period, m.period_start, m.period_end, m.people
    from staging.spine as m
    left join staging.units as u on u.unit_level = m.unit_level and u.unit = m.unit
    where m.period = '28 days' and m.period_start in (select block_start from staging.waves)
)
select u.unit_level, u.unit, u.parent, u.period, u.period_start, u.period_end, u.people, a.axis, a.person,
       cast(a.score as double) as score
from units as u
left join staging.answers as a
  on a.block_start = u.period_start and a.axis in ('capability', 'confidence')
 and u.unit = case u.unit_level when 'team' then a.team when 'directorate' then a.directorate
                                else (select organisation from staging.run) end
"""

AXES = ("capability", "confidence")


class Told(NamedTuple):
    """What one unit answered on one axis: the scores, how many people gave them, of how many, under which parent."""

    scores: np.ndarray
    base: int
    people: int
    parent: str


COLUMNS = (*UNIT, "part", "value", "low", "high", "n_eff", "base", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """A row for each unit, axis and wave: teams pooled with the others of their directorate, the rest as they are."""
    made, units = [], dict[tuple[object, ...], Told]()
    for (*spot, parent, people, axis), told in slices(rows, (*UNIT, "parent", "people", "axis"), then=("person", "score")):
        if axis is not None:
            scores = told.column("score").to_numpy()
            base = len(np.unique(told.column("person").to_numpy()))
            units[axis, *spot] = Told(scores, base, max(people, base), str(parent))
        elif spot[0] == "organisation":
            made += [(*spot, part, None, None, None, 0, 0, None) for part in AXES]
    pooled = _pooled(units)
    for (axis, *spot), unit in units.items():
        value, low, high = pooled.get((axis, *spot)) or mean_score(unit.scores, unit.people)[:3]
        few = "less than 40 % of the people answered" if 5 * unit.base < 2 * unit.people else None
        made.append((*spot, axis, value, low, high, unit.base, unit.base, few))
    return table(made, COLUMNS)


def _pooled(units: dict[tuple[object, ...], Told]) -> dict[tuple[object, ...], tuple[float, ...]]:
    """The pooled mean and interval of every team, wave by wave and axis by axis."""
    waves: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    for key in units:
        if key[1] == "team":
            waves.setdefault((key[0], key[4]), []).append(key)
    found: dict[tuple[object, ...], tuple[float, ...]] = {}
    for keys in waves.values():
        teams = [units[key] for key in keys]
        sizes = [team.scores.size for team in teams]
        if max(sizes) < 2:
            continue
        fit = pooled_scores(
            np.concatenate([team.scores for team in teams]), np.repeat(np.arange(len(teams)), sizes),
            [team.people for team in teams], [team.parent for team in teams],
        )  # fmt: skip
        ends = (np.clip(part, 0, 100).tolist() for part in (fit.value, fit.low, fit.high))
        found |= dict(zip(keys, zip(*ends, strict=True), strict=True))
    return found
