"""Whether people adopt soon after those whom they address, more often than soon before them.
---
question: Do people follow people?
version: 2
unit: p-value
better: none
interval: none
needs: [network, chat]
because: too few ties between adopters
formula: >-
  ties of the newest 84 days (who addressed whom) between people who had both adopted before these days; statistic: ties whose
  ego adopted 1 to 28 days after the alter, less those whose ego adopted 1 to 28 days before, over its standard error (each
  person's ties are one accident); against 999 shuffles of the dates among the adopters of one team, one quarter of joining
  and one era of 56 days; p = (1 + shuffles with as great a one) / 1000. Above 10,000 people shuffling stops at the 20th
source: Anagnostopoulos, Kumar & Mahdian 2008; Chung & Romano 2013; Besag & Clifford 1991
limits: >-
  A yes or no about timing, never a size of influence, and never about a pair. Likeness and shared events bring dates together
  but have no direction, so they do not count; where whoever begins first is heard more for another reason, it can look like
  influence. Influence of longer than 28 days, over ties that are no longer used, or among those who address each other alike,
  is not seen: of simulated departments with influence it is found in four of ten. A p above 0.05 says that the two cannot be
  separated, not that there is no influence.
never:
  no probability: value <= 0 or value > 1
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.estimate.influence import CONSISTENT, shuffle_test
from pipeline.families.rows import UNIT, table

# The ties are of days after all adoptions that are looked at: the reply by which somebody became an adopter went to an
# earlier adopter by necessity, and would be taken for influence.
QUERY = """
with newest as (
    select max(period_start) as period_start
    from staging.membership
    where period = '28 days'
),
joined as (
    select person, min(valid_from) as joined_on
    from staging.roster
    group by person
),
people as (
    select m.person, m.unit, m.period_start, m.period_end, p.team, date_trunc('quarter', j.joined_on) as quarter, a.adopted_on
    from staging.membership as m
    join newest as n on n.period_start = m.period_start
    join staging.placements as p on p.block_start = m.period_start and p.person = m.person
    join joined as j on j.person = m.person
    left join staging.adoptions as a on a.person = m.person and a.adopted_on <= m.period_end - 84
    where m.period = '28 days' and m.unit_level = 'organisation'
)
select e.person, e.unit, e.period_start, e.period_end, coalesce(e.team, '') as team, cast(e.quarter as date) as quarter,
       e.adopted_on, cast(null as integer) as toward
from people as e
union all
select distinct t.person, e.unit, e.period_start, e.period_end, null, cast(null as date), cast(null as date), t.toward
from staging.ties as t
join people as e on e.person = t.person and e.adopted_on is not null
join people as f on f.person = t.toward and f.adopted_on is not null
where t.happened_on > e.period_end - 84 and t.happened_on <= e.period_end
"""

SEED, FEWEST = 7, 50
COLUMNS = (*UNIT, "value", "n_eff", "base", "refused", "verdict")


def figures(rows: pa.Table) -> pa.Table:
    """One row, of the newest block; `verdict` holds the words that may be said."""
    told = rows.to_pylist()
    people = sorted((row for row in told if row["toward"] is None), key=lambda row: row["person"])
    if not people:
        return table([], COLUMNS)
    place = {row["person"]: n for n, row in enumerate(people)}
    ties = sorted((place[row["person"]], place[row["toward"]]) for row in told if row["toward"] is not None)
    tied = len({person for tie in ties for person in tie})
    spot = {key: people[0][key] for key in ("unit", "period_start", "period_end")}
    made = {"unit_level": "organisation", "period": "28 days", **spot, "n_eff": len(ties), "base": tied, **_told(people, ties)}
    return table([made], COLUMNS)


def _told(people: list[dict[str, Any]], ties: list[tuple[int, int]]) -> dict[str, Any]:
    if len(ties) < FEWEST:
        return {"refused": f"fewer than {FEWEST} ties between people who had adopted 84 days ago"}
    found = shuffle_test(
        [ego for ego, _ in ties], [alter for _, alter in ties],
        np.array([row["adopted_on"].toordinal() if row["adopted_on"] else np.nan for row in people]),
        np.array([row["team"] for row in people]), np.array([row["quarter"].toordinal() for row in people]), seed=SEED,
    )  # fmt: skip
    why = "" if found.words == CONSISTENT else " peer influence from likeness and shared events"
    return {"value": found.p, "verdict": found.words + why}
