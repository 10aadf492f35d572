"""Of those who write, how many write positively: counted with the scorer's own errors taken out.
---
question: What share of what people write is positive?
unit: share of texts, one voice each
better: higher
interval: given
needs: [network, chat]
feeds: [texts]
formula: >-
  p = mean over authors of each one's share of texts that the scorer calls positive (tone of 0.05 or more); the share is
  (p + sp - 1) / (se + sp - 1), se and sp from the texts that the organisation labelled; n is the authors' effective number
source: Rogan & Gladen 1978; Lang & Reiczigel 2014
limits: >-
  Rests on the labelled texts being like the others. Questions are left out. What could not be read is left out, and the
  two parts say what it would be if none, or all, of that were positive. Sarcasm is beyond the scorer.
never:
  share out of range: value < 0 or value > 1
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.estimate.prevalence import rogan_gladen
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with voices as (
    select t.person, c.period, c.period_start, count(*) as texts, count(t.tone) as scored,
           count(*) filter (where t.tone >= 0.05) as positive
    from staging.texts as t
    join staging.calendar as c on c.day = t.happened_on and c.period = '28 days'
    where t.channel in ('network', 'chat') and not t.is_question
    group by t.person, c.period, c.period_start
),
units as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level <> 'team'
),
heard as (
    select m.unit_level, m.unit, m.period_start, v.person, v.texts, v.scored, v.positive
    from staging.membership as m
    join voices as v on v.person = m.person and v.period = m.period and v.period_start = m.period_start
    where m.unit_level <> 'team'
)
select u.unit_level, u.unit, u.period, u.period_start, u.period_end, h.person, coalesce(h.texts, 0) as texts,
       coalesce(h.scored, 0) as scored, coalesce(h.positive, 0) as positive,
       l.positive as labelled, l.positive_found as found, l.other, l.other_found
from units as u
cross join staging.labelled as l
left join heard as h on h.unit_level = u.unit_level and h.unit = u.unit and h.period_start = u.period_start
"""

FEWEST_LABELLED, FEWEST_TEXTS, FEWEST_AUTHORS = 50, 30, 10
COLUMNS = (*UNIT, "part", "value", "low", "high", "n_eff", "base", "refused", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """Three rows for each unit and block: the share, and what it would be had the unread been none or all positive."""
    return table([row for spot, voices in slices(rows, UNIT, then=("person",)) for row in _unit(spot, voices)], COLUMNS)


def _unit(spot: tuple[object, ...], voices: pa.Table) -> list[tuple[object, ...]]:
    texts, scored, positive, labelled, found, other, kept = (
        voices.column(name).to_numpy().astype(np.float64)
        for name in ("texts", "scored", "positive", "labelled", "found", "other", "other_found")
    )
    read = scored > 0
    authors, unread = int(read.sum()), 1 - scored.sum() / max(texts.sum(), 1)  # nobody wrote: nothing was read
    refused = _refused(authors, int(scored.sum()), float(unread), (labelled[0], found[0], other[0], kept[0]))
    if refused:
        return [(*spot, part, None, None, None, None, authors, refused, None) for part in ("", "unread none", "unread all")]
    share = positive[read] / scored[read]
    p, spread = float(share.mean()), float(share.var(ddof=1)) / authors
    effective = p * (1 - p) / spread if spread > 0 else float(authors)
    se, sp = found[0] / labelled[0], kept[0] / other[0]
    fit = rogan_gladen(p * effective, effective, se, sp, se_of=labelled[0], sp_of=other[0])
    value, low, high = (float(end) for end in (fit.value, fit.low, fit.high))
    if not fit.valid:
        why = "the scorer cannot have had the errors of the labelled texts here: label some of these"
        return [(*spot, part, None, None, None, None, authors, why, None) for part in ("", "unread none", "unread all")]
    few = "less than 80 % of the text could be read" if unread > 0.2 else None
    least, most = value * (1 - unread), value * (1 - unread) + unread
    return [
        (*spot, "", value, low, high, effective, authors, None, few),
        (*spot, "unread none", least, None, None, effective, authors, None, few),
        (*spot, "unread all", most, None, None, effective, authors, None, few),
    ]


def _refused(authors: int, scored: int, unread: float, labels: tuple[float, float, float, float]) -> str | None:
    """Why there is no share, in the order in which somebody would mend it."""
    positive, found, other, kept = labels
    if min(positive, other) < FEWEST_LABELLED:
        return "the scorer is not calibrated: label 50 positive and 50 other texts of your own ([tidemark.rules.tone])"
    if found / positive + kept / other - 1 <= 0.2:
        return "on the labelled texts the scorer is hardly better than a coin"
    if authors < FEWEST_AUTHORS or scored < FEWEST_TEXTS:
        return "fewer than 10 authors or 30 texts could be read"
    return "less than half of the text could be read" if unread > 0.5 else None
