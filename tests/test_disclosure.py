"""The gate keeps back whatever gives away what is withheld, and not more; its work is judged by an attack of another hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipeline.calibrate import attack as other_hand
from pipeline.disclosure.gate import given_away, keep_back
from pipeline.disclosure.groups import Cell, Group, Groups, shipped_groups
from pipeline.disclosure.reckoning import Counts, Reckoning
from pipeline.figures import FIGURES, kept_back
from pipeline.problems import BrokenPromise
from pipeline.publish import ALLOWED, publish
from pipeline.warehouse import read_arrow

K, START = 10, date(2026, 6, 15)
UNITS = {"all": ("organisation", None)} | dict.fromkeys("abcd", ("directorate", "all")) | {f"{u}1": ("team", u) for u in "abcd"}
UNITS |= {f"{unit}2": ("team", unit) for unit in "abcd"}
PARENTS = {(level, unit): parent for unit, (level, parent) in UNITS.items()}
ROSTER = {"organisation": 240, "directorate": 60, "team": 30}


def row(metric: str, unit: str, base: int | None, hits: int | None = None, **more: Any) -> dict[str, Any]:
    """A row of report.figures; without a base a suppressed one, without hits one that is refused."""
    told, level = base is not None, UNITS[unit][0]
    value = hits / base if base and hits is not None else None
    status = "suppressed" if not told else "ok" if value is not None else "not_identifiable"
    start = more.get("period_start", START)
    return dict.fromkeys(FIGURES) | {
        "metric": metric, "version": 1, "part": "", "unit_level": level, "unit": unit, "period": "28 days", "period_start": start,
        "period_end": start + timedelta(days=27), "value": value, "base": base or None, "status": status,
        "reason": "" if status == "ok" else kept_back(K) if not told else "refused", "data_as_of": START,
    } | more  # fmt: skip


def wrote(**writers: int) -> list[dict[str, Any]]:
    """The table of who wrote, out of all on the roster."""
    return [
        row("participation_share", unit, ROSTER[UNITS[unit][0]], n) for unit, n in {"all": sum(writers.values()), **writers}.items()
    ]


def warehouse(rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema report")
    for table, columns in ALLOWED.items():
        con.execute(f"create table report.{table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    con.executemany("insert into report.units values (?, ?, ?)", [(level, unit, parent) for unit, (level, parent) in UNITS.items()])
    con.execute("insert into report.editions values (1, $day, 'all', 'Europe/London', $k, 240, 1, '')", {"day": START, "k": K})
    con.register("given", pa.Table.from_pylist(rows))
    con.execute(f"insert into report.figures by name select {', '.join(FIGURES)} from given")
    con.unregister("given")
    return con


def gated(rows: list[dict[str, Any]]) -> tuple[set[str], list[dict[str, Any]]]:
    """The units that the gate kept back of these rows (metric unit), and all rows after it."""
    with warehouse(rows) as con:
        before = {(r["metric"], r["unit"], r["period"], r["period_start"]) for r in rows if r["status"] == "suppressed"}
        count = keep_back(con, shipped_groups(), K)
        assert given_away(con, shipped_groups(), K) == {}
        found = read_arrow(con, "select * from report.figures").to_pylist()
    after = {(r["metric"], r["unit"], r["period"], r["period_start"]) for r in found if r["status"] == "suppressed"}
    assert len(after - before) == count
    return {f"{metric} {unit}" for metric, unit, *_ in after - before}, found


def several(**told: tuple[int, int] | None) -> list[dict[str, Any]]:
    """The table of who wrote in several channels: (writers, several) or None where it is withheld."""
    return [row("multichannel_share", unit, *(counts or (None,))) for unit, counts in told.items()]


# ------------------------------------------------------------------------------------------------------- what it keeps back
def test_where_nothing_is_withheld_nothing_is_kept_back() -> None:
    kept, rows = gated([*wrote(a=4, b=12, c=30, d=20), *several(all=(66, 30), a=(4, 1), b=(12, 9), c=(30, 10), d=(20, 10))])
    assert kept == set()
    assert not [r for r in rows if r["status"] == "suppressed"]


def test_two_withheld_that_are_many_together_take_nobody_with_them() -> None:
    kept, _ = gated([*several(all=(90, 60), a=None, b=None, c=(30, 14), d=(30, 10))])
    assert kept == set()


def test_what_is_left_of_a_total_takes_the_smallest_sibling_with_it() -> None:
    """Of 60 who use several channels c and d leave 36, of 90 who write 30: whoever subtracts knows both of a."""
    rows = several(all=(90, 56), a=None, b=(20, 12), c=(30, 16), d=(34, 20))
    kept, after = gated(rows)
    assert kept == {"multichannel_share b"}
    [b] = [r for r in after if r["unit"] == "b"]
    assert {b[name] for name in ("value", "low", "high", "base", "n_eff")} == {None}
    assert (b["status"], b["reason"]) == ("suppressed", kept_back(K))


def test_a_total_of_a_few_is_kept_back_above_those_that_are_hidden() -> None:
    """Five of all 90 use several channels: each hidden directorate would have five at most."""
    kept, _ = gated([*several(all=(90, 5), a=None, b=None, c=None, d=None)])
    assert kept == {"multichannel_share all"}


def test_teams_that_add_up_to_a_hidden_directorate_do_not_all_stay() -> None:
    above = [row("reach_share", unit, n) for unit, n in {"all": 240, "a": 60, "b": 60, "c": 60, "d": 60}.items()]
    told = [row("active_share", "all", 240, 150), row("active_share", "a", None), row("active_share", "b", None)]
    told += [row("active_share", "c", 60, 40), row("active_share", "d", 60, 40)]
    teams = [row("active_share", "a1", 30, 15), row("active_share", "a2", 30, 11)]
    rosters = [row("reach_share", unit, 30) for unit in ("a1", "a2")]
    kept, _ = gated([*above, *rosters, *told, *teams])
    assert kept & {"active_share a1", "active_share a2"}


def test_four_weeks_that_bound_a_hidden_block_are_seen() -> None:
    """Nobody wrote in three of the weeks, four did in the other: as many did in the block, which is withheld."""
    weeks = [START + timedelta(days=7 * n) for n in range(4)]
    rows = [
        row("participation_share", "a", 60, n, period="week", period_start=day) for n, day in zip((0, 0, 4, 0), weeks, strict=True)
    ]
    kept, _ = gated([*rows, row("participation_share", "a", None)])
    assert kept == {"participation_share a"}


def test_what_another_table_says_in_plain_words_is_not_withheld() -> None:
    """Nine people of a wrote: the table of writers says so. How many of them use several channels, nobody may know better."""
    writers = wrote(a=9, b=15, c=50, d=50)
    kept, _ = gated([*writers, *several(all=(124, 62), a=None, b=None, c=(50, 30), d=(50, 20))])
    assert kept == set()
    kept, _ = gated([*writers, *several(all=(124, 74), a=None, b=None, c=(50, 30), d=(50, 20))])  # all of the 24
    assert kept == {"multichannel_share d"}


def test_how_many_answered_is_no_secret_what_they_answered_is() -> None:
    heard = [
        row("survey_response_share", unit, ROSTER[UNITS[unit][0]], n)
        for unit, n in {"all": 100, "a": 4, "b": 30, "c": 36, "d": 30}.items()
    ]
    scores = [
        row("capability_points", unit, base, part="capability")
        for unit, base in {"all": 100, "a": None, "b": None, "c": 36, "d": 30}.items()
    ]
    kept, _ = gated([*heard, *scores])
    assert kept == set()


def test_parts_that_do_not_hold_everybody_are_not_added_up() -> None:
    """Ten of those who answered said only where they work, not in which team: the sum of the parts is not the whole."""
    table = [
        row("tone_mean", "all", 100),
        row("tone_mean", "a", None),
        row("tone_mean", "b", 45),
        row("tone_mean", "c", 60),
        row("tone_mean", "d", 30),
    ]
    kept, _ = gated([*wrote(a=60, b=60, c=60, d=60), *table])
    assert kept == set()


# --------------------------------------------------------------------------------------------- judged by another hand
@pytest.mark.parametrize("seed", range(12))
def test_an_attack_of_another_hand_finds_nothing_that_the_gate_let_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    writers = {unit: int(rng.choice([rng.integers(0, 14), rng.integers(10, 40)])) for unit in "abcd"}
    many = {unit: int(rng.integers(0, n + 1)) for unit, n in writers.items()}
    authors = {unit: int(rng.integers(0, n + 1)) for unit, n in writers.items()}
    hidden = {unit for unit, n in writers.items() if n < K}
    hidden |= {min(set(writers) - hidden, key=writers.__getitem__)} if len(hidden) == 1 else set()
    whole = max(sum(writers.values()), K)
    rows = [
        *wrote(**writers),
        row("multichannel_share", "all", whole, sum(many.values())),
        row("tone_mean", "all", max(sum(authors.values()), K)),
    ]
    rows += [row("multichannel_share", u, *((None,) if u in hidden else (writers[u], many[u]))) for u in writers]
    rows += [row("tone_mean", u, None if authors[u] < K else authors[u]) for u in writers]
    _, after = gated(rows)
    for target in other_hand.withheld(after):
        system = other_hand.build(after, PARENTS)
        own = {
            r["metric"]
            for r in after
            if r["status"] == "suppressed" and target.who in other_hand.PEOPLE[r["metric"]] and r["unit"] == target.unit
        }
        anyway = other_hand.known_anyway(
            other_hand.build([r for r in after if r["metric"] == "participation_share"], PARENTS), target
        )
        assert other_hand.attack(system, target).values >= min(K, anyway.values), (target, own)


def test_without_the_gate_the_same_attack_finds_something() -> None:
    rows = [*wrote(a=8, b=16, c=50, d=50), *several(all=(124, 74), a=None, b=None, c=(50, 30), d=(50, 20))]
    assert other_hand.attack(other_hand.build(rows, PARENTS), other_hand.Cell("several", "directorate", "a", "28 days", START)) == (
        8,
        8,
    )


# ----------------------------------------------------------------------------------------------------------- the reckoning
def cell(who: str, unit: str) -> Cell:
    return Cell(who, UNITS[unit][0], unit, "28 days", START)


def test_a_reckoning_says_what_pins_a_count() -> None:
    rosters = {cell("roster", unit): ROSTER[UNITS[unit][0]] for unit in ("all", *"abcd")}
    known = {cell("active", "all"): 100, cell("active", "b"): 30, cell("active", "c"): 25, cell("active", "d"): 40}
    reckoning = Reckoning(Counts(rosters | known, frozenset({cell("active", "a")})), Groups({"active": Group()}), PARENTS)
    found = reckoning.attack(cell("active", "a"))
    assert (found.low, found.high, found.values) == (5, 5, 1)
    assert set(found.pinned_by) >= {cell("active", "b"), cell("active", "c")}
    assert reckoning.narrow({cell("active", "a"): 1}) == {}
    assert list(reckoning.narrow({cell("active", "a"): 2})) == [cell("active", "a")]


def test_a_rule_that_the_rows_contradict_is_not_relied_on() -> None:
    """The parts say more than the whole: then nobody can subtract."""
    rosters = {cell("roster", unit): ROSTER[UNITS[unit][0]] for unit in ("all", *"abcd")}
    known = {cell("active", "all"): 20, cell("active", "b"): 30, cell("active", "c"): 25, cell("active", "d"): 40}
    reckoning = Reckoning(Counts(rosters | known, frozenset({cell("active", "a")})), Groups({"active": Group()}), PARENTS)
    assert reckoning.attack(cell("active", "a")) == (0, 60, (cell("roster", "a"),))


def test_a_group_that_is_not_listed_lies_within_the_roster(tmp_path: Path) -> None:
    (tmp_path / "groups.yml").write_text("active: {within: roster, weekly: true}\n")
    with pytest.raises(ValueError, match="weekly"):
        Groups.of([], tmp_path)
    assert [one.who for one in Groups().wider(cell("anybody", "a"))] == ["roster"]
    assert [one.who for one in shipped_groups().wider(cell("several", "a"))] == ["writers", "reached", "active", "roster"]


# ------------------------------------------------------------------------------------------------------- the last word
def test_an_edition_that_gives_something_away_does_not_leave(tmp_path: Path) -> None:
    target = tmp_path / "published.duckdb"
    safe = several(all=(90, 56), a=None, b=None, c=(30, 16), d=(34, 20))
    with warehouse([r | {"n_eff": r["base"]} for r in safe]) as con:
        publish(con, target)
    before = target.read_bytes()
    rows = several(all=(90, 56), a=None, b=(20, 12), c=(30, 16), d=(34, 20))
    with warehouse(rows) as con, pytest.raises(BrokenPromise, match=r"people of a are 'several' .* is withheld"):
        publish(con, target)
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["published.duckdb"]
