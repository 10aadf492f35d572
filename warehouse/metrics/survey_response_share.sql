/*
Of the people on the roster, the share who answered a wave of the survey.
---
question: Whom does the survey hear?
unit: share of people
better: higher
interval: none
needs: [roster]
feeds: [answers]
counts: [roster, respondents]
formula: people on the roster who answered at least one question of a wave that ended in the 28 days, by name or by where they say they work / people on the roster
limits: Who answers without a name is counted where the survey says they work; answering twice under two links counts twice. Who answers is not who does not.
never:
  more answers than people: value > 1
unique: [unit_level, unit, period, period_start]
*/
with spots as (
    select unit_level, unit, period, period_start, period_end, people
    from staging.spine
    where period = '28 days' and period_start in (select block_start from staging.waves)
),
heard as (
    select distinct block_start, person, directorate, team
    from staging.answers
),
replies as (
    select block_start, 'organisation' as unit_level, (select organisation from staging.run) as unit, count(distinct person) as heard
    from heard
    group by block_start
    union all
    select block_start, 'directorate' as unit_level, directorate as unit, count(distinct person) as heard
    from heard
    where directorate is not null
    group by block_start, directorate
    union all
    select block_start, 'team' as unit_level, team as unit, count(distinct person) as heard
    from heard
    where team is not null
    group by block_start, team
)
select s.unit_level, s.unit, s.period, s.period_start, s.period_end,
       case when s.period_start in (select block_start from heard) then least(coalesce(r.heard, 0), s.people) / s.people end as value,
       s.people as base
from spots as s
left join replies as r on r.block_start = s.period_start and r.unit_level = s.unit_level and r.unit = s.unit
