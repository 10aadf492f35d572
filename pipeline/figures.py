"""From a metric's rows to figures: interval, coverage, threshold, refusal, version, in one row contract.

Belongs here: what is done to every metric alike. Does not: a metric's own formula (warehouse/metrics), the estimators'
mathematics (estimate/), what leaves the building (publish.py).

A status is decided in this order, and the first that holds is said:
    no_data            none of the sources that feed it was seen in the period
    suppressed         fewer than k people are behind it, or it would give away a group that is
    not_identifiable   the metric refuses, or there is nothing to compute from
    provisional        a source was seen in part, there was no roster yet, or the row says so itself
    ok

A row may speak for itself: `refused` says why it cannot be told, `provisional` why it may change, `verdict` what it means.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.estimate import wilson
from pipeline.models import Model
from pipeline.warehouse import Run, read_arrow, run_of

FIGURES = {
    "metric": "VARCHAR", "version": "INTEGER", "part": "VARCHAR", "unit_level": "VARCHAR", "unit": "VARCHAR",
    "period": "VARCHAR", "period_start": "DATE", "period_end": "DATE", "value": "DOUBLE", "low": "DOUBLE",
    "high": "DOUBLE", "base": "BIGINT", "n_eff": "DOUBLE", "status": "VARCHAR", "reason": "VARCHAR",
    "data_as_of": "DATE",
}  # fmt: skip
METRICS = {
    "name": "VARCHAR", "version": "INTEGER", "question": "VARCHAR", "unit": "VARCHAR", "better": "VARCHAR",
    "formula": "VARCHAR", "source": "VARCHAR", "limits": "VARCHAR", "interval": "VARCHAR", "refuse": "VARCHAR",
}  # fmt: skip

# One row a period: what was seen of the sources that feed the metric.
SEEN = """
create or replace temp table seen as
with periods as (
    select distinct m.period, m.period_start, m.period_end,
           case when c.frozen_on > m.period_start
                then 'the roster of ' || strftime(c.frozen_on, '%-d %B %Y') || ' stands in for that time' end as stand_in
    from {table} as m
    left join staging.calendar as c on c.period = m.period and c.day = m.period_start
),
begun as (select source, min(day) as first_day from staging.coverage where state <> 'before' group by source),
-- A source that has never given a row of the kind that feeds the metric (traffic without names, say) cannot tell nobody
-- from unseen: it is not asked.
told_of as (
    select source from landing.sources where list_contains($channels, channel)
    union
    select source from staging.coverage where list_contains($channels, channel)
),
given as (
    select source, coalesce(sum(n) filter (where list_contains($feeds, shape)), 0) as n,
           count(*) filter (where list_contains($feeds, shape)) as halves
    from landing.gives group by source
),
needed as (
    select t.source
    from told_of as t
    left join given as g on g.source = t.source
    left join begun as b on b.source = t.source
    where g.n > 0 or (b.source is null and (g.source is null or g.halves > 0))
),
told as (
    select p.period, p.period_start, p.period_end, n.source, b.first_day,
           b.first_day > p.period_end as later, b.first_day > p.period_start as begins,
           count(c.day) filter (where c.seen) as days_seen,
           count(c.day) filter (where c.expected and not c.seen) as days_missing,
           strftime(min(c.day) filter (where c.expected and not c.seen), '%-d %B %Y') as missing_from,
           strftime(max(c.day) filter (where c.expected and not c.seen), '%-d %B %Y') as missing_to,
           (select max(e.day) from staging.coverage as e
            where e.source = n.source and e.seen and e.day <= p.period_end) as newest
    from periods as p
    cross join needed as n
    left join begun as b on b.source = n.source
    left join staging.coverage as c
      on c.source = n.source and c.day between p.period_start and p.period_end and c.state <> 'before'
    group by p.period, p.period_start, p.period_end, n.source, b.first_day
),
worded as (
    select *,
           case when first_day is null then source || ' has not been read yet'
                when later then source || ' starts on ' || strftime(first_day, '%-d %B %Y')
                when days_missing = 1 then source || ' has no data on ' || missing_from
                when days_missing > 1 then source || ' has no data from ' || missing_from || ' to ' || missing_to
                     || case when days_seen = 0 then ''
                             else ' (' || days_missing || ' of ' || (period_end - period_start + 1) || ' days)' end
                when begins then source || ' starts on ' || strftime(first_day, '%-d %B %Y')
           end as words
    from told
),
counted as (
    select p.period, p.period_start, p.period_end, p.stand_in, count(w.source) as sources,
           count(w.source) filter (where not coalesce(w.later, false)) as present,
           coalesce(sum(w.days_seen), 0) as days_seen,
           count(w.source) filter (where not coalesce(w.later, false) and w.words is not null) as missing,
           string_agg(w.words, '; ' order by w.source) filter (where not coalesce(w.later, false)) as gaps,
           string_agg(w.words, '; ' order by w.source) as all_words,
           min(w.newest) as data_as_of
    from periods as p left join worded as w using (period, period_start, period_end)
    group by p.period, p.period_start, p.period_end, p.stand_in
)
select period, period_start, period_end, data_as_of,
       case when sources = 0 or present = 0 or (days_seen = 0 and missing > 0) then 'no_data'
            when missing > 0 or stand_in is not null then 'partly' else 'seen' end as seen,
       case when sources = 0 then coalesce((select string_agg(source || $silent, '; ' order by source) from told_of), $none)
            when present = 0 then all_words
            when days_seen = 0 and missing > 0 then gaps
            else nullif(concat_ws('; ', gaps, stand_in), '') end as words
