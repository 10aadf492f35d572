/* What the survey's supplier has counted; numbers that were kept back are in no row. */
select 'survey: ' || item || ' = ' || answer as measure, unit_level, unit, day, n
from landing.survey_csv_cells
