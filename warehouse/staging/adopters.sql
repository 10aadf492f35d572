/*
When each person became an adopter, under each variant of the rule: the day of the `days`-th distinct contributory day
within any 28 days, on at least `channels` voluntary channels in these 28 days. Never back-dated: `first_on`, the first of
the days that made the adopter, only says when it began.

The rule of the headline is the organisation's own number of days (3 unless set) on 1 channel; the others are its
sensitivity band.
---
never:
  adopter after the run's day: adopted_on > (select as_of from staging.run)
unique: [person, days, channels]
*/
with contributed as (
    select person, happened_on,
           max(case when channel = 'network' then 1 else 0 end) as network,
           max(case when channel = 'chat' then 1 else 0 end) as chat
    from staging.acts
    where not mandatory and channel in ('network', 'chat') and verb in ('post', 'reply', 'ask', 'answer', 'mention')
    group by person, happened_on
),
looked_back as (
    select person, happened_on, min(happened_on) over recently as first_on, count(*) over recently as days,
           max(network) over recently + max(chat) over recently as channels
    from contributed
    window recently as (
        partition by person order by happened_on range between interval 27 days preceding and current row
    )
)
select l.person, r.days, r.channels, min(l.happened_on) as adopted_on, min(l.first_on) as first_on
from looked_back as l
join (values (2, 1), (3, 1), (4, 1), (2, 2), (3, 2), (4, 2)) as r(days, channels)
  on l.days >= r.days and l.channels >= r.channels
group by l.person, r.days, r.channels
