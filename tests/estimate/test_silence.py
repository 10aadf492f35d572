"""Silence: what the two tests find, whom they do not judge, and how often they raise a false alarm."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.estimate import gamma_moments, kappa_moments, newly_quiet, persistently_quiet
from pipeline.estimate.silence import ABSENT, NO_ACTS, NO_HISTORY, NO_OTHERS, NO_WINDOW, TOO_LITTLE

Teams = tuple[np.ndarray, np.ndarray, np.ndarray]


def teams(seed: int, count: int = 209, *, silent: float = 0.0, kappa: float = 4.0, blocks: int = 16) -> Teams:
    """Acts, person-days and who fell silent (to a fifth up to two fifths) in the newest 3 blocks."""
    rng = np.random.default_rng(seed)
    size = np.maximum(5, np.round(rng.lognormal(np.log(14) - 0.18, 0.6, count)))
    days = np.round(size[:, None] * 20 * rng.uniform(0.85, 1, (count, blocks)))
    mean = rng.uniform(0.05, 0.3, count)[:, None] * days
    quiet = rng.random(count) < silent
    mean[quiet, -3:] *= rng.uniform(0.2, 0.4, (quiet.sum(), 1))
    return rng.poisson(mean * rng.gamma(kappa, 1 / kappa, mean.shape)), days, quiet


def steady(count: int = 12, blocks: int = 16, each: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Teams that all contribute about as much: 20 acts give or take, 200 person-days a block."""
    acts = each + np.random.default_rng(1).integers(-each // 4, each // 4 + 1, (count, blocks))
    return acts, np.full((count, blocks), 200)


@pytest.mark.parametrize("kappa", [0.8, 3, 6])
def test_kappa_and_the_spread_of_rates_are_found(kappa: float) -> None:
    rng = np.random.default_rng(8)
    days = rng.uniform(50, 900, (1500, 13))
    mean = rng.gamma(4, 0.04, 1500)[:, None] * days
    acts = rng.poisson(mean * rng.gamma(kappa, 1 / kappa, mean.shape))
    assert kappa_moments(acts, days) == pytest.approx(kappa, rel=0.06)
    shape, rate = gamma_moments(acts, days, kappa)
    assert (shape, shape / rate) == (pytest.approx(4, rel=0.15), pytest.approx(0.16, rel=0.05))


def test_kappa_of_mere_chance_is_large() -> None:
    days = np.full((400, 13), 200.0)
    assert kappa_moments(np.random.default_rng(2).poisson(0.1 * days), days) > 50


def test_false_discoveries_and_power() -> None:
    """Twelve departments of 209 teams, a tenth of them silent: at most .15 false, at least .45 found."""
    false, found = [], []
    for seed in range(12):
        acts, days, quiet = teams(seed, silent=0.1, kappa=3 + seed % 4)
        flagged = newly_quiet(acts, days).flagged
        false.append((flagged & ~quiet).sum() / max(flagged.sum(), 1))
        found.append((flagged & quiet).sum() / quiet.sum())
    assert np.mean(false) <= 0.15
    assert np.mean(found) >= 0.45


def test_where_nobody_is_silent_hardly_anything_is_flagged() -> None:
    alarms = [bool(test(*teams(seed)[:2]).flagged.any()) for seed in range(20) for test in (newly_quiet, persistently_quiet)]
    assert sum(alarms) <= 4  # at most a tenth of 40


def test_a_team_that_stops_is_found_and_told_with_an_interval() -> None:
    acts, days = steady()
    acts[4, -3:] = [1, 0, 2]
    found = newly_quiet(acts, days)
    assert np.flatnonzero(found.flagged).tolist() == [4]
    assert found.ratio[4] == pytest.approx(3 / 60, rel=0.15)
    assert found.low[4] < found.ratio[4] < found.high[4] < 0.5
    assert found.p_zero[4] / 2 < found.p[4] < found.cut
    assert found.judged.all()


@pytest.mark.parametrize(("last", "flagged"), [(14, False), (13, True)])
def test_three_quarters_are_not_silence_however_sure(last: int, flagged: bool) -> None:
    """20 acts a block, of many teams, hardly ever more or less: 42 of 60 would be unusual, yet it is no silence."""
    acts, days = np.full((60, 16), 20), np.full((60, 16), 200)
    acts[:20, -3:] = last
    found = newly_quiet(acts, days)
    assert found.p[0] < found.cut
    assert found.flagged.tolist() == [flagged] * 20 + [False] * 40


def test_one_that_always_was_so_is_found_beside_its_peers_only() -> None:
    rng = np.random.default_rng(4)
    acts, days = steady(40)
    acts = rng.poisson(acts * rng.gamma(6, 1 / 6, acts.shape))
    acts[7] = rng.poisson(0.5, 16)
    assert np.flatnonzero(persistently_quiet(acts, days).flagged).tolist() == [7]
    assert not newly_quiet(acts, days).flagged.any()


def test_teams_that_ordinarily_differ_are_not_flagged_beside_their_peers() -> None:
    """A Poisson funnel calls every other one of these unusual."""
    rng = np.random.default_rng(5)
    days = np.full((200, 16), 280.0)
    acts = rng.poisson(rng.gamma(4, 0.04, 200)[:, None] * days * rng.gamma(4, 0.25, (200, 16)))
    assert not persistently_quiet(acts, days).flagged.any()


def test_an_outage_is_never_silence() -> None:
    acts, days = steady()
    acts[2, -2:], days[2, -2:] = 0, 0
    acts[3, -1:], days[3, -1:] = 0, 0
    found = newly_quiet(acts, days)
    assert (found.why[2], found.why[3]) == (NO_WINDOW, "")  # one block of three may be missing
    assert not found.flagged.any()


def test_who_was_away_is_not_judged_but_its_history_is_learnt_from() -> None:
    acts, days = steady()
    acts[0, -3:] = 0
    assert newly_quiet(acts, days).flagged[0]
    for test in (newly_quiet, persistently_quiet):
        found = test(acts, days, absent=[True] + [False] * 11)
        assert (found.why[0], bool(found.flagged[0]), bool(found.judged[0])) == (ABSENT, False, False)
    assert newly_quiet(acts, days, absent=[True] + [False] * 11).kappa == newly_quiet(acts, days).kappa


def test_of_whom_next_to_nothing_is_expected_nothing_is_said() -> None:
    acts, days = steady(30)
    acts[5:10] = np.random.default_rng(1).random((5, 16)) < 0.1
    found = newly_quiet(acts, days)
    assert {found.why[n] for n in range(5, 10)} == {TOO_LITTLE}
    assert not found.flagged[5:10].any()
    assert found.judged[10:].all()
    assert (found.p_zero[~found.judged] > found.cut).all()
    assert (found.p_zero[found.judged] <= found.cut).all()


@pytest.mark.parametrize(("blocks", "judged"), [(2, False), (3, True)])
def test_three_blocks_of_history_are_the_least(blocks: int, judged: bool) -> None:
    acts, days = steady()
    acts[0, : 13 - blocks], days[0, : 13 - blocks] = 0, 0
    found = newly_quiet(acts, days)
    assert (bool(found.judged[0]), int(found.blocks[0])) == (judged, blocks)
    assert (found.why[0] == NO_HISTORY) is not judged


@pytest.mark.parametrize(("blocks", "judged"), [(5, False), (6, True)])
def test_six_blocks_are_the_least_beside_peers(blocks: int, judged: bool) -> None:
    acts, days = steady()
    acts[0, : 16 - blocks], days[0, : 16 - blocks] = 0, 0
    assert bool(persistently_quiet(acts, days).judged[0]) is judged


@pytest.mark.parametrize(
    ("count", "new", "peers"), [(4, NO_OTHERS, NO_OTHERS), (5, "", NO_OTHERS), (9, "", NO_OTHERS), (10, "", "")]
)
def test_a_few_teams_teach_nothing(count: int, new: str, peers: str) -> None:
    acts, days = steady(count)
    assert set(newly_quiet(acts, days).why) == {new}
    assert set(persistently_quiet(acts, days).why) == {peers}


def test_a_department_without_acts_has_no_rate() -> None:
    for test in (newly_quiet, persistently_quiet):
        assert set(test(np.zeros((12, 16)), np.full((12, 16), 200)).why) == {NO_ACTS}


def test_no_teams_at_all_are_no_error() -> None:
    for test in (newly_quiet, persistently_quiet):
        assert test(np.zeros((0, 16)), np.zeros((0, 16))).why == ()


def test_the_order_of_teams_changes_no_byte_and_the_seed_hardly_anything() -> None:
    acts, days, _ = teams(3, 60, silent=0.1)
    turn = np.random.default_rng(1).permutation(60)
    for test in (newly_quiet, persistently_quiet):
        found, turned = test(acts, days), test(acts[turn], days[turn])
        assert found.p[turn].tobytes() == turned.p.tobytes()
        assert found.ratio[turn].tobytes() == turned.ratio.tobytes()
    one, other = newly_quiet(acts, days, seed=1), newly_quiet(acts, days, seed=2)
    assert one.p.tobytes() == newly_quiet(acts, days, seed=1).p.tobytes() != other.p.tobytes()
    np.testing.assert_allclose(one.p, other.p, rtol=0.1)


def test_the_chance_of_so_little_is_that_of_fresh_draws() -> None:
    """By brute force: rates by their weight in 13 blocks of history, then 3 uneven blocks, counted."""
    acts, days = teams(6, 80)[:2]
    found = newly_quiet(acts, days, draws=2000)
    shape, rate = gamma_moments(acts[:, :13], days[:, :13], found.kappa)
    rng = np.random.default_rng(1)
    theta = rng.gamma(shape, 1 / rate, 200_000)
    for n in (0, 1, 2):
        weight = np.zeros(theta.size)
        for y, e in zip(acts[n, :13], days[n, :13], strict=True):
            weight += y * np.log(theta / (found.kappa + theta * e)) - found.kappa * np.log(found.kappa + theta * e)
        weight = np.exp(weight - weight.max())
        picked = rng.choice(theta, 100_000, p=weight / weight.sum())
        fresh = sum(rng.poisson(picked * e * rng.gamma(found.kappa, 1 / found.kappa, 100_000)) for e in days[n, 13:])
        last = acts[n, 13:].sum()
        assert found.p[n] == pytest.approx(((fresh < last).mean() + (fresh <= last).mean()) / 2, abs=0.01)
        assert found.p_zero[n] == pytest.approx((fresh == 0).mean(), abs=0.01)
        assert found.expected[n] == pytest.approx(fresh.mean(), rel=0.01)


@pytest.mark.parametrize(
    ("acts", "days", "words"),
    [
        ([[1, 2]], [[1, 2, 3]], "one shape"), ([1, 2], [1, 2], "one shape"), ([[-1.0] * 5], [[1] * 5], "0 or more"),
        ([[1] * 5], [[float("nan")] * 5], "0 or more"), ([[1] * 5], [[0, 1, 1, 1, 1]], "nobody was present"),
    ],
)  # fmt: skip
def test_what_is_no_history_is_refused(acts: list, days: list, words: str) -> None:
    for test in (newly_quiet, persistently_quiet):
        with pytest.raises(ValueError, match=words):
            test(acts, days)


def test_a_window_leaves_some_history() -> None:
    with pytest.raises(ValueError, match="leaves some history"):
        newly_quiet([[1, 1, 1]], [[1, 1, 1]])
    with pytest.raises(ValueError, match="absent"):
        newly_quiet(*steady(), absent=[True])