from counted
"""

# Whoever is hidden, hides with others: where a group of a parent is too small, the next smallest are kept back until
# k people are, so that no total gives it away; and below a unit that is kept back, everything is.
ROWS = """
with rows as (
    select unit_level, unit, period, period_start, period_end, {part} as part, {hits} as hits, {value} as value,
           {low} as low, {high} as high, cast(base as bigint) as base, {n_eff} as n_eff,
           {refused} as refused, {provisional} as provisional, {verdict} as verdict
    from {table}
),
sized as (
    -- That nobody at all is behind a figure, anywhere, gives nobody away: it is refused with its own words.
    select r.*, u.parent, r.base < $k and not r.nobody as thin,
           bool_or(r.base < $k and not r.nobody) over siblings as beside_thin,
           coalesce(sum(r.base) over (
               siblings order by r.base, r.unit rows between unbounded preceding and 1 preceding), 0) as before
    from (select *, max(base) over (partition by part, period, period_start) = 0 as nobody from rows) as r
    left join staging.units as u on u.unit_level = r.unit_level and u.unit = r.unit
    window siblings as (partition by r.unit_level, u.parent, r.part, r.period, r.period_start)
),
kept as (select *, thin or (beside_thin and before < $k) as back from sized),
closed as (
    select c.*, c.back or coalesce(p.back, false) as hidden
    from kept as c
    left join kept as p
      on p.unit = c.parent and p.part = c.part and p.period = c.period and p.period_start = c.period_start
     and p.unit_level = case c.unit_level when 'team' then 'directorate' when 'directorate' then 'organisation' end
)
select c.part, c.unit_level, c.unit, c.period, c.period_start, c.period_end, c.hits, c.value, c.low, c.high, c.base,
       c.n_eff, c.hidden, c.provisional, c.refused, c.verdict, s.data_as_of, s.words,
       case when s.seen = 'no_data' then 'no_data'
            when c.hidden then 'suppressed'
            when c.refused is not null or c.base = 0 or (c.value is null and (c.hits is null or c.n_eff = 0))
                then 'not_identifiable'
            when s.seen = 'partly' or c.provisional is not null then 'provisional'
            else 'ok' end as status
from closed as c join seen as s using (period, period_start, period_end)
"""

INSERT = """
insert into report.figures
select $metric, $version, part, unit_level, unit, period, period_start, period_end,
       case when said then value end, case when said then low end, case when said then high end,
       case when not hidden and base > 0 then base end, case when said then n_eff end, status,
       case status when 'no_data' then words
                   when 'suppressed' then $kept_back
                   when 'not_identifiable' then coalesce(refused, $because)
                   when 'provisional' then concat_ws('; ', verdict, words, provisional)
                   else coalesce(verdict, '') end,
       data_as_of
