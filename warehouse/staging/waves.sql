/*
Of which blocks of 28 days a survey is told: each in which a wave ended, or the newest block where none has.

So a survey that nobody has answered yet has a figure that says so, and one that has been answered has none in between.
---
never:
  wave of no block: block_start is null
unique: [block_start]
*/
select distinct block_start
from staging.answers
union all
select max(period_start) as block_start
from staging.spine
where period = '28 days' and not exists (select 1 from staging.answers)
having max(period_start) is not null
