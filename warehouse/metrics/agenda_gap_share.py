"""How far what is published is from what staff ask about.
---
question: Do we talk about what staff want to know?
unit: share of what is asked
better: lower
interval: given
because: fewer than 30 questions with a theme were asked, or fewer than 10 posts and answers with a theme were published
needs: [network, chat]
feeds: [texts]
formula: >-
  1 - sum over themes of the smaller of two shares: of the questions that staff asked, and of what the comms teams, the
  senior band and the hosts of chats published (posts that begin a conversation, and what hosts say and answer in chats);
  of several themes each counts in part
source: interval by a bootstrap over people, Efron & Tibshirani 1993
limits: >-
  Themes are told by words; what has none is in neither share. An answer has the themes of its question too. With few
  questions it leans upward. A theme is named only where at least as many people asked as the threshold says.
never:
  share out of range: value < 0 or value > 1
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import numpy as np
import pyarrow as pa

from pipeline.estimate import agenda_gap
from pipeline.families.rows import UNIT, table

QUERY = """
with blocks as (
    select unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level = 'organisation'
),
-- What is dated is finished before people are looked up: else all days of a block meet all people of it first.
said as materialized (
    select c.period_start, a.source, a.person, a.happened_at, a.verb, a.thread
    from staging.acts as a
    join staging.calendar as c on c.day = a.happened_on and c.period = '28 days'
    where a.channel = 'chat' and a.verb in ('answer', 'post')
),
hosts as (
    select distinct source, person, period_start
    from said
    where verb = 'answer'
),
posed as materialized (
    select c.period_start, q.source, q.person, q.thread, q.opened_at, q.themes
    from staging.questions as q
    join staging.calendar as c on c.day = q.opened_on and c.period = '28 days'
),
asked as (
    select q.period_start, q.person, q.source || ' ' || q.thread || ' ' || cast(epoch_us(q.opened_at) as varchar) as item, q.themes
    from posed as q
    join staging.voices as v on v.person = q.person and v.block_start = q.period_start and not v.senior and not v.comms
    left join hosts as h on h.source = q.source and h.person = q.person and h.period_start = q.period_start
    where h.person is null
),
opened as materialized (
    select c.period_start, t.source, t.person, t.opened_at
    from staging.threads as t
    join staging.calendar as c on c.day = t.opened_on and c.period = '28 days'
    where t.channel = 'network' and t.verb = 'post'
),
told_of as (
    select source, thread, list_distinct(flatten(list(themes order by themes))) as themes
    from staging.questions
    where themes is not null
    group by source, thread
),
spoken as (
    -- What begins a conversation on the network.
    select t.period_start, t.source, t.person, t.opened_at as happened_at, cast(null as varchar) as thread
    from opened as t
    join staging.voices as v on v.person = t.person and v.block_start = t.period_start and (v.senior or v.comms)
    union
    select a.period_start, a.source, a.person, a.happened_at, case when a.verb = 'answer' then a.thread end as thread
    from said as a
    join hosts as h on h.source = a.source and h.person = a.person and h.period_start = a.period_start
),
told as (
    select s.period_start, s.person, s.source || ' ' || cast(epoch_us(s.happened_at) as varchar) as item,
           list_sort(list_distinct(flatten(list(
               list_concat(coalesce(x.themes, []), coalesce(q.themes, [])) order by x.themes, q.themes
           )))) as themes
    from spoken as s
    left join staging.texts as x on x.source = s.source and x.person = s.person and x.happened_at = s.happened_at
    left join told_of as q on q.source = s.source and q.thread = s.thread
    group by s.period_start, s.person, s.source, s.happened_at
),
both_sides as (
    select period_start, 'asked' as side, person, item, themes from asked where len(themes) > 0
    union all
    select period_start, 'told' as side, person, item, themes from told where len(themes) > 0
)
select b.unit, n.k, b.period, b.period_start, b.period_end, s.side, s.person, s.item, s.themes
from blocks as b
cross join staging.run as n
left join both_sides as s on s.period_start = b.period_start
"""

SEED = 7
ASKED, TOLD = 30, 10  # fewest questions, and fewest posts and answers
NAMED, APART = 3, 0.05  # at most so many themes are named, whose shares are so far apart at least
KEY = ("unit", "k", "period", "period_start", "period_end")
COLUMNS = (*UNIT, "value", "low", "high", "n_eff", "base", "refused", "verdict")


def figures(rows: pa.Table) -> pa.Table:
    """One row for each block: the gap, and the themes that staff ask about more than is told; `n_eff` are questions."""
    keyed = sorted(rows.to_pylist(), key=lambda r: (r["period_start"], r["side"] or "", r["person"] or 0, r["item"] or ""))
    made = []
    for (unit, k, *period), block in groupby(keyed, key=lambda row: tuple(row[name] for name in KEY)):
        said = [row for row in block if row["side"]]
        sides = {side: [(row["person"], row["themes"]) for row in said if row["side"] == side] for side in ("asked", "told")}
        why = None
        if len(sides["asked"]) < ASKED:
            why = f"fewer than {ASKED} questions with a theme were asked"
        elif len(sides["told"]) < TOLD:
            why = f"fewer than {TOLD} posts and answers with a theme were published"
        base, n = len({person for person, _ in sides["asked"]}), len(sides["asked"])
        figure = (None, None, None, n, base, why, None) if why else _gap(sides, n, base, k)
        made.append(("organisation", unit, *period, *figure))
    return table(made, COLUMNS)


def _gap(sides: dict[str, list], n: int, base: int, k: int) -> tuple:
    themes = sorted({theme for side in sides.values() for _, told in side for theme in told})
    found = agenda_gap(*(_weights(sides[side], themes) for side in ("asked", "told")), seed=SEED)
    askers = Counter(theme for person_themes in _by_person(sides["asked"]).values() for theme in person_themes)
    ahead = sorted((told - asked, theme) for theme, asked, told in zip(themes, found.asked, found.told, strict=True))
    more = [theme for less, theme in ahead if less <= -APART and askers[theme] >= k][:NAMED]
    verdict = f"staff ask more than is told about {', '.join(more)}" if more else None
    return found.value, found.low, found.high, n, base, None, verdict


def _by_person(side: list[tuple[int, list[str]]]) -> dict[int, set[str]]:
    people: dict[int, set[str]] = {}
    for person, themes in side:
        people.setdefault(person, set()).update(themes)
    return people


def _weights(side: list[tuple[int, list[str]]], themes: list[str]) -> np.ndarray:
    """People x themes: each question or post counts 1 in all."""
    people = {person: n for n, person in enumerate(sorted({person for person, _ in side}))}
    weights = np.zeros((len(people), len(themes)))
    for person, about in side:
        for theme in about:
            weights[people[person], themes.index(theme)] += 1 / len(about)
    return weights
