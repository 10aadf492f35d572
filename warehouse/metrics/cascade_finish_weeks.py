"""How many weeks from the run's day until the champions' plan is met, if they go on at their recent pace.
---
question: When will the training by champions be done?
unit: weeks from the run's day
better: lower
interval: given
needs: [learning]
formula: >-
  the plan is everyone who has been a champion so far x the colleagues each is to train; the pace of each champion is a
  Poisson rate of the newest 12 weeks, rates differ by a gamma distribution and weeks by a common factor; the median of
  1,000 simulated futures, each colleague counted once. THE BAND IS 80 %, not 95 %: one finish in ten comes before it and
  one in ten after
source: gamma-Poisson rates with posterior prediction (Gelman et al., Bayesian Data Analysis, 2013, chapter 2)
limits: >-
  Assumes that the recent pace goes on, holidays and all, and that no champion joins or leaves. Earlier forecasts are tried
  against what came, and the card's sentence says how many held. Told from 5 champions at work, 20 colleagues trained, 6
  weeks since the first, and 8 trained in the newest 8 weeks. Where the band's end is missing it is more than 3 years away.
never:
  less than no time: value < 0
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipeline.estimate import backtest, forecast
from pipeline.families.rows import UNIT, table

QUERY = """
with newest as (
    select unit_level, unit, period, period_start, period_end, count(*) as roster
    from staging.membership
    where period = '28 days' and unit_level = 'organisation'
      and period_start = (select max(period_start) from staging.membership where period = '28 days')
    group by unit_level, unit, period, period_start, period_end
),
champions as (
    select person, min(valid_from) as valid_from, max(valid_to) as valid_to, min(provisional) as provisional
    from staging.champions
    where valid_from <= (select as_of from staging.run)
    group by person
),
-- A colleague whom two champions trained counts once, for the first of them.
first_trained as (
    select toward, person, trained_on,
           row_number() over (partition by toward order by trained_on, person) as place
    from staging.taught
)
select w.unit_level, w.unit, w.period, w.period_start, w.period_end, w.roster, n.as_of, n.colleagues_each, c.person,
       c.valid_from, c.valid_to, c.provisional, t.toward, t.trained_on
from newest as w
cross join staging.run as n
left join champions as c on true
left join first_trained as t on t.person = c.person and t.place = 1
"""

SEED = 7
COLUMNS = (*UNIT, "part", "value", "low", "high", "n_eff", "base", "refused", "provisional", "verdict")
FEWEST_TRIED = 3


def figures(rows: pa.Table) -> pa.Table:
    """One row for the organisation: weeks until the plan is met, with the ends of its 80 % band."""
    told = rows.sort_by([("person", "ascending"), ("toward", "ascending")]).to_pylist()
    if not told:
        return table([], COLUMNS)
    key = [told[0][name] for name in ("unit_level", "unit", "period", "period_start", "period_end")]
    made = [*key, "", *_figure(told)]
    return table([made], COLUMNS)


def _figure(told):
    """value, low, high, n_eff, base, refused, provisional, verdict"""
    today, each = told[0]["as_of"], told[0]["colleagues_each"]
    champions = {row["person"]: row for row in told if row["person"] is not None}
    place = {person: n for n, person in enumerate(champions)}
    trained = [row for row in told if row["toward"] is not None]
    history = (
        [_day(row["valid_from"]) for row in champions.values()],
        [np.inf if row["valid_to"] > today else _day(row["valid_to"]) for row in champions.values()],
        [place[row["person"]] for row in trained],
        [_day(row["trained_on"]) for row in trained],
    )
    people = len(champions.keys() | {row["toward"] for row in trained})
    if not champions:
        return None, None, None, 0, told[0]["roster"], "no champion is known yet", None, None
    found = forecast(*history, today=_day(today), each=each, seed=SEED)
    if found.refused:
        return None, None, None, len(trained), people, found.refused, None, None
    tried = backtest(*history, today=_day(today), each=each, seed=SEED)
    doubts = sorted({row["provisional"] for row in champions.values()} - {None})
    if tried.of >= FEWEST_TRIED and tried.held * 2 < tried.of:
        doubts.append("earlier forecasts held less than half the time")
    verdict = _words(found, tried, today)
    return found.weeks, found.low, found.high, len(trained), people, None, "; ".join(doubts) or None, verdict


def _words(found, tried, today):
    done = f"{found.trained:,} of {found.target:,} colleagues are trained"
    if not found.weeks:
        return f"{done}: the plan is met"
    late = f"and {_date(today, found.high)}" if found.high is not None else "and an end more than 3 years away"
    when = f"{done}; the rest by about {_date(today, found.weeks)}, in four cases of five between {_date(today, found.low)} {late}"
    if tried.of < FEWEST_TRIED:
        return f"{when}; too early to try such forecasts against what came"
    return f"{when}; of {tried.of} earlier forecasts four weeks ahead {tried.held} held (four in five should)"


def _day(day: date) -> int:
    return day.toordinal()


def _date(today: date, weeks: float) -> str:
    day = today + timedelta(weeks=weeks)
    return f"{day.day} {day:%B %Y}"
