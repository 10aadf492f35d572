"""How much less often questions on jobs, pay, pensions and closures are answered than all others.
---
question: Do we answer the hard questions?
unit: percentage points
better: lower
interval: given
because: fewer than 10 questions were asked on hard themes, or fewer than 10 on others
needs: [chat]
formula: >-
  share of questions in chats on other themes answered within 5 working days - share of questions on hard themes; hard are
  the themes that the list of themes calls so
source: Newcombe 1998, method 10
limits: >-
  A theme is told by words, so a hard question that names none of them counts with the others. Any answer counts. The
  interval takes questions as independent. The people behind it are those who asked, of the two kinds the fewer.
never:
  more than all: value < -100 or value > 100
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.estimate import newcombe
from pipeline.families.rows import UNIT, table

QUERY = """
with asked as (
    select c.period_start, q.person, q.answered_on is not null and q.answered_on <= q.due_on as answered,
           q.answered_on is null and q.due_on >= n.as_of as pending,
           exists (select 1 from staging.themes as t where t.hard and list_contains(q.themes, t.theme)) as hard
    from staging.questions as q
    cross join staging.run as n
    join staging.calendar as c on c.day = q.opened_on and c.period = '28 days'
    where q.channel = 'chat' and q.verb = 'ask' and q.themes is not null
)
select b.unit, b.period, b.period_start, b.period_end,
       count(a.person) filter (where a.hard) as hard, count(a.person) filter (where a.hard and a.answered) as hard_answered,
       count(a.person) filter (where not a.hard) as other,
       count(a.person) filter (where not a.hard and a.answered) as other_answered,
       least(count(distinct a.person) filter (where a.hard), count(distinct a.person) filter (where not a.hard)) as base,
       count(a.person) filter (where a.pending) as pending
from (
    select unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level = 'organisation'
) as b
left join asked as a on a.period_start = b.period_start
group by b.unit, b.period, b.period_start, b.period_end
"""

FEWEST = 10
COLUMNS = (*UNIT, "value", "low", "high", "n_eff", "base", "refused", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """One row for each block: the difference in percentage points; `n_eff` are questions of both kinds."""
    made = []
    for row in rows.sort_by("period_start").to_pylist():
        few = [kind for kind in ("hard", "other") if row[kind] < FEWEST]
        told = newcombe(row["other_answered"], row["other"], row["hard_answered"], row["hard"])
        value, low, high = (None, None, None) if few else (100 * end for end in told)
        made.append({
            **{name: row[name] for name in ("unit", "period", "period_start", "period_end", "base")},
            "unit_level": "organisation", "value": value, "low": low, "high": high, "n_eff": row["hard"] + row["other"],
            "refused": f"fewer than {FEWEST} questions were asked on {' and on '.join(few)} themes" if few else None,
            "provisional": "some questions are still within their 5 working days" if row["pending"] else None,
        })  # fmt: skip
    return table(made, COLUMNS)
