/*
Every unit that a figure may be told of, and the unit it is part of.
---
unique: [unit_level, unit]
*/
select unit_level, unit, parent
from staging.units
