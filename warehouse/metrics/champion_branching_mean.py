"""How many colleagues each champion has trained so far, and how many of those go on to train others.
---
question: Do champions reach their colleagues, and do these carry it on?
unit: colleagues per champion
better: higher
interval: given
refuse: value is null
because: fewer than 10 champions, or fewer than 10 trained colleagues, are known
needs: [learning]
formula: >-
  mean and median of distinct colleagues trained, over everyone who has been a champion so far; 'reaching 10': share of
  champions who have trained as many as the plan gives each; second generation: share of trained colleagues who have taught
  somebody on a later day
source: Student 1908 (mean); order statistics (median); Wilson 1927 (shares)
limits: >-
  Champions who have just begun count with what they have done so far, so a growing cascade looks weaker than it is. The
  two shares lie between 0 and 1. Where there is no register of champions, whoever teaches counts as one.
never:
  less than nobody: value < 0
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.estimate import mean_reached, median_reached, wilson
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with reached as (
    select h.unit_level, h.unit, h.period_start, h.person, count(t.toward) as colleagues
    from staging.champion_homes as h
    left join staging.taught as t on t.person = h.person and t.trained_on <= h.period_end
    group by h.unit_level, h.unit, h.period_start, h.person
),
learnt as (
    select h.unit_level, h.unit, h.period_start, h.period_end, t.toward as person, min(t.trained_on) as trained_on
    from staging.champion_homes as h
    join staging.taught as t on t.person = h.person and t.trained_on <= h.period_end
    group by h.unit_level, h.unit, h.period_start, h.period_end, t.toward
),
taught as (
    select person, happened_on
    from staging.acts
    where verb = 'teach' and toward is not null and toward <> person
),
-- Passing it on is an act: it needs no place in the register.
passed_on as (
    select l.unit_level, l.unit, l.period_start, l.person, max(case when t.person is null then 0 else 1 end) as colleagues
    from learnt as l
    left join taught as t on t.person = l.person and t.happened_on > l.trained_on and t.happened_on <= l.period_end
    group by l.unit_level, l.unit, l.period_start, l.person
),
counted as (
    select unit_level, unit, period_start, 'champion' as kind, person, colleagues from reached
    union all
    select unit_level, unit, period_start, 'colleague' as kind, person, colleagues from passed_on
)
select s.unit_level, s.unit, s.period, s.period_start, s.period_end, n.colleagues_each,
       (select min(provisional) from staging.champions) as provisional, c.kind, c.person, c.colleagues
from staging.spine as s
cross join staging.run as n
left join counted as c on c.unit_level = s.unit_level and c.unit = s.unit and c.period_start = s.period_start
where s.period = '28 days' and s.unit_level <> 'team'
"""

COLUMNS = (*UNIT, "part", "value", "low", "high", "n_eff", "base", "provisional")
FEWEST = 10


def figures(rows: pa.Table) -> pa.Table:
    """Four rows for each unit and block: mean, median, share who met the plan, share of the trained who train."""
    made = []
    for key, part in slices(rows, UNIT, then=("kind", "person")):
        each, provisional = (part[name][0].as_py() for name in ("colleagues_each", "provisional"))
        kind, counts = np.array(part["kind"].to_pylist(), dtype=object), np.array(part["colleagues"].to_pylist(), dtype=object)
        champions, colleagues = (counts[kind == word].astype(np.int64) for word in ("champion", "colleague"))
        told = {
            "mean": (_ends(mean_reached, champions), champions.size),
            "median": (_ends(median_reached, champions), champions.size),
            f"reaching {each}": (_share(champions >= each), champions.size),
            "second generation": (_share(colleagues > 0), colleagues.size),
        }
        made += [(*key, name, *ends, n, n, provisional) for name, (ends, n) in told.items()]
    return table(made, COLUMNS)


def _ends(estimator, counts):
    return estimator(counts) if counts.size >= FEWEST else (None, None, None)


def _share(hits):
    if hits.size < FEWEST:
        return (None, None, None)
    low, high = wilson([hits.sum()], [hits.size])
    return (float(np.mean(hits)), float(low[0]), float(high[0]))
