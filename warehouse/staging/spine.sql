/*
Every unit in every complete period, once, with how many people it has: what a metric tells of even where nobody did anything.
---
never:
  unit of nobody: people < 1
unique: [unit_level, unit, period, period_start]
*/
select unit_level, unit, period, period_start, period_end, count(*) as people
from staging.membership
group by unit_level, unit, period, period_start, period_end
