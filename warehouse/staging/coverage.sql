/*
Which day of which source was seen: the only origin of `no_data`.
---
never:
  day after the run's day: day > (select as_of from staging.run)
unique: [source, day]
*/
select source, channel, day, expected, seen, state
from landing.coverage
where day <= (select as_of from staging.run)
