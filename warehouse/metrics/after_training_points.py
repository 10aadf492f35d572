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
    select distinct period, period_start, period_end, period_start - 28 as first_day,
           cast(floor((period_start - date '2024-01-01') / 28) as integer) as nth
    from staging.calendar
    where period = '28 days'
),
done as (
    select person, cast(floor((happened_on - date '2024-01-01') / 28) as integer) as nth,
           (happened_on - date '2024-01-01') - 28 * cast(floor((happened_on - date '2024-01-01') / 28) as integer) as day,
           channel = 'learning' as learned
    from staging.acts
    where not mandatory
      and (channel in ('network', 'chat', 'intranet') or (channel = 'learning' and verb = 'learn'))
),
-- The 28 days of a block as bits: nobody's days are kept apart, and each act is looked at once for its three blocks.
days as (
    select nth, person, bit_or(case when learned then 0 else cast(1 as bigint) << day end) as active,
           bit_or(case when learned then cast(1 as bigint) << day else 0 end) as learned
    from done
    group by nth, person
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
       coalesce(e.active, 0) as active_before, coalesce(d.active, 0) as active, coalesce(f.active, 0) as active_after,
       coalesce(e.learned, 0) as learned_before, coalesce(d.learned, 0) as learned, coalesce(f.learned, 0) as learned_after,
       coalesce(g.first_day > b.first_day, true) as unknown, b.period_end + 28 > n.as_of as pending
from blocks as b
cross join staging.run as n
cross join begun as g
join staging.placements as p on p.block_start = b.period_start
join stays as s on s.person = p.person
left join days as d on d.nth = b.nth and d.person = p.person
left join days as e on e.nth = b.nth - 1 and e.person = p.person
left join days as f on f.nth = b.nth + 1 and f.person = p.person
"""

FEWEST, WINDOW = 20, 28
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
    blocks = [people.column(name).to_numpy().astype(np.int64) for name in (f"{kind}_before", kind, f"{kind}_after")]
    return np.concatenate([(block[:, None] >> np.arange(WINDOW)) & 1 for block in blocks], axis=1).astype(bool)
