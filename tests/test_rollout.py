"""A roll-out by lot: what is dealt, where it is kept, and whether its analysis finds what is there and nothing else."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from pipeline import cli, rollout
from pipeline.problems import ConfigError
from pipeline.warehouse import Build
from tests.nights import Place
from tests.story import AS_OF, World

SIZE = 9
TEAMS = 32


def warehouse(place: Place, *, as_of: date = AS_OF, active: Callable[[str, date], float] = lambda *_: 0.5, seed: int = 1) -> None:
    """A warehouse of 32 teams of nine in four directorates, whose members take part in a block with some probability."""
    first = date(2026, 3, 23)
    path = place.home / "warehouse.duckdb"
    path.unlink(missing_ok=True)
    rng = np.random.default_rng(seed)
    with Build(path) as build:
        world = World(build, as_of=as_of)
        world.seen("wall", since=str(first))
        people, acts = [], []
        for n in range(TEAMS):
            team = f"Team {n:02}"
            size = SIZE + n % 5
            people += [(f"{team}m{m}", team, f"Directorate {n % 4}") for m in range(size)]
            for block in range((as_of - first).days // 28 + 1):
                day = first + timedelta(days=28 * block)
                present = rng.permutation(size)[: rng.binomial(size, active(team, day))]
                acts += [(f"{team}m{m}", f"{day + timedelta(days=8)} 12:00:00+00") for m in present]
        world.con.execute(
            """insert into each.people (person, team, directorate, valid_from, valid_to)
               select encode(p), t, d, date '2025-01-06', date '9999-12-31'
               from (select unnest(?) as p, unnest(?) as t, unnest(?) as d)""",
            [[row[i] for row in people] for i in range(3)],
        )
        world.con.execute(
            """insert into each.acts (source, channel, person, happened_at, verb)
               select 'wall', 'network', encode(p), cast(d as timestamptz), 'post'
               from (select unnest(?) as p, unnest(?) as d)""",
            [[row[i] for row in acts] for i in range(2)],
        )
        world.result("staging.membership")
        world.result("staging.activity")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path, k=5)
    warehouse(made)
    return made


Verb = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verb:
    """What the verb says at a place: exit code, standard output, standard error."""

    def say(place: Place, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tidemark", "rollout", *words])
        with place.environment(), pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return say


def files(place: Place) -> tuple[bytes, bytes]:
    return (place.home / "rollout/plan.json").read_bytes(), (place.home / "rollout/order.csv").read_bytes()


def test_the_verb_deals_prints_and_keeps_a_plan(place: Place, said: Verb) -> None:
    code, told, wrong = said(place, "--seed", "5")
    assert code == 0, wrong
    plan = json.loads(files(place)[0])
    assert (plan["seed"], plan["made_for"], len(plan["places"])) == (5, "2026-07-12", TEAMS)
    assert [w["starts_on"] for w in plan["waves"]] == ["2026-07-13", "2026-08-10", "2026-09-07", "2026-10-05"]
    assert all(team in told for team in ("Team 00", "Team 31"))
    assert "difference in standard deviations" in told
    with (place.home / "rollout/order.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["team"] for row in rows] == [p["team"] for p in plan["places"]]
    assert set(rows[0]) == {"order", "wave", "starts_on", "team", "directorate", "size", "activity"}


def test_only_its_owner_reads_it_and_it_names_nobody(place: Place, said: Verb) -> None:
    said(place)
    folder = place.home / "rollout"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(p.name for p in folder.iterdir()) == ["order.csv", "plan.json"]
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert "m1" not in path.read_text()


def test_a_lot_is_drawn_once(place: Place, said: Verb) -> None:
    assert said(place, "--seed", "5")[0] == 0
    before = files(place)
    code, _, why = said(place, "--seed", "6")
    assert (code, "dealt with seed 5" in why, files(place)) == (2, True, before)
    assert said(place, "--seed", "5", "--again")[0] == 0
    assert files(place) == before
    assert said(place, "--seed", "6", "--again")[0] == 0
    assert files(place) != before


def test_waves_are_alike(place: Place) -> None:
    """Each directorate has eight teams and each wave two of them; sizes differ by half a standard deviation at most."""
    worst = []
    for seed in range(10):
        plan = rollout.make(place.settings, seed=seed, again=True)
        assert all(sum(p.wave == w for p in plan.places) == TEAMS // 4 for w in range(1, 5))
        for home in range(4):
            counts = [sum(p.wave == w and p.directorate == f"Directorate {home}" for p in plan.places) for w in range(1, 5)]
            assert max(counts) - min(counts) <= 1
        worst.append(max(abs(row.difference) for row in plan.balance))
    assert np.median(worst) < 0.9


def test_a_wave_begins_with_a_block(place: Place) -> None:
    plan = rollout.make(place.settings, start=date(2026, 7, 14), waves=2)
    assert [p.starts_on for p in plan.places][:: TEAMS - 1] == [date(2026, 8, 10), date(2026, 9, 7)]


def test_too_few_teams_or_no_warehouse_is_said(place: Place, said: Verb, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="32 teams of 5 people or more are too few for 17 waves"):
        rollout.make(place.settings, waves=17)
    assert rollout.make(place.settings, waves=16).seed == 20260712
    empty = Place(tmp_path / "empty")
    assert "tidemark nightly" in said(empty)[2]
    assert "deal one with `tidemark rollout`" in said(empty, "--analyse")[2]


def test_before_the_first_block_is_over_it_is_too_early(place: Place, said: Verb) -> None:
    said(place)
    code, _, why = said(place, "--analyse")
    assert code == 2
    assert "the first wave begins on 2026-07-13, and its first block of 28 days ends on 2026-08-09" in why


def run(place: Place, effect: float, seed: int) -> rollout.Analysis:
    """Deal, let three blocks pass in which those who have begun gain `effect`, and analyse."""
    warehouse(place)
    plan = rollout.make(place.settings, seed=seed, again=True)
    starts = {p.team: p.starts_on for p in plan.places}
    rng = np.random.default_rng(seed)
    base = {team: rng.uniform(0.2, 0.5) for team in sorted(starts)}
    warehouse(place, as_of=date(2026, 10, 4), active=lambda team, day: base[team] + effect * (day >= starts[team]), seed=100 + seed)
    return rollout.analyse(place.settings, redeals=99)


def test_a_planted_effect_is_recovered(place: Place, said: Verb) -> None:
    found = run(place, 0.4, 3)
    assert found.low < 40 < found.high
    assert found.att == pytest.approx(40, abs=12)
    assert found.p <= 0.02
    assert (found.teams, found.missing, found.blocks) == (TEAMS, 0, 3)
    code, told, wrong = said(place, "--analyse")
    assert code == 0, wrong
    assert "points more active than teams still waiting" in told
    assert "more than the lot alone explains" in told


def test_an_absent_effect_is_not_found(place: Place) -> None:
    found = [run(place, 0.0, seed) for seed in (3, 4, 5)]
    assert sum(f.p <= 0.05 for f in found) <= 1
    assert sum(f.low < 0 < f.high for f in found) >= 2
    assert any("the lot alone could explain that" in line for line in rollout.analysis_lines(found[0]))


def test_a_team_that_is_gone_is_left_out_and_said(place: Place) -> None:
    run(place, 0.4, 3)
    with duckdb.connect(str(place.home / "warehouse.duckdb")) as con:
        con.execute("update staging.membership set unit = 'Team new' where unit = 'Team 07'")
    found = rollout.analyse(place.settings, redeals=99)
    assert (found.teams, found.missing) == (TEAMS - 1, 1)
    assert any("1 of the plan are no longer told of" in line for line in rollout.analysis_lines(found))
    with duckdb.connect(str(place.home / "warehouse.duckdb")) as con:
        con.execute("update staging.membership set unit = unit || '!' where unit_level = 'team'")
    with pytest.raises(ConfigError, match="no team of the plan is told of any more"):
        rollout.analyse(place.settings)


def test_a_plan_that_was_changed_beyond_reading_is_refused(place: Place, said: Verb) -> None:
    said(place)
    path = place.home / "rollout/plan.json"
    whole = path.read_bytes()
    text = whole.replace(b'"wave": 1,', b'"wave": "1",')
    for content in (b'{"seed": 1}', whole[: len(whole) // 2], b"", b"[" * 100_000, b"\xff\xfe", text):
        path.write_bytes(content)
        code, _, why = said(place, "--analyse")
        assert (code, "is not a plan as it was dealt" in why, "restore it, or deal anew" in why) == (2, True, True)
    path.unlink()
    path.mkdir()
    assert "there is no plan yet" in said(place, "--analyse")[2]


def wave(places: list[dict[str, Any]], **changes: Any) -> None:
    """The first team's place, changed."""
    places[0].update(changes)


