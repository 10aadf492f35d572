/*
Of the people who do more at home than at work, what holds them back at work: being able, being sure, or having access.
---
question: What stands in the way at work?
unit: share of the people with a gap
better: none
interval: wilson
refuse: base < 10
because: fewer than 10 people do more at home than at work and answered the other three questions
needs: [roster]
feeds: [answers]
formula: of the respondents whose score at home is 10 points or more above that at work, the share whose lowest score is capability, confidence or access; more than one where two are lowest together
limits: The lowest of three answers is a sign, not a cause. Access is what people say of their tools and permissions, not what IT has on record.
never:
  more people than have a gap: hits > base
unique: [unit_level, unit, part, period, period_start]
*/
with told as (
    select block_start, person, directorate, max(score) filter (where axis = 'home') as home,
           max(score) filter (where axis = 'work') as work, max(score) filter (where axis = 'capability') as capability,
           max(score) filter (where axis = 'confidence') as confidence, max(score) filter (where axis = 'access') as access
    from staging.answers
    group by block_start, person, directorate
),
held as (
    select block_start, person, directorate, least(capability, confidence, access) as lowest, capability, confidence, access
    from told
    where home - work >= 10 and capability is not null and confidence is not null and access is not null
),
limited as (
    select block_start, person, directorate,
           case when cast(capability = lowest as integer) + cast(confidence = lowest as integer)
                     + cast(access = lowest as integer) > 1 then 'more than one'
                when capability = lowest then 'capability' when confidence = lowest then 'confidence'
                else 'access' end as held_by
    from held
),
parts as (
    select part
    from (values ('capability'), ('confidence'), ('access'), ('more than one')) as p(part)
),
units as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level <> 'team' and period_start in (select block_start from staging.waves)
)
select u.unit_level, u.unit, p.part, u.period, u.period_start, u.period_end,
       count(l.person) filter (where l.held_by = p.part) as hits, count(l.person) as base
from units as u
cross join staging.run as n
cross join parts as p
left join limited as l
  on l.block_start = u.period_start and u.unit = case u.unit_level when 'directorate' then l.directorate else n.organisation end
group by u.unit_level, u.unit, p.part, u.period, u.period_start, u.period_end
