/*
What each person did in each period, counted once for all metrics. Who did nothing has no row: membership has them.

Contributory: post, reply, ask, answer or mention on a voluntary channel (network, chat), not mandatory.
Interactive: post, reply, react or mention.
---
never:
  activity of nobody: person is null
*/
with daily as (
    -- A channel is a bit, so that those of a period are counted without keeping each apart.
    select person, happened_on, case channel when 'network' then 1 when 'chat' then 2 when 'intranet' then 4 else 8 end as place,
           count(*) as acts,
           count(*) filter (where not mandatory) as voluntary_acts,
           count(*) filter (
               where not mandatory and channel in ('network', 'chat') and verb in ('post', 'reply', 'ask', 'answer', 'mention')
           ) as contributory_acts,
           count(*) filter (where not mandatory and verb in ('post', 'reply', 'react', 'mention')) as interactive_acts,
           count(*) filter (where not mandatory and verb = 'learn') as completions
    from staging.acts
    group by person, channel, happened_on
)
select d.person, c.period, c.period_start,
       cast(sum(d.acts) as bigint) as acts,
       cast(sum(d.voluntary_acts) as bigint) as voluntary_acts,
       cast(sum(d.contributory_acts) as bigint) as contributory_acts,
       cast(sum(d.interactive_acts) as bigint) as interactive_acts,
       cast(sum(d.completions) as bigint) as completions,
       bit_count(bit_or(case when d.voluntary_acts = 0 then 0 else d.place end)) as channels
from daily as d
join staging.calendar as c on c.day = d.happened_on
group by d.person, c.period, c.period_start
