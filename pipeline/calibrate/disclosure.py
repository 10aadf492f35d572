"""The bar of disclosure: nobody works out of the published figures what was withheld.

Belongs here: small organisations through the real models, rules and gate, and attacks drawn at random.
Does not: how an attack works (attack.py), the rules (figures.py, staging.placements) or the gate (disclosure/).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import figures
from pipeline.calibrate.attack import NOBODY_SAYS, PEOPLE, Cell, System, attack, block_of, build, known_anyway, withheld
from pipeline.calibrate.bar import Bar, Bound, Outcome
from pipeline.calibrate.warehouse import fill
from pipeline.disclosure.gate import keep_back
from pipeline.disclosure.groups import Groups
from pipeline.models import Model, shipped_models
from pipeline.places import shipped
from pipeline.simulate.events import Scenario, replicate
from pipeline.simulate.events.scenario import LAST_DAY, Own, Seeds
from pipeline.simulate.events.tables import shape_tables
from pipeline.warehouse import Build, read_arrow

K, ORGANISATIONS, EACH = 10, 20, 5
WRITES = ("post", "reply", "ask", "answer", "mention")
KINDS = ("one table", "all tables", "all tables and weeks")


class Published(NamedTuple):
    """What left the building: rows of report.figures, and of each unit its parent."""

    rows: list[dict[str, Any]]
    parents: Mapping[tuple[str, str], str | None]


def recover(seed: int) -> Outcome:
    """Of so many attacks on withheld counts: the shares that find it exactly, within 2, and down to fewer than k numbers.

    Only what the withheld row's own table gives away counts: a number that another table publishes in plain words (who wrote
    is the base of one metric and the hits of another) is not withheld, whatever the first table says.
    """
    which = seed % ORGANISATIONS
    targets = withheld(publish(which).rows)
    rng = np.random.default_rng([seed, 1])
    if not targets:
        return {"exact": 0.0, "near": 0.0, "narrow": 0.0}
    found = []
    for at in rng.integers(0, len(targets), EACH):
        target = targets[int(at)]
        kind = KINDS[int(rng.integers(len(KINDS)))]
        found.append((attack(_seen(which, kind, target), target).values, _anyway(which, kind, target)))
    values, before = np.array(found).T
    gained = values < before
    return {name: float((gained & (values <= most)).mean()) for name, most in (("exact", 1), ("near", 5), ("narrow", K - 1))}


def _anyway(which: int, kind: str, target: Cell) -> int:
    """How many numbers a withheld count may be by what is published elsewhere."""
    if kind == "one table":
        return NOBODY_SAYS
    return known_anyway(_seen(which, f"{kind}, others", target), target).values


def _seen(which: int, kind: str, target: Cell) -> System:
    """What the attacker looks at."""
    weeks = "weeks" in kind
    start = block_of(target.start) if weeks else target.start
    own = _withheld_by(which, target) if "one" in kind or "others" in kind else frozenset()
    return _system(which, kind, "" if weeks else target.period, start, own)


def _withheld_by(which: int, target: Cell) -> frozenset[str]:
    """The tables that withhold a count."""
    return frozenset(
        row["metric"] for row in publish(which).rows
        if row["status"] == "suppressed" and target.who in PEOPLE[row["metric"]] and (
            row["unit_level"], row["unit"], row["period"], row["period_start"]) == target[1:]
    )  # fmt: skip


@lru_cache(maxsize=256)
def _system(which: int, kind: str, period: str, start: date, own: frozenset[str]) -> System:
    told = publish(which)
    rows = [
        row for row in told.rows
        if row["period"] != "day" and (block_of(row["period_start"]) == start if not period else
                                       (row["period"], row["period_start"]) == (period, start))
    ]  # fmt: skip
    if kind == "one table":
        rows = [row for row in rows if row["metric"] == min(own)]
    elif own:
        rows = [row for row in rows if row["metric"] not in own | {name for name, of in PEOPLE.items() if of[0] in _bases(own)}]
    return build(rows, told.parents)


def _bases(own: frozenset[str]) -> set[str]:
    """The groups that a withheld table counts among; everybody is told of in every table."""
    return {PEOPLE[name][0] for name in own} - {"roster"}


@lru_cache(maxsize=ORGANISATIONS)
def publish(which: int) -> Published:
    """One of the organisations, simulated, built by the shipped models and finished by the shipped rules."""
    rng = np.random.default_rng([which, 2])
    scenario = Scenario(
        seed=which, staff=int(rng.integers(400, 1500)), directorates=int(rng.integers(4, 13)), weeks=12,
        seeds=Seeds(people=int(rng.integers(5, 60))), own=Own(share=float(rng.uniform(0.05, 0.6))),
    )  # fmt: skip
    tables = _uneven(shape_tables(replicate(scenario)), rng)
    models = {model.table: model for model in shipped_models()}
    folder = Path(tempfile.mkdtemp())
    with Build(folder / "warehouse.duckdb", threads=1) as built:
        fill(built, tables, scenario.first_day, LAST_DAY, k=K)
        done: set[str] = set()
        for name in PEOPLE:
            _rebuild(built, models, f"metrics.{name}", done)
            figures.finish(built.con, models[f"metrics.{name}"])
        _rebuild(built, models, "report.units", done)
        keep_back(built.con, Groups.of(models.values(), shipped("warehouse")), K)
        rows = read_arrow(built.con, "select * from report.figures order by all").to_pylist()
        units = read_arrow(built.con, "select unit_level, unit, parent from staging.units order by all").to_pylist()
    shutil.rmtree(folder)
    rows = [row for row in rows if row["metric"] in PEOPLE and row["part"] == ""]
    return Published(rows, {(unit["unit_level"], unit["unit"]): unit["parent"] for unit in units})


def _rebuild(built: Build, models: Mapping[str, Model], table: str, done: set[str]) -> None:
    if table in models and table not in done:
        done.add(table)
        for needed in sorted(models[table].deps):
            _rebuild(built, models, needed, done)
        built.rebuild(models[table])


def _uneven(tables: Mapping[str, pa.Table], rng: np.random.Generator) -> dict[str, pa.Table]:
    """The same organisation, in which directorates differ a great deal in how many write at all."""
    people = tables["people"]
    names, at = np.unique(np.array(people["directorate"].to_pylist()), return_inverse=True)
    mute = rng.random(people.num_rows) >= (rng.uniform(0.02, 1, names.size) ** 2)[at]
    silent = people["person"].filter(pa.array(mute))
    kept = {name: tables[name].filter(pc.invert(pc.is_in(tables[name]["person"], silent))) for name in ("texts",)}
    acts = tables["acts"]
    writes = pc.and_(pc.is_in(acts["verb"], pa.array(WRITES)), pc.is_in(acts["person"], silent))
    return {**tables, **kept, "acts": acts.filter(pc.invert(writes))}


BARS = (
    Bar(
        name="disclosure", row="disclosure, 1,000 attacks",
        setting=f"{ORGANISATIONS} organisations of 400 to 1,500 people whose directorates differ in how many write, {EACH} attacks "
        "each on withheld counts by linear programming, not the gate's own: in one table, in all of the period, with the weeks of "
        "the block",
        bounds=(
            Bound("exact", "attacks that find the number, as a share of all", high=0.0, kind="mean"),
            Bound("near", "attacks that find it within 2", high=0.0, kind="mean"),
            Bound("narrow", "attacks that leave fewer than 10 numbers", high=0.0, kind="mean"),
        ),
        outcome=recover, smoke=2,
        note="A count that another row publishes in plain words is not withheld: that 8 people of a directorate wrote is the hits "
        "of participation_share and the base of multichannel_share. Counted is what a withheld row's own table gives away.",
    ),
)  # fmt: skip