def swap(places: list[dict[str, Any]]) -> None:
    """The first team and the last change places."""
    places[0]["team"], places[-1]["team"] = places[-1]["team"], places[0]["team"]


def later(plan: dict[str, Any], days: int) -> None:
    """Every wave begins so many days later."""
    for row in (*plan["places"], *plan["waves"]):
        row["starts_on"] = str(date.fromisoformat(row["starts_on"]) + timedelta(days=days))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda plan: wave(plan["places"], team=plan["places"][1]["team"]), "is in it twice"),
        (lambda plan: wave(plan["places"], team="Team unknown"), "the lot of seed 5 falls otherwise"),
        (lambda plan: wave(plan["places"], wave=0), "waves are not called 1, 2"),
        (lambda plan: wave(plan["places"], wave=10**12), "waves are not called 1, 2"),
        (lambda plan: wave(plan["places"], team="Team 99"), "the lot of seed 5 falls otherwise"),
        (lambda plan: wave(plan["places"], wave=2), "waves do not begin with a block of 28 days, one after the other"),
        (lambda plan: wave(plan["places"], activity="quietest"), "the lot of seed 5 falls otherwise"),
        (lambda plan: [p.update(starts_on="2026-07-14") for p in plan["places"] if p["wave"] == 1], "waves do not begin"),
        (lambda plan: later(plan, 28 * 500), "waves do not begin"),
        (lambda plan: plan["waves"].pop(), "waves do not begin"),
        (lambda plan: swap(plan["places"]), "the lot of seed 5 falls otherwise"),
        (lambda plan: plan.update(seed=6), "the lot of seed 6 falls otherwise"),
        (lambda plan: plan.update(seed=-1), "seed: Input should be greater"),
        (lambda plan: plan["places"].pop(), "the lot of seed 5 falls otherwise"),
        (lambda plan: plan["places"].reverse(), "teams are not in their order"),
        (lambda plan: plan.update(places=[]), "places: List should have at least 2"),
        (lambda plan: plan.update(kay=1), "kay: Extra inputs"),
    ],
)  # fmt: skip
def test_a_plan_is_held_to_its_lot(place: Place, said: Verb, change: Callable[[dict[str, Any]], object], why: str) -> None:
    said(place, "--seed", "5")
    path = place.home / "rollout/plan.json"
    assert "too early" in said(place, "--analyse")[2]
    plan = json.loads(path.read_text())
    change(plan)
    path.write_text(json.dumps(plan))
    code, _, told = said(place, "--analyse")
    assert (code, why in told) == (2, True), told


def test_words_that_no_lot_can_follow_are_named(place: Place, said: Verb) -> None:
    assert "a seed is 0 or more" in said(place, "--seed", "-1")[2]
    assert "begins within ten years" in said(place, "--start", "9999-12-31")[2]
