/*
What sources count without a person, by local day: page views of a log that knows no names, reports that give totals.
---
never:
  count after the run's day: day > (select as_of from staging.run)
unique: [source, measure, unit_level, unit, day]
*/
select source, channel, measure, unit_level, unit, day, cast(sum(n) as bigint) as n
from each.counts
where day <= (select as_of from staging.run)
group by source, channel, measure, unit_level, unit, day
