"""What is never published: a row for a person, a ranking of units, a figure made of other figures. Every table is walked."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp

from pipeline.disclosure.gate import keep_back
from pipeline.disclosure.groups import shipped_groups
from pipeline.model_sql import parse_select, tables
from pipeline.models import read_models
from pipeline.places import shipped
from pipeline.publish import publish
from pipeline.warehouse import Build, run_of
from tests.story import STAFF, World, crew, many

MODELS = read_models(shipped("warehouse"))
METRICS = [model for model in MODELS if model.schema == "metrics"]
ORDERS = re.compile(r"\b(rank|ranked|position|league|place|percentile|quantile_of|best|worst|top_team|ntile)\b", re.IGNORECASE)
RANKING = {"rank", "denserank", "dense_rank", "percentrank", "percent_rank", "ntile", "cumedist", "cume_dist"}


def department(path: Path, size: int) -> Path:
    """A department of three teams of `size`, who write, answer, read, learn and say how able they are."""
    with Build(path.with_suffix(".build")) as build:
        world = World(build)
        world.seen("wall", "talk", "pages", "school", gives="acts texts")
        world.seen("roster", gives="people champions answers presence")
        teams = {team: many(team, size).split() for team in ("ops", "web", "law")}
        for team, people in teams.items():
            world.given("each.people", STAFF, *crew(" ".join(people), team, "Coast" if team != "law" else "Courts"))
            for n, person in enumerate(people):
                days = [f"{person} 2026-06-{15 + (n + step) % 12:02} {9 + step}:00" for step in range(0, 12, 3)]
                world.does("wall", "post", *days[:2], thread=f"{team}{n}")
                other = teams["web"][n % size]
                world.given("each.acts", "source channel person happened_at verb thread toward", [
                    "wall", "network", person, "2026-06-29 10:00:00+00", "reply", f"{team}{n}", other])
                world.given("each.answers", "source channel person happened_at item answer", *(
                    ["roster", "roster", person, "2026-06-20 10:00:00+00", item, 10.0 + 7 * (n % 11)]
                    for item in ("capability", "confidence", "home", "work", "access")))
                if n == 0:
                    world.given("each.champions", "source channel person valid_from valid_to",
                                ["roster", "roster", person, "2026-03-02", "9999-12-31"])
        world.everything()
        keep_back(build.con, shipped_groups(), run_of(build.con).k)
        publish(build.con, path)
    return path


def keys(path: Path) -> set[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return set(con.execute("select metric, part, unit_level, unit, period, period_start from report.figures").fetchall())


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same department with 12 and with 24 people a team."""
    folder = tmp_path_factory.mktemp("published")
    return department(folder / "small.duckdb", 12), department(folder / "large.duckdb", 24)


def test_twice_the_people_are_not_one_row_more(published: tuple[Path, Path]) -> None:
    """What has a row for a person grows with the people; what is told of units does not."""
    small, large = map(keys, published)
    assert len(small) > 100
    assert small == large


def test_every_published_text_is_of_units_never_of_people(published: tuple[Path, Path]) -> None:
    people = {name for team in ("ops", "web", "law") for name in many(team, 24).split()}
    with duckdb.connect(str(published[1]), read_only=True) as con:
        tables = [t for (t,) in con.execute("select table_name from information_schema.tables").fetchall()]
        assert len(tables) > 5
        for table in tables:
            for row in con.execute(f"select * from report.{table}").fetchall():
                assert not [cell for cell in row if isinstance(cell, bytes)], table
                said = " ".join(cell for cell in row if isinstance(cell, str)).split()
                assert not people & set(said), table


def test_no_published_table_ranks(published: tuple[Path, Path]) -> None:
    with duckdb.connect(str(published[1]), read_only=True) as con:
        columns = [c for (c,) in con.execute("select column_name from information_schema.columns").fetchall()]
        parts = [p for (p,) in con.execute("select distinct part from report.figures").fetchall()]
    assert not [name for name in (*columns, *parts, *(m.name for m in METRICS)) if ORDERS.search(name.replace("_", " "))]


@pytest.mark.parametrize("model", [m for m in MODELS if m.schema in ("metrics", "report")], ids=lambda m: m.table)
def test_no_model_that_is_published_orders_units(model) -> None:
    assert not calls(model.query) & RANKING


@pytest.mark.parametrize("word", ["rank", "dense_rank", "percent_rank", "ntile", "cume_dist"])
def test_an_order_of_units_would_be_found(word: str) -> None:
    argument = "4" if word == "ntile" else ""
    assert calls(f"select unit, {word}({argument}) over (order by value) as n from metrics.active_share") & RANKING


@pytest.mark.parametrize("model", METRICS, ids=lambda m: m.name)
def test_no_metric_is_made_of_other_metrics(model) -> None:
    """A composite needs figures to add up: a metric reads facts only."""
    assert {dep.split(".")[0] for dep in model.deps} <= {"staging", "landing", "each"}
    assert not re.search(r"\b(index of indices|composite|overall score|maturity)\b", f"{model.doc} {model.formula}", re.IGNORECASE)


def test_a_metric_that_read_another_would_be_found(tmp_path: Path) -> None:
    """The walk above can fail: such a model does load, so it is the walk that refuses it."""
    query = "select unit_level, unit, period, period_start, period_end, base, value from metrics.active_share"
    assert {t.split(".")[0] for t in reads(query)} - {"staging", "landing", "each"} == {"metrics"}


def calls(query: str) -> set[str]:
    """The names of all functions that a select calls."""
    found = parse_select(query).find_all(exp.Func)
    return {(call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower() for call in found}


def reads(query: str) -> set[str]:
    return set(tables(parse_select(query)))
