"""No model has everybody of a period meet everybody else of it: not as the planner runs it, not as it is written.

Which of several tables is joined first is the planner's to choose, and it chooses anew with the size of the department: a
model that is quick for 3,000 people once took 205 s for 1,700. So what is run is looked at in three sizes, by the rows that
each operator makes, never by time; and what is written is looked at for the freedom to choose badly at another size.

Belongs here: work out of proportion. Does not: seconds and memory (benchmarks/metrics_at_scale.py), figures (tests/metrics).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from math import prod
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from benchmarks.metrics_at_scale import make, scenario_of
from pipeline.model_sql import parse_select
from pipeline.models import Model, read_models
from pipeline.places import shipped
from pipeline.shapes import read_shapes
from pipeline.warehouse import Build

MODELS = read_models(shipped("warehouse"))
SIZES = {"small": (300, 20), "middle": (1_700, 113), "large": (3_000, 209)}  # staff, teams
WEEKS, SEED = 52, 7
TIMES, BESIDES = 8, 20_000  # rows of an operator: so many times what is read or given, and some for tables of a few rows


# ------------------------------------------------------------------------------------------------------------ as it is run
def operators(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", []):
        yield from operators(child)


def work(operator: dict[str, Any]) -> int:
    """Rows that an operator emits; of a join in loops the pairs that it looks at."""
    made: int = operator["intermediate_rows"]
    if operator["type"] in ("NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN"):
        return max(made, prod(child["intermediate_rows"] for child in operator["children"]))
    return made


def built(con: duckdb.DuckDBPyConnection, table: str, query: str) -> str | None:
    """Make the table; why its plan is out of proportion, or None."""
    con.execute("pragma enable_profiling = 'no_output'; set profiling_coverage = 'ALL'")
    con.execute(f"create or replace table {table} as {query}")
    [root] = json.loads(con.get_profiling_information("json"))["operator"]
    con.execute("pragma disable_profiling")
    [(gives,)] = con.execute(f"select count(*) from {table}").fetchall()
    plan = list(operators(root))
    reads = max((one["intermediate_rows"] for one in plan if one["type"] == "TABLE_SCAN"), default=0)
    worst = max(plan, key=lambda one: (work(one), "JOIN" in one["type"]))  # rather than what passes its rows on
    if work(worst) <= TIMES * max(reads, gives) + BESIDES:
        return None
    return f"{table}: {worst['type']} of {work(worst):,} rows, where the most that it reads is {reads:,} and it gives {gives:,}"


def department(folder: Path, size: str) -> Build:
    staff, teams = SIZES[size]
    path = folder / "warehouse.duckdb"
    make(path, scenario_of(staff, teams, WEEKS, SEED))
    return Build(path)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_what_each_operator_makes_is_in_proportion_to_what_the_model_reads(tmp_path: Path, size: str) -> None:
    with department(tmp_path, size) as build:
        complaints = [built(build.con, model.table, model.query) for model in MODELS]
        [(people,)] = build.con.execute("select count(*) from metrics.peer_influence_p").fetchall()
    assert people >= SIZES[size][0]
    assert not list(filter(None, complaints))


# As the planner ran the model of first contacts when it took 205 s, its order written out.
EVERYBODY = """
with everybody as materialized (
    select v.block_start, v.person, w.person as toward
    from staging.voices as v
    join staging.voices as w on w.block_start = v.block_start and w.senior <> v.senior
)
select e.block_start, count(*) as n
from everybody as e
join staging.ties as t on t.person = e.person and t.toward = e.toward
group by e.block_start
"""
ALL_DAYS = """
with days as materialized (
    select c.day, v.person, v.senior
    from staging.calendar as c
    join staging.voices as v on v.block_start = c.period_start and c.period = '28 days'
)
select d.day, count(*) as n
from days as d
join staging.threads as t on t.person = d.person and t.opened_on = d.day
group by d.day
"""
IN_LOOPS = "select count(*) as n from staging.people as p join staging.people as q on abs(p.person - q.person) = 7"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A small department up to staging."""
    with department(tmp_path_factory.mktemp("staged"), "small") as build:
        for model in MODELS:
            if model.schema == "staging":
                build.rebuild(model)
        yield build.con


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "words"), [(EVERYBODY, "HASH_JOIN of"), (ALL_DAYS, "HASH_JOIN of"), (IN_LOOPS, "BLOCKWISE_NL_JOIN of")]
)
def test_a_plan_that_pairs_everybody_is_found(staged: duckdb.DuckDBPyConnection, query: str, words: str) -> None:
    complaint = built(staged, "metrics.bad", query)
    assert complaint is not None
    assert complaint.startswith(f"metrics.bad: {words}")


# -------------------------------------------------------------------------------------------------------- as it is written
COLUMNS = {
    **{f"each.{name}": {"source", "channel", *shape.columns, *shape.optional} for name, shape in read_shapes().items()},
    **{model.table: set(parse_select(model.query).named_selects) for model in MODELS},
}
ITSELF = {"person", "toward", "thread", "pseudonym"}  # rows that share one of these have to do with each other

