/*
How many colleagues the champions have trained so far: of the plan, of the roster, and in how many teams.
---
question: How far have the champions come with teaching?
unit: share
better: higher
refuse: champions = 0
because: no champion is known yet
needs: [learning]
formula: >-
  of target: distinct colleagues trained so far / (everyone who has been a champion so far x the colleagues that the plan
  gives each); of eligible: people on the roster who were trained / people on the roster; teams: teams with at least one
  trained / teams
limits: >-
  Counted to the end of the block since the sources began; teaching before that, or without a record of who taught, is not
  seen. A directorate's target counts what its own champions trained, wherever those people work. Where there is no
  register of champions, whoever teaches counts as one.
never:
  more people than the roster: part <> 'of target' and hits > n_eff
unique: [unit_level, unit, part, period, period_start]
*/
with lessons as (
    select h.unit_level, h.unit, h.period_start, t.toward
    from staging.champion_homes as h
    join staging.taught as t on t.person = h.person and t.trained_on <= h.period_end
),
reached as (
    select unit_level, unit, period_start, count(distinct toward) as trained
    from lessons
    group by unit_level, unit, period_start
),
planned as (
    select unit_level, unit, period_start, count(*) as champions, min(provisional) as provisional
    from staging.champion_homes
    group by unit_level, unit, period_start
),
involved as (
    select unit_level, unit, period_start, count(distinct person) as people
    from (
        select unit_level, unit, period_start, person from staging.champion_homes
        union all
        select unit_level, unit, period_start, toward from lessons
    )
    group by unit_level, unit, period_start
),
first_trained as (
    select toward as person, min(trained_on) as trained_on
    from staging.taught
    group by toward
),
staffed as (
    select m.unit_level, m.unit, m.period_start, count(*) as roster, count(f.person) as trained
    from staging.membership as m
    left join first_trained as f on f.person = m.person and f.trained_on <= m.period_end
    where m.period = '28 days' and m.unit_level <> 'team'
    group by m.unit_level, m.unit, m.period_start
),
in_teams as (
    select m.unit_level, m.unit, m.period_start, count(distinct t.unit) as teams,
           count(distinct t.unit) filter (where f.person is not null) as teams_reached
    from staging.membership as m
    join staging.membership as t
      on t.person = m.person and t.unit_level = 'team' and t.period = m.period and t.period_start = m.period_start
    left join first_trained as f on f.person = m.person and f.trained_on <= m.period_end
    where m.period = '28 days' and m.unit_level <> 'team'
    group by m.unit_level, m.unit, m.period_start
)
select s.unit_level, s.unit, r.part, s.period, s.period_start, s.period_end,
       coalesce(case r.part when 'of target' then p.champions else o.champions end, 0) as champions,
       case r.part when 'of target' then coalesce(d.trained, 0) when 'of eligible' then f.trained else coalesce(i.teams_reached, 0)
       end as hits,
       case r.part when 'of target' then coalesce(p.champions, 0) * n.colleagues_each when 'of eligible' then f.roster
                   else coalesce(i.teams, 0) end as n_eff,
       case r.part when 'of target' then coalesce(v.people, f.roster) else f.roster end as base,
       o.provisional
from staging.spine as s
cross join staging.run as n
cross join (values ('of target'), ('of eligible'), ('teams')) as r(part)
join staffed as f on f.unit_level = s.unit_level and f.unit = s.unit and f.period_start = s.period_start
left join planned as p on p.unit_level = s.unit_level and p.unit = s.unit and p.period_start = s.period_start
left join planned as o on o.unit_level = 'organisation' and o.period_start = s.period_start
left join reached as d on d.unit_level = s.unit_level and d.unit = s.unit and d.period_start = s.period_start
left join involved as v on v.unit_level = s.unit_level and v.unit = s.unit and v.period_start = s.period_start
left join in_teams as i on i.unit_level = s.unit_level and i.unit = s.unit and i.period_start = s.period_start
where s.period = '28 days' and s.unit_level <> 'team'
