/*
Where new adopters come from: of those with no sign from above, the share whom a colleague brought; and each way by itself.
---
question: Where do new adopters come from?
unit: share of new adopters
better: none
interval: wilson
needs: [network, chat]
refuse: n_eff < 20
because: fewer than 20 people became adopters in these 28 days
formula: >-
  headline: attributed / (attributed + unattributed). Parts, of all new adopters: trainer (a record names one),
  invite, reply and mention (the first words went to an earlier adopter), imported (a broadcast, campaign, course or first
  week at work, and no colleague on record), unattributed (neither, or a colleague's trace in the week after a broadcast).
  The best evidence counts, in this order
limits: >-
  What left no trace is unattributed, not spontaneous. A reply to an adopter may be chance. Broadcasts count only where the
  register of events has them, and the organisation's own voice only where its teams are named ([tidemark.rules]).
never:
  more than all: hits > n_eff
unique: [unit_level, unit, part, period, period_start]
*/
with blocks as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level = 'organisation'
),
parts as (
    select part
    from (values (''), ('trainer'), ('invite'), ('reply'), ('mention'), ('imported'), ('unattributed')) as p(part)
)
select b.unit_level, b.unit, p.part, b.period, b.period_start, b.period_end,
       count(a.person) filter (where case when p.part = '' then a.kind = 'attributed' else coalesce(a.way, a.kind) = p.part end) as hits,
       count(a.person) filter (where p.part <> '' or a.kind <> 'imported') as n_eff,
       count(a.person) filter (where p.part <> '' or a.kind <> 'imported') as base,
       case when b.period_end > n.as_of - 28 then 'the newest 28 days may still change' end as provisional
from blocks as b
cross join staging.run as n
cross join parts as p
left join staging.adoptions as a on a.adopted_on between b.period_start and b.period_end
group by b.unit_level, b.unit, p.part, b.period, b.period_start, b.period_end, n.as_of
