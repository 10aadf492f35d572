/*
Who addressed whom, on which day and how: the directed ties that influence, reciprocity and mixing are told from.

Only what is voluntary and on a network or a chat; nobody has a tie to oneself.
---
never:
  tie to oneself: person = toward
unique: [person, toward, happened_on, channel, verb]
*/
select person, toward, happened_on, channel, verb, count(*) as acts
from staging.acts
where not mandatory and channel in ('network', 'chat') and verb in ('reply', 'answer', 'mention', 'react', 'invite')
  and toward is not null and toward <> person
group by person, toward, happened_on, channel, verb