from (select *, status in ('ok', 'provisional') as said from finished)
"""

SILENT = " tells of nobody in what it has brought"
NO_FIGURE = "there is nothing to compute it from"


def kept_back(k: int) -> str:
    """Why a figure is suppressed, in the same words for both reasons: which of them it is would tell how many people."""
    return f"fewer than {k} people are behind it, or it would give away a group that is"


def finish(con: duckdb.DuckDBPyConnection, model: Model, run: Run | None = None) -> int:
    """Put a metric's rows into report.figures and its card into report.metrics, in place of what was there.

    Reads the model's own table, landing.sources, and of staging coverage, calendar and units. Gives the number of figures.
    """
    run = run or run_of(con)
    for table, columns in (("figures", FIGURES), ("metrics", METRICS)):
        con.execute(f"create table if not exists report.{table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    channels = list(model.needs) or ["roster"]
    con.execute(SEEN.format(table=model.table), {
        "channels": channels, "none": f"no {' or '.join(channels)} source is connected", "silent": SILENT,
        "feeds": list(model.feeds) if model.needs else ["people"],
    })  # fmt: skip
    rows = read_arrow(con, ROWS.format(table=model.table, **_expressions(con, model)), {"k": run.k})
    con.register("finished", _with_interval(rows, model.interval))
    con.execute("delete from report.figures where metric = ?", [model.name])
    con.execute(INSERT, {
        "metric": model.name, "version": model.version, "because": model.because or NO_FIGURE,
        "kept_back": kept_back(run.k),
    })  # fmt: skip
    con.unregister("finished")
    _put_card(con, model)
    return int(rows.num_rows)


def _expressions(con: duckdb.DuckDBPyConnection, model: Model) -> dict[str, str]:
    """How to read each part of the contract from the columns that the model has."""
    have = {str(row[0]) for row in con.execute(f"describe {model.table}").fetchall()}

    def number(column: str, otherwise: str = "cast(null as double)") -> str:
        return f"cast({column} as double)" if column in have else otherwise

    return {
        "part": "part" if "part" in have else "''", "hits": number("hits"), "value": number("value"),
        "low": number("low"), "high": number("high"), "n_eff": number("n_eff", "cast(base as double)"),
        "refused": _refused(model, "refused" if "refused" in have else "cast(null as varchar)"),
        "provisional": "provisional" if "provisional" in have else "cast(null as varchar)",
        "verdict": "verdict" if "verdict" in have else "cast(null as varchar)",
    }  # fmt: skip


def _refused(model: Model, own: str) -> str:
    """Why a row is refused: the row's own words first, else those of the header where its condition holds."""
    if not model.refuse:
        return own
    because = (model.because or NO_FIGURE).replace("'", "''")
    return f"coalesce({own}, case when coalesce({model.refuse}, false) then '{because}' end)"


def _with_interval(rows: pa.Table, interval: str) -> pa.Table:
    """The rows with value = hits / n_eff where the metric counts hits, and the interval that its header names."""
    if rows.column("hits").null_count < rows.num_rows:
        hits, of = (rows.column(name).to_numpy().astype(np.float64) for name in ("hits", "n_eff"))
        with np.errstate(invalid="ignore", divide="ignore"):
            rows = _replaced(rows, "value", hits / of)
        if interval == "wilson":
            low, high = wilson(hits, of)
            rows = _replaced(_replaced(rows, "low", low), "high", high)
    if interval == "none":
        nothing = np.full(rows.num_rows, np.nan)
        rows = _replaced(_replaced(rows, "low", nothing), "high", nothing)
    return rows


def _replaced(rows: pa.Table, column: str, values: Any) -> pa.Table:
    made = pa.array(values, type=pa.float64(), from_pandas=True)  # not a number becomes NULL
    return rows.set_column(rows.column_names.index(column), column, made)


def _put_card(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    con.execute("delete from report.metrics where name = ?", [model.name])
    con.execute(
        "insert into report.metrics values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [model.name, model.version, model.question, model.unit, model.better, model.formula, model.source, model.limits,
         model.interval, model.because],
    )  # fmt: skip
