"""Where a team stands between able and sure: how probable each of the four quadrants is, never a rank.
---
question: Where to put effort, practice or encouragement?
unit: probability of the quadrant for a team; share of teams for the whole
better: none
interval: none
needs: [roster]
feeds: [answers]
formula: >-
  from a team's pooled capability and confidence and their standard errors, the probability that both are 50 or more,
  either, or neither; a team is counted in a quadrant that is at least 80 % probable, else as uncertain
source: Fay & Herriot 1979; Drezner & Wesolowsky 1990 for the normal probability
because: fewer than 10 people answered both
refuse: base < 10
limits: >-
  What people say of themselves. The line is drawn at the middle of the scale, not at the average: all teams may stand in
  one quadrant. Teams of which fewer than 10 answered are not placed.
never:
  probability out of range: value < 0 or value > 1
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from pipeline.estimate.capability import pooled_scores, quadrants, within_correlation
from pipeline.families.rows import UNIT, table

QUERY = """
with paired as (
    select source, block_start, person, directorate, team,
           max(score) filter (where axis = 'capability') as able, max(score) filter (where axis = 'confidence') as sure
    from staging.answers
    where axis in ('capability', 'confidence') and team is not null
    group by source, block_start, person, directorate, team
),
sizes as (
    select unit as team, period, period_start, period_end, people
    from staging.spine
    where period = '28 days' and unit_level = 'team'
)
select s.period, s.period_start, s.period_end, s.team, b.directorate, s.people, b.person,
       cast(b.able as double) as able, cast(b.sure as double) as sure, n.organisation
from paired as b
join sizes as s on s.team = b.team and s.period_start = b.block_start
cross join staging.run as n
where b.able is not null and b.sure is not null
union all
select m.period, m.period_start, m.period_end, null, null, null, null, null, null, m.unit
from staging.spine as m
where m.period = '28 days' and m.unit_level = 'organisation' and m.period_start in (select block_start from staging.waves)
"""

PARTS = ("able and sure", "able, not sure", "sure, not able", "neither")
CERTAIN, FEWEST = 0.8, 10
NOBODY = "no team has 10 people who answered both"
SPOT = ("period", "period_start", "period_end")
COLUMNS = (*UNIT, "part", "value", "base", "verdict", "refused")


def figures(rows: pa.Table) -> pa.Table:
    """Four rows for each team and wave, and five for the organisation: the share of teams in each, and uncertain."""
    answers = rows.sort_by([(name, "ascending") for name in rows.column_names]).to_pylist()
    waves: dict[object, list[dict[str, object]]] = {}
    for answer in answers:
        waves.setdefault(answer["period_start"], []).append(answer)
    made = [row for told in waves.values() for row in _wave(told)]
    return table(made, COLUMNS)


def _wave(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    told = [one for one in rows if one["team"] is not None]
    whole, *spot = (rows[-1][name] for name in ("organisation", *SPOT))
    if len(told) < 2 or max(Counter(one["team"] for one in told).values()) < 2:
        return [("organisation", whole, *spot, part, None, len(told), None, NOBODY) for part in (*PARTS, "uncertain")]
    names = sorted({str(one["team"]) for one in told})
    number = {name: n for n, name in enumerate(names)}
    team = np.array([number[str(one["team"])] for one in told])
    able, sure = (np.array([one[axis] for one in told], dtype=np.float64) for axis in ("able", "sure"))
    size = np.bincount(team)
    first = {str(one["team"]): one for one in reversed(told)}
    people = np.maximum([first[name]["people"] for name in names], size)
    homes = [str(first[name]["directorate"]) for name in names]
    a, b = (pooled_scores(score, team, people, homes) for score in (able, sure))
    chance = quadrants(a.value, a.se, b.value, b.se, correlation=within_correlation(able, sure, team))
    made: list[tuple[object, ...]] = []
    placed: list[str] = []
    for n, name in enumerate(names):
        best = int(chance[:, n].argmax())
        word = PARTS[best] if chance[best, n] >= CERTAIN else "uncertain"
        if size[n] >= FEWEST:
            placed.append(word)
        made += [("team", name, *spot, part, float(chance[q, n]), int(size[n]), word, None) for q, part in enumerate(PARTS)]
    refused = None if placed else NOBODY
    for part in (*PARTS, "uncertain"):
        share = placed.count(part) / len(placed) if placed else None
        verdict = f"{len(placed)} teams have enough answers to be placed"
        made.append(("organisation", whole, *spot, part, share, len(told), verdict, refused))
    return made
