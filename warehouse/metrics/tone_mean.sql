/*
How positive what people write reads: one voice each, whoever writes most.
---
question: What is the mood?
unit: uncalibrated tone index from -1 to 1
better: higher
interval: none
refuse: base < 10 or scored < 30 or 2 * scored < texts
because: fewer than 10 authors or 30 posts could be read, or less than half of the text
needs: [network, chat]
feeds: [texts]
counts: [authors]
formula: mean over authors of each one's mean tone; questions are not mood and are left out
limits: No labelled set of this organisation stands behind it, so it has no interval; sarcasm and languages that the scorer does not know are not read.
never:
  tone out of range: value < -1 or value > 1
unique: [unit_level, unit, period, period_start]
*/
with voices as (
    select t.person, c.period, c.period_start, count(*) as texts, count(t.tone) as scored,
           cast(sum(cast(t.tone as decimal(9, 6))) / count(t.tone) as decimal(9, 6)) as mood
    from staging.texts as t
    join staging.calendar as c on c.day = t.happened_on and c.period = '28 days'
    where t.channel in ('network', 'chat') and not t.is_question
    group by t.person, c.period, c.period_start
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       sum(v.mood) / count(v.mood) as value, count(v.mood) as base,
       coalesce(sum(v.scored), 0) as scored, coalesce(sum(v.texts), 0) as texts,
       case when 10 * sum(v.scored) < 8 * sum(v.texts) then 'less than 80 % of the text could be read' end as provisional
from staging.membership as m
left join voices as v
  on v.person = m.person and v.period = m.period and v.period_start = m.period_start
where m.period = '28 days' and m.unit_level <> 'team'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end
