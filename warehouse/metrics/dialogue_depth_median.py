"""How many replies a post that begins a conversation draws.
---
question: Do conversations go anywhere?
unit: replies
better: higher
interval: given
because: fewer than 20 posts began a conversation
needs: [network]
formula: median, over posts that begin a conversation on the network, of the replies in it so far, whoever wrote them
source: interval between order statistics, Conover 1999
limits: >-
  Often 0, which says that half of all posts draw nothing. Replies come in for weeks, so the newest period is low at first.
never:
  fewer replies than none: value < 0
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.estimate import median
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with units as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level <> 'team'
),
answered as (
    select source, thread, count(*) as replies
    from staging.acts
    where channel = 'network' and verb in ('reply', 'answer') and thread is not null
    group by source, thread
),
-- Finished before anybody's units are looked up: else all days of a block meet all people of it first.
opened as materialized (
    select c.period_start, t.person, coalesce(a.replies, 0) as replies, t.opened_on > n.as_of - 7 as young
    from staging.threads as t
    cross join staging.run as n
    join staging.calendar as c on c.day = t.opened_on and c.period = '28 days'
    left join answered as a on a.source = t.source and a.thread = t.thread
    where t.channel = 'network' and t.verb = 'post'
),
posts as (
    select m.unit_level, m.unit, m.period_start, o.person, o.replies, o.young
    from opened as o
    join staging.membership as m on m.person = o.person and m.period = '28 days' and m.period_start = o.period_start
    where m.unit_level <> 'team'
)
select u.unit_level, u.unit, u.period, u.period_start, u.period_end, p.person, p.replies, p.young
from units as u
left join posts as p on p.unit_level = u.unit_level and p.unit = u.unit and p.period_start = u.period_start
"""

FEWEST = 20
COLUMNS = (*UNIT, "value", "low", "high", "n_eff", "base", "refused", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """One row for each unit and block: the median of replies to its people's posts."""
    made = []
    for key, rows_of in slices(rows, UNIT, then=("person", "replies")):
        posts = rows_of.drop_null()  # a unit without a post has one row without a person
        few = posts.num_rows < FEWEST
        told = (None, None, None) if few else median(posts.column("replies").to_numpy())
        young = any(posts.column("young").to_pylist())
        made.append((
            *key, *told, posts.num_rows, np.unique(posts.column("person").to_numpy()).size,
            f"fewer than {FEWEST} posts began a conversation" if few else None,
            "the posts of the last week may still be replied to" if young else None,
        ))  # fmt: skip
    return table(made, COLUMNS)
