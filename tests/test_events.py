"""The event-level simulator: what is put in comes out, the same bytes each time, and the truth stays apart."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import ValidationError

from pipeline.shapes import read_shapes
from pipeline.simulate.events import (
    NEVER,
    Branching,
    Broadcast,
    Contacts,
    Events,
    Observation,
    Outage,
    Own,
    Roster,
    Saturation,
    Scenario,
    Seeds,
    Talk,
    TeamEvents,
    read_scenario,
    replicate,
)
from pipeline.simulate.events.observe import ATTRIBUTED, IMPORTED, UNATTRIBUTED
from pipeline.simulate.events.people import workdays
from pipeline.simulate.events.spread import PEER, SEED, reached
from pipeline.simulate.events.tables import shape_tables

TREE = Scenario(
    staff=20_000, weeks=40, working_days=False, seeds=Seeds(people=400, weeks=4),
    branching=Branching(reproduction=0.9, depletion=False),
)  # fmt: skip
RICH = Scenario(
    staff=600, weeks=30, seeds=Seeds(people=40), branching=Branching(reproduction=1.4, dispersion=0.8),
    broadcast=Broadcast(weekly=3), own=Own(share=0.1), team_events=TeamEvents(),
    observation=Observation(hidden=0.3, rivals=0.5, mistaken=0.1),
)  # fmt: skip


def changed(scenario: Scenario, **more: object) -> Scenario:
    return Scenario.model_validate({**scenario.model_dump(), **more})


def digest(events: Events) -> str:
    """Every array of a replication, in order."""
    made = hashlib.sha256()
    for part in (events.people, events.seen, events.truth):
        for field in dataclasses.fields(part):
            made.update(np.ascontiguousarray(getattr(part, field.name)).tobytes())
    made.update(events.ego.tobytes() + events.alter.tobytes())
    return made.hexdigest()


def offspring(events: Events, before: int) -> np.ndarray:
    """How many each adopter won over who adopted so early that all of it is seen."""
    parent = events.truth.parent[events.truth.parent >= 0]
    return np.bincount(parent, minlength=len(events.people))[events.truth.day < before]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    assert digest(replicate(RICH)) == digest(replicate(RICH)) != digest(replicate(changed(RICH, seed=8)))


@pytest.mark.parametrize("dispersion", [np.inf, 1.0, 0.3])
def test_the_realised_offspring_have_the_mean_and_the_variance_that_were_put_in(dispersion: float) -> None:
    counts = np.concatenate([
        offspring(replicate(changed(
            TREE, seed=seed, branching={"reproduction": 0.9, "dispersion": dispersion, "depletion": False}
        )), TREE.days - 80) for seed in range(4)
    ])  # fmt: skip
    spread = 0.9 + (0 if dispersion == np.inf else 0.81 / dispersion)
    assert abs(counts.mean() - 0.9) < 4 * np.sqrt(spread / len(counts))
    assert counts.var() == pytest.approx(spread, rel=0.12)


def test_waits_have_the_mean_and_the_deviation_that_were_put_in() -> None:
    truth = replicate(TREE).truth
    won = np.flatnonzero((truth.parent >= 0) & (truth.day < NEVER))
    won = won[truth.day[truth.parent[won]] < TREE.days - 80]  # a source watched to the end shows its long waits too
    wait = truth.day[won] - truth.day[truth.parent[won]]
    assert wait.min() >= 1
    assert wait.mean() == pytest.approx(10, abs=0.4)
    assert wait.std() == pytest.approx(7, abs=0.4)


def test_depletion_loses_attempts_and_says_how_many() -> None:
    events = replicate(Scenario(
        staff=3000, weeks=60, seeds=Seeds(people=100), branching=Branching(reproduction=2.0),
        roster=Roster(joining=0, leaving=0), contacts=Contacts(teammates=0, colleagues=0, anybody=0),
    ))  # fmt: skip
    truth = events.truth
    assert truth.won.sum() == np.count_nonzero(truth.kind == PEER)
    early, late = slice(0, 28), slice(112, None)
    assert truth.won[early].sum() / truth.tried[early].sum() > 0.85
    assert truth.won[late].sum() / truth.tried[late].sum() < 0.5
    adopted = np.count_nonzero(truth.day < NEVER) / len(events.people)
    assert adopted == pytest.approx(0.81, abs=0.03)  # the final size s = 1 - (1 - seeds) exp(-2 s) of an epidemic with R = 2


def test_without_depletion_a_staff_that_is_too_small_is_refused_and_one_that_just_suffices_is_not() -> None:
    block = Branching(reproduction=3, depletion=False)
    with pytest.raises(ValueError, match="outgrown the staff"):
        replicate(Scenario(staff=300, weeks=20, seeds=Seeds(people=30), branching=block))
    replicate(Scenario(staff=300, weeks=2, seeds=Seeds(people=3), branching=block))


def test_people_adopt_once_while_employed_on_a_working_day_and_after_their_source() -> None:
    events = replicate(RICH)
    truth, people = events.truth, events.people
    who = np.flatnonzero(truth.day < NEVER)
    assert np.all((people.joined[who] <= truth.day[who]) & (truth.day[who] < people.left[who]))
    assert np.all(workdays(RICH)[truth.day[who]] == truth.day[who])
    led = who[truth.parent[who] >= 0]
    assert np.all(truth.day[led] > truth.day[truth.parent[led]])
    assert np.all((truth.kind[who] == PEER) == (truth.parent[who] >= 0))


def test_hidden_edges_are_the_share_that_was_put_in_and_leave_no_trace() -> None:
    events = replicate(changed(TREE, observation={"hidden": 0.3}))
    truth, seen = events.truth, events.seen
    peers = truth.kind[seen.person] == PEER
    assert np.mean(seen.kind[peers] == UNATTRIBUTED) == pytest.approx(0.3, abs=0.03)
    assert np.all(seen.kind[truth.kind[seen.person] == SEED] == IMPORTED)
    assert np.array_equal(np.unique(seen.pairs[:, 0]), np.flatnonzero(seen.kind == ATTRIBUTED))
    assert np.array_equal(seen.person[seen.pairs[:, 1]], truth.parent[seen.person[seen.pairs[:, 0]]])  # no rivals: the truth


def test_rivals_and_mistakes_name_people_who_adopted_before() -> None:
    events = replicate(RICH)
    seen, truth = events.seen, events.truth
    assert np.all(seen.day[seen.pairs[:, 1]] < seen.day[seen.pairs[:, 0]])
    assert np.all(seen.day[seen.pairs[:, 0]] - seen.day[seen.pairs[:, 1]] <= 60)
    attributed = seen.person[seen.kind == ATTRIBUTED]
    assert np.any(truth.kind[attributed] != PEER)
    assert len(seen.pairs) > len(attributed)


def test_an_outage_records_the_shares_that_were_put_in() -> None:
    events = replicate(changed(TREE, outage=Outage(week=15).model_dump()))
    truth, seen = events.truth, events.seen
    recorded, true = (np.bincount(day, minlength=TREE.days) for day in (seen.day, truth.day[truth.day < NEVER]))
    for days, share in ((slice(0, 105), 0.3), (slice(105, None), 0.9)):
        assert recorded[days].sum() / true[days].sum() == pytest.approx(share, abs=0.05)
        assert np.all(seen.completeness[days] == share)


def test_what_is_seen_holds_nothing_of_the_truth() -> None:
    """Where all edges are hidden, two truths with the same days are seen alike."""
    events = replicate(changed(RICH, observation={"hidden": 1.0}))
    assert not len(events.seen.pairs)
    assert {field.name for field in dataclasses.fields(events.seen)}.isdisjoint({"parent", "won", "tried", "source"})
    assert "truth" not in vars(events.seen)


def test_a_broadcast_wins_over_as_many_a_week_as_was_put_in_and_nobody_follows_anybody() -> None:
    events = replicate(Scenario(staff=3000, weeks=26, broadcast=Broadcast(weekly=40, noted=0.9)))
    assert len(events.seen.day) / 26 == pytest.approx(40, rel=0.15)
    assert np.all(events.truth.parent == -1)
    assert np.mean(events.seen.kind == IMPORTED) == pytest.approx(0.9, abs=0.04)


@pytest.mark.parametrize("kind", ["logistic", "bass"])
@pytest.mark.parametrize("share", [0.2, 0.4, 1.0])
def test_a_curve_is_seen_up_to_the_share_that_was_put_in(kind: str, share: float) -> None:
    scenario = Scenario(staff=3000, weeks=40, saturation=Saturation(kind=kind, seen=share))
    line = reached(scenario, np.arange(41))
    assert line[-1] == pytest.approx(min(share, 0.995))
    assert np.all(np.diff(line) > 0)
    assert len(replicate(scenario).seen.day) == pytest.approx(1800 * (line[-1] - line[0]), rel=0.1)


def test_ties_are_mostly_within_teams_and_name_nobody_twice() -> None:
    events = replicate(RICH)
    assert np.all(events.ego != events.alter)
    assert len(np.unique(np.stack([events.ego, events.alter]), axis=1).T) == len(events.ego)
    same = events.people.team[events.ego] == events.people.team[events.alter]
    assert 0.4 < same.mean() < 0.7


def test_adopters_talk_to_those_of_their_time_to_a_few_and_to_the_early_and_nobody_adopts_because_of_it() -> None:
    quiet = Scenario(staff=3000, weeks=40, own=Own(share=0.5), contacts=Contacts(teammates=0, colleagues=0, anybody=0))

    def ties(**talk: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        events = replicate(changed(quiet, talk=Talk(**talk)))
        assert np.all(events.ego != events.alter)
        assert np.all(events.truth.day == replicate(quiet).truth.day)
        day = events.truth.day
        assert len(events.ego) == pytest.approx(8 * np.sum(day < NEVER), rel=0.02)
        return day[events.ego], day[events.alter], np.bincount(events.alter, minlength=len(day))[day < NEVER]

    assert len(replicate(quiet).ego) == 0
    ego, alter, heard = ties(within=30)
    assert np.abs(ego - alter).max() <= 30
    assert heard.var() > 4 * heard.mean()
    ego, alter, _ = ties()
    assert abs(np.mean(ego - alter)) < 5
    ego, alter, heard = ties(uneven=0.01)
    assert heard.var() < 2 * heard.mean()
    ego, alter, _ = ties(fame_days=50)
    assert np.mean(ego - alter) > 40


def test_keen_teams_differ_and_events_come_together() -> None:
    own = replicate(Scenario(staff=3000, weeks=40, own=Own(share=0.4, team_spread=1.0)))
    share = np.bincount(own.people.team, own.truth.day < NEVER) / np.bincount(own.people.team)
    assert share.std() > 0.2
    occasions = replicate(Scenario(staff=3000, weeks=40, team_events=TeamEvents(each=1, share=1.0, days=5)))
    for team in range(20):
        days = occasions.truth.day[(occasions.people.team == team) & (occasions.truth.day < NEVER)]
        assert not len(days) or days.max() - np.median(days) <= 10 or len(np.unique(days // 14)) <= 6


def test_a_scenario_is_read_from_toml_and_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "world.toml"
    path.write_text("staff = 400\nweeks = 10\n[branching]\nreproduction = 1.5\ndispersion = inf\n[observation]\nhidden = 0.3\n")
    assert read_scenario(path) == Scenario(
        staff=400, weeks=10, branching=Branching(reproduction=1.5), observation=Observation(hidden=0.3)
    )
    path.write_text("staff = 400\n[branching]\nreproducton = 1.5\n")
    with pytest.raises(ValidationError, match="reproducton"):
        read_scenario(path)
    with pytest.raises(ValidationError, match="no other mechanism"):
        Scenario(saturation=Saturation(), branching=Branching())
    with pytest.raises(ValidationError, match="too many teams"):
        Scenario(staff=300, teams=101)
    assert Scenario(staff=300, teams=100).teams == 100


def test_a_replication_is_quick() -> None:
    for staff, teams, seconds in ((3000, 209, 1.0), (300, 20, 0.1)):
        scenario = changed(RICH, staff=staff, teams=teams, weeks=78)
        took = []
        for _ in range(3):
            began = time.process_time()
            replicate(scenario)
            took.append(time.process_time() - began)
        assert min(took) < seconds


# ------------------------------------------------------------------------------------------------------------ tables
def test_tables_have_the_columns_of_the_shapes_and_pseudonyms_of_sixteen_bytes() -> None:
    tables = shape_tables(replicate(RICH))
    assert set(tables) == {"people", "acts", "texts", "answers", "champions", "presence", "events"}
    for name, table in tables.items():
        shape = read_shapes()[name]
        assert set(shape.columns) <= set(table.column_names) <= {"source", "channel", *shape.columns, *shape.optional}
        assert table.num_rows
        if "person" in table.column_names:
            assert pc.unique(pc.binary_length(table["person"])).to_pylist() == [16]
    assert pc.unique(tables["acts"]["verb"]).to_pylist()
    assert set(pc.unique(tables["acts"]["verb"]).to_pylist()) <= set(read_shapes()["acts"].only["verb"])


def test_tables_are_the_same_each_time_and_show_only_recorded_edges() -> None:
    first, again = shape_tables(replicate(RICH)), shape_tables(replicate(RICH))
    assert all(table.equals(again[name]) for name, table in first.items())
    hidden = shape_tables(replicate(changed(RICH, observation={"hidden": 1.0})))
    verbs = pa.array(["teach", "invite"])
    taught, none = (pc.sum(pc.is_in(tables["acts"]["verb"], verbs)).as_py() for tables in (first, hidden))
    assert taught > 20
    assert none == 0
