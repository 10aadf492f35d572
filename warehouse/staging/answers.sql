/*
What each respondent of a survey said, as one score an axis, in the block of 28 days in which the wave's last answer lies.

A wave ends where no answer comes for more than 28 days. Where somebody works is the roster's to say; of whom no roster
knows, the survey's word counts, under the name that others of that team or directorate count under.
---
never:
  answer of nobody: person is null
  score outside its scale: score < 0 or score > 100
unique: [source, block_start, person, axis]
*/
with told as (
    select a.source, p.person, cast((a.happened_at at time zone n.zone) as date) as happened_on, i.axis,
           cast(a.answer as decimal(9, 4)) as answer, nullif(trim(a.directorate), '') as directorate, nullif(trim(a.team), '') as team
    from each.answers as a
    join staging.items as i on i.item = a.item
    cross join staging.run as n
    left join staging.people as p on p.pseudonym = a.person
),
marked as (
    select source, happened_on,
           case when happened_on - lag(happened_on) over (partition by source order by happened_on) > 28 then 1 else 0 end as begins
    from (select distinct source, happened_on from told)
),
numbered as (
    select source, happened_on, sum(begins) over (partition by source order by happened_on) as wave
    from marked
),
waves as (
    select source, happened_on, max(happened_on) over (partition by source, wave) as wave_end
    from numbered
),
scored as (
    select t.source, c.block_start, c.frozen_on, t.person, t.axis,
           cast(sum(t.answer) / count(*) as decimal(9, 4)) as score, max(t.directorate) as directorate, max(t.team) as team
    from told as t
    join waves as w on w.source = t.source and w.happened_on = t.happened_on
    join staging.calendar as c on c.day = w.wave_end and c.period = '28 days'
    group by t.source, c.block_start, c.frozen_on, t.person, t.axis
),
houses as (
    select p.block_start, r.team, r.directorate, min(p.team) as placed_team, min(p.directorate) as placed_directorate
    from (select distinct block_start, frozen_on from scored) as s
    join staging.placements as p on p.block_start = s.block_start
    join staging.roster as r on r.person = p.person and r.valid_from <= s.frozen_on and r.valid_to > s.frozen_on
    group by p.block_start, r.team, r.directorate
),
homes as (
    select block_start, directorate, min(placed_directorate) as placed_directorate
    from houses
    group by block_start, directorate
)
select s.source, s.block_start, s.person, s.axis, s.score,
       case when p.person is null then coalesce(h.placed_directorate, d.placed_directorate) else p.directorate end as directorate,
       case when p.person is null then h.placed_team else p.team end as team
from scored as s
left join staging.placements as p on p.block_start = s.block_start and p.person = s.person
left join houses as h
  on h.block_start = s.block_start and h.team = s.team and (s.directorate is null or h.directorate = s.directorate)
left join homes as d on d.block_start = s.block_start and d.directorate = s.directorate
