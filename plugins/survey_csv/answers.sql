/* Each answer from 0 to 100 of its scale. Whoever answered without a name is on no roster, and is a respondent all the same. */
select coalesce(staff, email, login, respondent) as person, answered_at as happened_at, item,
       (answer - lowest) / (highest - lowest) * 100 as answer, directorate, team
from landing.survey_csv_answers
