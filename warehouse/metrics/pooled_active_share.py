"""How many of a team are active, allowing for what chance does to a small team.
---
question: How active is a team, apart from chance?
unit: share of people
better: higher
interval: given
needs: [network, chat, intranet, learning]
counts: [roster]
formula: >-
  people of the team with any act in the 28 days / people of the team, drawn to the mean of all teams as far as the team
  is small (beta-binomial, fitted by maximum likelihood over the teams of the block); parts: reached (anything of their own
  accord), participated (wrote something)
source: Gelman et al., Bayesian Data Analysis, chapter 5
because: fewer than ten teams are there to learn from, or the team has fewer than 10 people
limits: >-
  An estimate of the team, not the count of it: active_share has the count. Teams are not ranked; where two intervals
  overlap they cannot be told apart.
never:
  share out of range: value < 0 or value > 1
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.estimate.pooling_shares import beta_binomial
from pipeline.families.rows import slices, table

QUERY = """
with parts as (
    select part
    from (values (''), ('reached'), ('participated')) as p(part)
)
select p.part, m.period, m.period_start, m.period_end, m.unit,
       count(a.person) filter (where case p.part when '' then true when 'reached' then a.voluntary_acts > 0
                                                 else a.contributory_acts > 0 end) as hits,
       count(*) as people
from staging.membership as m
cross join parts as p
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start
where m.period = '28 days' and m.unit_level = 'team'
group by p.part, m.period, m.period_start, m.period_end, m.unit
"""

SPOT = ("part", "period", "period_start", "period_end")
FEWEST_TEAMS, FEWEST_PEOPLE = 10, 10
COLUMNS = ("part", "period", "period_start", "period_end", "unit_level", "unit", "value", "low", "high", "base", "refused")


def figures(rows: pa.Table) -> pa.Table:
    """A row for each team, part and block."""
    return table([row for spot, teams in slices(rows, SPOT, then=("unit",)) for row in _block(spot, teams)], COLUMNS)


def _block(spot: tuple[object, ...], teams: pa.Table) -> list[tuple[object, ...]]:
    names = teams.column("unit").to_pylist()
    hits, people = (teams.column(name).to_numpy() for name in ("hits", "people"))
    if len(names) < FEWEST_TEAMS:
        return [(*spot, "team", name, None, None, None, int(n), f"fewer than {FEWEST_TEAMS} teams to learn from")
                for name, n in zip(names, people, strict=True)]  # fmt: skip
    fit = beta_binomial(hits, people)
    small = people < FEWEST_PEOPLE
    ends = [np.where(small, np.nan, end).tolist() for end in (fit.shrunken, fit.shrunken_low, fit.shrunken_high)]
    return [
        (*spot, "team", name, *(None if few else end for end in told), int(n),
         f"the team has fewer than {FEWEST_PEOPLE} people" if few else None)
        for name, n, few, *told in zip(names, people, small, *ends, strict=True)
    ]  # fmt: skip