Column = tuple[str, str]  # alias and name


def columns_of(relation: exp.Expr, steps: dict[str, set[str]]) -> set[str]:
    if isinstance(relation, exp.Table):
        return COLUMNS.get(f"{relation.db}.{relation.name}", set()) if relation.db else steps.get(relation.name, set())
    return set(relation.named_selects) if isinstance(relation, exp.Subquery) else set()


def inner_joins(select: exp.Select) -> tuple[dict[str, exp.Expr], list[exp.Expr]]:
    """What the planner may put in any order: tables by alias, and the conditions between them. An outer join stays put."""
    parts = [part for part in (select.args.get("from_"), *select.args.get("joins", ())) if part and not part.args.get("side")]
    wheres = [part.args.get("on") for part in parts] + [select.args["where"].this if select.args.get("where") else None]
    conditions = [one for where in wheres if where for one in (where.flatten() if isinstance(where, exp.And) else [where])]
    return {part.this.alias_or_name: part.this for part in parts}, conditions


def linked(conditions: list[exp.Expr]) -> tuple[set[frozenset[str]], list[set[Column]]]:
    """Pairs of tables that a comparison links, and the columns that are equal to each other, by whatever detour."""
    pairs, equal = set(), list[set[Column]]()
    for one in conditions:
        if not isinstance(one, exp.Binary):
            continue
        sides = [{(column.table, column.name) for column in side.find_all(exp.Column)} for side in (one.left, one.right)]
        if any(len({alias for alias, _ in side}) != 1 for side in sides):
            continue
        both = sides[0] | sides[1]
        pairs.add(frozenset(alias for alias, _ in both))
        if isinstance(one, exp.EQ) and isinstance(one.left, exp.Column) and isinstance(one.right, exp.Column):
            touched = [group for group in equal if group & both]
            equal = [group for group in equal if not group & both] + [both.union(*touched)]
    return pairs, equal


def strangers(query: str) -> list[str]:
    """Tables of people, or of days, that may be joined by what everybody of a period shares, before anything else."""
    tree = parse_select(query)
    steps = {step.alias: set(step.this.named_selects) for step in tree.find_all(exp.CTE)}
    found = []
    for select in tree.find_all(exp.Select):
        tables, conditions = inner_joins(select)
        columns = {alias: columns_of(table, steps) for alias, table in tables.items()}
        itself = {alias: ITSELF if "person" in own else {"day"} for alias, own in columns.items() if own & {"person", "day"}}
        compared, equal = linked(conditions)
        for pair in combinations(itself, 2):
            shared = [group for group in equal if set(pair) <= {alias for alias, _ in group}]
            known = any(alias in pair and name in itself[alias] for group in shared for alias, name in group)
            if (shared or frozenset(pair) in compared) and not known:
                found.append(" with ".join(tables[alias].sql() for alias in pair))
    return found


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.table)
def test_no_model_leaves_it_to_the_planner_to_pair_everybody(model: Model) -> None:
    assert strangers(model.query) == []


TIES = "select s.person from staging.ties as s join staging.calendar as c on c.day = s.happened_on and c.period = '28 days'"
DATED = """
with dated as materialized (
    select s.person, s.toward, c.period_start
    from staging.ties as s
    join staging.calendar as c on c.day = s.happened_on and c.period = '28 days'
)
select d.person from dated as d
join staging.voices as v on v.person = d.person and v.block_start = d.period_start
"""
# The join of the model of first contacts when it took 205 s.
AS_IT_WAS = """
select s.person
from staging.ties as s
join staging.calendar as c on c.day = s.happened_on and c.period = '28 days'
join staging.voices as v on v.person = s.person and v.block_start = c.period_start
join staging.voices as w on w.person = s.toward and w.block_start = c.period_start and w.senior <> v.senior
"""
LOOSE = {
    "first contacts as they were": (
        AS_IT_WAS,
        ["staging.calendar AS c with staging.voices AS v", "staging.calendar AS c with staging.voices AS w",
         "staging.voices AS v with staging.voices AS w"],
    ),
    "the days of a block": (
        f"{TIES} join staging.voices as v on v.person = s.person and v.block_start = c.period_start",
        ["staging.calendar AS c with staging.voices AS v"],
    ),
    "by a detour": (
        f"{DATED} join staging.voices as w on w.person = d.toward and w.block_start = d.period_start",
        ["staging.voices AS v with staging.voices AS w"],
    ),
    "by what differs": (
        "select a.person from staging.adopters as a, staging.adopters as b where b.adopted_on < a.adopted_on",
        ["staging.adopters AS a with staging.adopters AS b"],
    ),
    "step by step": (DATED, []),
    "an outer join stays where it is": (
        f"{DATED} left join staging.voices as w on w.person = d.toward and w.block_start = d.period_start", [],
    ),
    "one person": (
        "select a.person from staging.adopters as a, staging.adopters as b "
        "where b.person = a.person and b.adopted_on < a.adopted_on",
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOOSE)
def test_freedom_to_pair_everybody_is_found(case: str) -> None:
    query, found = LOOSE[case]
    assert strangers(query) == found
