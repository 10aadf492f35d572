"""How many of a team are active, allowing for what chance does to a small team.
---
question: How active is a team, apart from chance?
version: 2
unit: share of people
better: higher
interval: given
needs: [network, chat, intranet, learning]
counts: [roster]
formula: >-
  people of the team with any act in the 28 days / people of the team, drawn to the mean of all teams as far as the team
  is small (beta-binomial, fitted by maximum likelihood over the teams of the block). Who was active and who was not is
  chance only as far as it changes: where r is the correlation within teams of this block with the one before, a person
  counts for 1 / (1 - r). Parts: reached (anything of their own accord), participated (wrote something)
source: Gelman et al., Bayesian Data Analysis, chapter 5; Fleiss, Levin & Paik, Statistical Methods for Rates, chapter 18
because: fewer than ten teams are there to learn from, or the team has fewer than 10 people
limits: >-
  An estimate of what can be expected of the people who are in the team, not the count of them: active_share has the count.
  The first block has none before it: there every difference is taken for chance. Teams are not ranked; where two intervals
  overlap they cannot be told apart.
never:
  share out of range: value < 0 or value > 1
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.estimate.pooling_shares import beta_binomial, steadiness
from pipeline.families.rows import slices, table

QUERY = """
with parts as (
    select part
    from (values (''), ('reached'), ('participated')) as p(part)
),
did as (
    select p.part, m.person, m.period, m.period_start, m.period_end, m.unit,
           a.person is not null and case p.part when '' then true when 'reached' then a.voluntary_acts > 0
                                                else a.contributory_acts > 0 end as active
    from staging.membership as m
    cross join parts as p
    left join staging.activity as a
      on a.person = m.person and a.period = m.period and a.period_start = m.period_start
    where m.period = '28 days' and m.unit_level = 'team'
)
select n.part, n.period, n.period_start, n.period_end, n.unit, count(*) filter (where n.active) as hits, count(*) as people,
       count(b.person) as stayed, count(b.person) filter (where n.active) as stayed_active,
       count(*) filter (where b.active) as before, count(*) filter (where b.active and n.active) as twice
from did as n
left join did as b on b.person = n.person and b.part = n.part and b.period_start = n.period_start - 28
group by n.part, n.period, n.period_start, n.period_end, n.unit
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
    known = 1 / (1 - steadiness(*(teams.column(name).to_numpy() for name in ("stayed", "stayed_active", "before", "twice"))))
    fit = beta_binomial(known * hits, known * people)
    small = people < FEWEST_PEOPLE
    ends = [np.where(small, np.nan, end).tolist() for end in (fit.shrunken, fit.shrunken_low, fit.shrunken_high)]
    return [
        (*spot, "team", name, *(None if few else end for end in told), int(n),
         f"the team has fewer than {FEWEST_PEOPLE} people" if few else None)
        for name, n, few, *told in zip(names, people, small, *ends, strict=True)
    ]  # fmt: skip
