"""The gate: keeps back more until nothing withheld can be worked out, and looks again before an edition leaves.

Belongs here: what is attacked, when a withheld count is given away, which figure is kept back for it. Does not: how an
attack reckons (reckoning.py), the threshold of a single table (figures.py).

A withheld count is given away where fewer than k numbers are left for it: in one table alone, or in all tables of the same
28 days together. What another table publishes in plain words is not withheld: that 8 people of a directorate wrote is the hits
of one metric and would be the base of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from pipeline.disclosure.groups import ROSTER, Cell, Groups, told
from pipeline.disclosure.reckoning import Counts, Found, Parents, Reckoning
from pipeline.figures import kept_back
from pipeline.problems import BrokenPromise

Row = dict[str, Any]

# The blocks of 28 days in which something is withheld. By the day only the organisation is told of, which has no siblings.
BLOCKS = """
select distinct (period_start - date '2024-01-01') // 28 as block
from report.figures
where status = 'suppressed' and period <> 'day'
order by block
"""
# The rows of such a block at the levels at which something is withheld, and above and below them where a table goes on there.
ROWS = """
with own as (
    select rowid, metric, part, unit_level, unit, period, period_start, value, base, status,
           case unit_level when 'organisation' then 1 when 'directorate' then 2 else 3 end as depth
    from report.figures
    where period <> 'day' and (period_start - date '2024-01-01') // 28 = $block
),
told as (
    select metric, max(depth) as deepest
    from own
    group by metric
)
select * exclude (depth)
from own
where depth <= (select max(least(o.depth + 1, t.deepest)) from own as o join told as t using (metric) where o.status = 'suppressed')
order by period_start, metric, part, unit_level, unit, period
"""
HIDE = """
update report.figures
set value = null, low = null, high = null, n_eff = null, base = null, status = 'suppressed', reason = $reason
where rowid in (select unnest($rows))
"""


def keep_back(con: duckdb.DuckDBPyConnection, groups: Groups, k: int) -> int:
    """Withhold figures of report.figures until none that is withheld is given away; gives how many rows that took."""
    parents = _parents(con)
    rows = 0
    for block in _blocks(con):
        while hidden := [row["rowid"] for row in _closed(_rows(con, block), groups, parents, k)]:
            con.execute(HIDE, {"rows": hidden, "reason": kept_back(k)})
            rows += len(hidden)
    return rows


def given_away(con: duckdb.DuckDBPyConnection, groups: Groups, k: int) -> dict[Cell, Found]:
    """The withheld counts that report.figures gives away, and what it leaves of each: nothing, where the gate has done its work."""
    parents = _parents(con)
    found: dict[Cell, Found] = {}
    for block in _blocks(con):
        found |= _given_away(_rows(con, block), groups, parents, k)
    return found


def _blocks(con: duckdb.DuckDBPyConnection) -> list[int]:
    return [int(block) for (block,) in con.execute(BLOCKS).fetchall()]


def _rows(con: duckdb.DuckDBPyConnection, block: int) -> list[Row]:
    found = con.execute(ROWS, {"block": block})
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def _parents(con: duckdb.DuckDBPyConnection) -> Parents:
    units = con.execute("select unit_level, unit, parent from report.units").fetchall()
    return {(level, unit): parent for level, unit, parent in units}


def _closed(rows: Sequence[Row], groups: Groups, parents: Parents, k: int) -> list[Row]:
    """The rows of a block that have to be kept back, now marked as suppressed. Each round keeps back one more or ends."""
    closed: list[Row] = []
    telling: dict[Cell, list[Row]] = {}
    for row in rows:
        for cell in groups.cells(row):
            telling.setdefault(cell, []).append(row)
    while found := _given_away(rows, groups, parents, k):
        counts = _counts(rows, groups)
        chosen = {_choice(cell, one, counts) for cell, one in found.items()}
        hide = [row for cell in sorted(chosen) for row in telling[cell] if row["status"] != "suppressed"]
        if not hide:
            cell = min(found)
            raise BrokenPromise(f"how many {cell.who} {cell.unit} has is given away by rows that cannot be kept back")
        for row in hide:
            if row["status"] != "suppressed":  # a row tells two counts: both may have been chosen
                row.update(value=None, base=None, status="suppressed")
                closed.append(row)
    return closed


def _choice(target: Cell, found: Found, counts: Counts) -> Cell:
    """The published count to keep back: of the same group rather than another's, of a unit before its whole, the smallest.

    Where nothing but rosters pins a count, the next told of its own group goes.
    """
    target = target._replace(book="")
    pins = [cell._replace(book="") for cell in found.pinned_by if cell.who != ROSTER]
    if not pins:
        spot = (target.who, target.period, target.start)
        pins = [cell for cell in counts.known if (cell.who, cell.period, cell.start) == spot] or [target]
    return min(pins, key=lambda cell: (cell.who != target.who, cell.unit_level == "organisation", counts.known.get(cell, 0), cell))


def _given_away(rows: Sequence[Row], groups: Groups, parents: Parents, k: int) -> dict[Cell, Found]:
    """Withheld counts that one table gives away by itself; where none does, those that all tables of the block do."""
    whole = _counts(rows, groups)
    alone = _each_alone(rows, groups, whole)
    if found := _narrow(alone, groups, parents, dict.fromkeys(alone.withheld, k)):
        return found
    return _narrow(whole, groups, parents, {cell: _enough(cell, whole, groups, k) for cell in whole.withheld})


def _narrow(counts: Counts, groups: Groups, parents: Parents, enough: Mapping[Cell, int]) -> dict[Cell, Found]:
    return Reckoning(counts, groups, parents).narrow(enough) if enough else {}


def _each_alone(rows: Sequence[Row], groups: Groups, whole: Counts) -> Counts:
    """The counts of every table in which something is withheld, as if it were the only one.

    But for the roster: whoever reads one table knows how many people a unit has.
    """
    tables: dict[str, list[Row]] = {}
    for row in rows:
        tables.setdefault(row["metric"], []).append(row)
    rosters = {cell: n for cell, n in whole.known.items() if cell.who == ROSTER}
    known: dict[Cell, int] = {}
    withheld: set[Cell] = set()
    untold: set[Cell] = set()
    for metric, table in tables.items():
        if any(row["status"] == "suppressed" for row in table):
            counts = _counts(table, groups)
            known |= {cell._replace(book=metric): n for cell, n in {**rosters, **counts.known}.items()}
            withheld |= {cell._replace(book=metric) for cell in counts.withheld}
            untold |= {cell._replace(book=metric) for cell in counts.untold}
    return Counts(known, frozenset(withheld - known.keys()), frozenset(untold - known.keys()))


def _enough(cell: Cell, counts: Counts, groups: Groups, k: int) -> int:
    """How many numbers must be left: k, or all those up to the count of a wider group that is published in plain words."""
    return min([k, *(counts.known[wider] + 1 for wider in groups.wider(cell) if wider in counts.known)])


def _counts(rows: Iterable[Row], groups: Groups) -> Counts:
    """What rows publish and what they withhold; what any of them publishes is not withheld."""
    known: dict[Cell, int] = {}
    withheld: set[Cell] = set()
    untold: set[Cell] = set()
    for row in rows:
        cells = groups.cells(row)
        known |= told(row, cells)
        for cell in cells:
            (withheld if row["status"] == "suppressed" and groups.secret(cell) else untold).add(cell)
    return Counts(known, frozenset(withheld - known.keys()), frozenset(untold - withheld - known.keys()))
