"""How much more people take part after a course than before, compared with colleagues who took none.
---
question: Does training show on the other channels?
unit: percentage points
better: higher
interval: given
because: fewer than 20 people finished a course by choice whom colleagues can be compared with, or the 28 days after are not over
needs: [learning]
formula: >-
  mean over people who finished a course that was not mandatory of (active in the 28 days after it - active in the 28 days
  before), less the same change, over the same days, of the colleagues of their directorate who finished none in these weeks;
  active is any act on a network, in a chat or on the intranet that was not mandatory
source: difference of differences; Student's interval over the pairs
limits: >-
  Volunteers may have been on the way up without the course, which a comparison with colleagues does not take out. Who finished
  several courses counts with the first of the period. Pairs share colleagues, so the interval is a little too narrow.
never:
  more than all: value < -200 or value > 200
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.estimate import matched_changes, mean_change
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with blocks as (
    select distinct period, period_start, period_end, period_start - 28 as first_day
    from staging.calendar
    where period = '28 days'
),
done as (
    select b.period_start, a.person, cast(a.happened_on - b.first_day as bigint) as day, a.channel = 'learning' as learned
    from blocks as b
    join staging.acts as a on a.happened_on between b.first_day and b.period_end + 28
    where not a.mandatory
      and (a.channel in ('network', 'chat', 'intranet') or (a.channel = 'learning' and a.verb = 'learn'))
),
-- The 84 days around a block as bits, 42 to a number: nobody's days are kept apart.
days as (
    select period_start, person,
           bit_or(case when not learned and day < 42 then cast(1 as bigint) << day else 0 end) as active_first,
           bit_or(case when not learned and day >= 42 then cast(1 as bigint) << (day - 42) else 0 end) as active_last,
           bit_or(case when learned and day < 42 then cast(1 as bigint) << day else 0 end) as learned_first,
           bit_or(case when learned and day >= 42 then cast(1 as bigint) << (day - 42) else 0 end) as learned_last
    from done
    group by period_start, person
),
stays as (
    select person, min(valid_from) as first_day, max(valid_to) as until
    from staging.roster
    group by person
),
begun as (
    select min(day) as first_day
    from staging.coverage
    where seen and channel in ('network', 'chat', 'intranet')
)
select n.organisation, b.period, b.period_start, b.period_end, p.directorate, p.person,
       cast(greatest(s.first_day - b.first_day, -1) as integer) as there_from,
       cast(least(s.until - 1 - b.first_day, 84) as integer) as there_to,
       coalesce(d.active_first, 0) as active_first, coalesce(d.active_last, 0) as active_last,
       coalesce(d.learned_first, 0) as learned_first, coalesce(d.learned_last, 0) as learned_last,
       coalesce(g.first_day > b.first_day, true) as unknown, b.period_end + 28 > n.as_of as pending
from blocks as b
cross join staging.run as n
cross join begun as g
join staging.placements as p on p.block_start = b.period_start
join stays as s on s.person = p.person
left join days as d on d.period_start = b.period_start and d.person = p.person
"""

FEWEST, WINDOW, HALF = 20, 28, 42
KEY = ("organisation", "period", "period_start", "period_end", "unknown", "pending")
COLUMNS = (*UNIT, "value", "low", "high", "base", "refused")


def figures(rows: pa.Table) -> pa.Table:
    """One row for each unit and block: the mean change in percentage points beyond that of colleagues."""
    made = []
    for (organisation, *period, unknown, pending), people in slices(rows, KEY, then=("person",)):
        changes, homes, names = _changes(people)
        units = [("organisation", organisation, changes)]
        units += [("directorate", name, changes[homes == name]) for name in names]
        for level, unit, own in units:
            why = None
            if pending:
                why = "the 28 days after the courses are not over"
            elif unknown:
                why = "nothing is known of the 28 days before"
            elif own.size < FEWEST:
                why = f"fewer than {FEWEST} people finished a course by choice"
            told = (None, None, None) if why else tuple(100 * end for end in mean_change(own))
            made.append((level, unit, *period, *told, own.size, why))
    return table(made, COLUMNS)


def _changes(people: pa.Table) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Each learner's change beyond that of colleagues, for the first course of the block, its directorate, and all of these."""
    active = _days(people, "active")
    who, when = np.nonzero(_days(people, "learned"))
    inside = (when >= WINDOW) & (when < 2 * WINDOW)
    first = np.zeros(who.size, dtype=bool)
    first[np.flatnonzero(inside)[np.unique(who[inside], return_index=True)[1]]] = True  # days are in order
    named = people.column("directorate").fill_null("").combine_chunks().dictionary_encode()
    homes, group = np.array(named.dictionary.to_pylist(), dtype=str), named.indices.to_numpy()
    there = np.stack([people.column(name).to_numpy() for name in ("there_from", "there_to")], axis=1)
    changes = matched_changes(active, group, there, who, when, window=WINDOW)
    kept = first & ~np.isnan(changes)
    return changes[kept], homes[group[who[kept]]], sorted(set(homes[np.unique(group)].tolist()) - {""})


def _days(people: pa.Table, kind: str) -> np.ndarray:
    """For each person and each of the 84 days whether the bit is set."""
    halves = [people.column(f"{kind}_{half}").to_numpy().astype(np.int64) for half in ("first", "last")]
    return np.concatenate([(half[:, None] >> np.arange(HALF)) & 1 for half in halves], axis=1).astype(bool)
