"""The shuffle of dates: exact by hand, blind to likeness, team events and fame, awake to influence."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import pytest

from pipeline.estimate import shuffle_test
from pipeline.estimate.influence import CANNOT_SEPARATE, CONSISTENT

Worlds = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def department(seed: int, influence: float, people: int = 400, days: int = 364) -> Worlds:
    """Ties, days, teams and quarters where like follows like, teams have events, and perhaps people follow people."""
    rng = np.random.default_rng(seed)
    teams = people // 15
    team, trait = np.sort(rng.integers(0, teams, people)), rng.normal(size=people)
    quarter = np.where(rng.random(people) < 0.8, 0, rng.integers(1, 4, people))
    ties = []
    for ego in range(people):
        mates = np.flatnonzero((team == team[ego]) & (np.arange(people) != ego))
        alike = np.exp(-((trait[mates] - trait[ego]) ** 2))
        ties += [(ego, int(a)) for a in rng.choice(mates, min(5, mates.size), replace=False, p=alike / alike.sum())]
        ties += [(ego, int(a)) for a in rng.integers(0, people, 3) if a != ego]
    events = np.zeros((teams, days))
    for where in range(teams):
        for begin in rng.integers(0, days, 2):
            events[where, begin : begin + 7] = 0.02
    ego, alter = np.array(ties).T
    day = np.full(people, np.nan)
    for now in range(days):
        ago = now - day
        heard = np.bincount(ego, weights=((ago[alter] >= 1) & (ago[alter] <= 28)).astype(float), minlength=people)
        chance = 0.0015 * np.exp(0.5 * trait) + events[team, now] + influence * heard
        day[np.isnan(day) & (rng.random(people) < chance)] = now
    return np.array(ties), day, team, quarter


def rejections(influence: float, runs: int) -> float:
    found = []
    for seed in range(runs):
        ties, day, team, quarter = department(seed, influence)
        found.append(shuffle_test(ties[:, 0], ties[:, 1], day, team, quarter, permutations=199, seed=seed).p <= 0.05)
    return float(np.mean(found))


def test_likeness_and_team_events_are_not_taken_for_influence() -> None:
    assert rejections(0.0, 40) <= 0.125  # 7 % in the long run; 40 runs scatter


def test_influence_is_noticed() -> None:
    assert rejections(0.002, 15) >= 0.35


def test_by_hand() -> None:
    """One pair in one team: of the two ways to deal the days, one has the ego 5 days after the alter."""
    found = shuffle_test([0], [1], [15.0, 10.0], ["a", "a"], ["q", "q"], permutations=999, seed=1)
    assert (found.after, found.before, found.balance) == (1, 0, 1.0)
    assert found.p == pytest.approx(0.5, abs=0.06)
    assert found.words == CANNOT_SEPARATE
    assert (found.p * 1000) == pytest.approx(round(found.p * 1000))  # (1 + how many) / (999 + 1)


@pytest.mark.parametrize(
    ("later", "counted"),
    [(1.0, (1, 0)), (28.0, (1, 0)), (29.0, (0, 0)), (0.0, (0, 0)), (-1.0, (0, 1)), (-28.0, (0, 1)), (-29.0, (0, 0))],
)
def test_the_window_is_1_to_28_days_either_way(later: float, counted: tuple[int, int]) -> None:
    found = shuffle_test([0], [1], [30 + later, 30.0], [0, 0], [0, 0], permutations=9, seed=1)
    assert (found.after, found.before) == counted


def test_whoever_has_many_ties_is_one_accident() -> None:
    """Four who come after the one they all address: D = 4, sum of squares 16 + 4, balance 4 / sqrt(10). Four pairs: 4 / 2."""
    one = shuffle_test([1, 2, 3, 4], [0, 0, 0, 0], [1.0, 5, 6, 7, 8], [0] * 5, [0] * 5, permutations=9, seed=1)
    four = shuffle_test([1, 3, 5, 7], [0, 2, 4, 6], [1.0, 5, 2, 6, 3, 7, 4, 8], [0] * 8, [0] * 8, permutations=9, seed=1)
    assert (one.after, four.after) == (4, 4)
    assert (one.balance, four.balance) == (pytest.approx(4 / np.sqrt(10)), pytest.approx(2.0))


def test_those_who_address_each_other_say_nothing() -> None:
    found = shuffle_test([0, 1], [1, 0], [15.0, 10.0], [0, 0], [0, 0], permutations=99, seed=1)
    assert (found.after, found.before, found.balance, found.p) == (1, 1, 0.0, 1.0)


@pytest.mark.parametrize("groups", [([0, 1], [0, 0]), ([0, 0], [0, 1])], ids=["two teams", "two quarters"])
def test_dates_stay_within_their_group(groups: tuple[list[int], list[int]]) -> None:
    found = shuffle_test([0], [1], [15.0, 10.0], *groups, permutations=99, seed=1)
    assert (found.balance, found.p) == (1.0, 1.0)


@pytest.mark.parametrize(("era", "stays"), [(5, True), (6, False)])
def test_dates_stay_within_their_era_counted_from_the_newest(era: int, stays: bool) -> None:
    found = shuffle_test([0], [1], [15.0, 10.0], [0, 0], [0, 0], era=era, permutations=99, seed=1)
    assert (found.p == 1.0) == stays


def by_time(seed: int, *, within: int = 10_000, fame: float = np.inf) -> Worlds:
    """No influence: ties by lot among those whose dates are near, of a few who say most; the early are heard more."""
    rng = np.random.default_rng(seed)
    people, days = 300, 336
    day = rng.integers(0, days, people).astype(float)
    says, heard = rng.gamma(0.4, 1.0, (2, people))
    heard *= np.exp(-day / fame)
    ego, alter = (rng.choice(people, 20_000, p=weight / weight.sum()) for weight in (says, heard))
    near = (ego != alter) & (np.abs(day[ego] - day[alter]) <= within)
    ties = np.column_stack([ego, alter])[near][:2000]
    return ties, day, rng.integers(0, 20, people), np.zeros(people, dtype=int)


def found_by_time(runs: int, *, era: int = 56, **world: float) -> float:
    made = [by_time(seed, **world) for seed in range(runs)]
    return float(np.mean([
        shuffle_test(ties[:, 0], ties[:, 1], day, team, quarter, era=era, permutations=199, seed=n).p <= 0.05
        for n, (ties, day, team, quarter) in enumerate(made)
    ]))  # fmt: skip


def test_those_of_one_time_who_talk_to_each_other_are_not_taken_for_influence() -> None:
    ties, day, _, _ = by_time(1, within=45)
    apart = np.abs(day[ties[:, 0]] - day[ties[:, 1]])
    assert np.mean(apart <= 28) > 0.5  # where dates are dealt anew it is a sixth: ties by time alone look like influence
    assert found_by_time(40, within=45) <= 0.125


def test_the_early_who_are_listened_to_more_are_not_taken_for_influence_and_were_it_not_for_eras_they_would_be() -> None:
    assert found_by_time(40, fame=80.0) <= 0.125
    assert found_by_time(40, era=10_000, fame=80.0) >= 0.2


def test_who_never_adopted_and_ties_given_twice_count_for_nothing() -> None:
    once = shuffle_test([0], [1], [15.0, 10.0], [0, 0], [0, 0], permutations=99, seed=4)
    more = shuffle_test([0, 0, 0, 2], [1, 1, 2, 1], [15.0, 10.0, np.nan], [0, 0, 0], [0, 0, 0], permutations=99, seed=4)
    assert more == once


def test_the_same_seed_gives_the_same_and_the_order_of_ties_does_not_matter() -> None:
    ties, day, team, quarter = department(3, 0.003)
    first = shuffle_test(ties[:, 0], ties[:, 1], day, team, quarter, seed=5, permutations=99)
    assert first == shuffle_test(ties[::-1, 0], ties[::-1, 1], day, team, quarter, seed=5, permutations=99)
    assert first.words == CONSISTENT
    ties, day, team, quarter = by_time(3)
    ends = (ties[:, 0], ties[:, 1], day, team, quarter)
    assert len({shuffle_test(*ends, seed=seed, permutations=99).p for seed in range(5)}) > 1


def test_a_stop_ends_a_clear_case_early_and_says_so() -> None:
    """A stop at the 20th that reaches the observed: p is 20 / draws; what is rare is shuffled to the end."""
    clear = shuffle_test([0], [1], [10.0, 15.0], [0, 0], [0, 0], seed=1, stop=20)
    assert (clear.permutations, clear.p) == (20, 1.0)
    ties, day, team, quarter = department(3, 0.003)
    whole = shuffle_test(ties[:, 0], ties[:, 1], day, team, quarter, seed=5, stop=20)
    assert (whole.permutations, whole.p) == (999, 0.001)


def test_above_10_000_people_it_stops_by_itself() -> None:
    people = 10_001
    day = np.full(people, np.nan)
    day[:2] = 10.0, 15.0
    zeros = np.zeros(people, dtype=int)
    assert shuffle_test([0], [1], day, zeros, zeros, seed=1).permutations == 20
    assert shuffle_test([0], [1], day[:-1], zeros[:-1], zeros[:-1], seed=1).permutations == 999


def test_3_000_people_and_999_shuffles_take_less_than_two_seconds() -> None:
    rng = np.random.default_rng(2)
    people = 3_000
    ego, alter = rng.integers(0, people, (2, 24_000))
    apart = ego != alter
    began = time.process_time()
    shuffle_test(ego[apart], alter[apart], rng.integers(0, 500, people), rng.integers(0, 200, people), np.zeros(people), seed=1)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("ego", "alter", "day", "team", "why"),
    [([0], [0], [1.0], [0], "oneself"), ([0], [1], [1.0], [0], "not among the people"),
     ([0, 1], [1], [1.0, 2.0], [0, 0], "one length"), ([0], [1], [1.0, 2.0], [0], "one entry for each")],
    ids=["self", "nobody", "lengths", "groups"],
)  # fmt: skip
def test_what_is_no_tie_is_refused(ego: list[int], alter: list[int], day: list[float], team: list[int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        shuffle_test(ego, alter, day, team, [0] * len(day), seed=1)
    with pytest.raises(ValueError, match="at least one day"):
        shuffle_test([0], [1], [1.0, 2.0], [0, 0], [0, 0], seed=1, era=0)
    with pytest.raises(ValueError, match="at least one permutation"):
        shuffle_test([0], [1], [1.0, 2.0], [0, 0], [0, 0], seed=1, permutations=0)


@pytest.mark.real
def test_the_physicians_of_four_towns_show_no_lagged_exposure(real_data: Path) -> None:
    """Adopters of tetracycline a month (Coleman, Katz & Menzel); month 18 stands for never."""
    with (real_data / "reference/medInnovations.csv").open() as file:
        rows = list(csv.DictReader(file))
    month = [int(float(row["toa"])) for row in rows]
    counts = [month.count(n) for n in range(1, 18)]
    assert counts == [11, 9, 9, 11, 11, 11, 13, 7, 4, 1, 5, 3, 3, 4, 4, 2, 1]
    assert month.count(18) == 16
    seat = {(row["city"], int(float(row["id"]))): n for n, row in enumerate(rows)}
    named = [
        (n, seat[row["city"], int(float(row[column]))]) for n, row in enumerate(rows) for column in row
        if column.startswith("net") and row[column] and (row["city"], int(float(row[column]))) in seat
    ]  # fmt: skip
    ties = [(ego, alter) for ego, alter in named if ego != alter]
    day = np.array([np.nan if m == 18 else m for m in month], dtype=float)
    city = np.array([row["city"] for row in rows])
    ego, alter = np.array(ties).T
    for lag in (1, 3):
        found = shuffle_test(ego, alter, day, city, np.zeros(len(rows)), lag=lag, seed=7)
        assert found.words == CANNOT_SEPARATE
