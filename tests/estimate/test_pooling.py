"""Pooling of many groups: published fits, hand-worked cases, and what must hold of any."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.estimate.pooling import beta_binomial, dersimonian_laird, one_way_reml, reml, sampling_variance
from pipeline.estimate.pooling_shares import STEADIEST, steadiness

# Thirteen trials of the BCG vaccine (Colditz et al., JAMA 271 (1994) 698-702): cases and others, treated then control.
TRIALS = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
    (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
]  # fmt: skip
LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
YEAR = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]
# Yield of dyestuff from six batches (Davies, Statistical Methods in Research and Production, 1947).
DYESTUFF = [
    1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495, 1595, 1550, 1605, 1510, 1560,
    1445, 1440, 1595, 1465, 1545, 1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445,
]  # fmt: skip


def log_risks() -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d = np.array(TRIALS, dtype=float).T
    return np.log(a / (a + b) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


@pytest.mark.real
def test_rat_tumours(real_data: Path) -> None:
    with (real_data / "reference/rat_tumours.csv").open() as file:
        rows = [(float(r["y"]), float(r["n"])) for r in csv.DictReader(file)]
    expected = json.loads((real_data / "reference/rat_tumours_expected.json").read_text())
    fit = beta_binomial(*zip(*rows, strict=True))
    assert fit.alpha == pytest.approx(expected["beta_binomial_mle"]["alpha"], abs=expected["tol"])
    assert fit.beta == pytest.approx(expected["beta_binomial_mle"]["beta"], abs=expected["tol"])
    hits, of = np.array(rows).T
    assert fit.shrunken == pytest.approx((fit.alpha + hits) / (fit.alpha + fit.beta + of))


@pytest.mark.real
def test_eight_schools(real_data: Path) -> None:
    case = json.loads((real_data / "reference/eight_schools.json").read_text())
    variance = np.square(case["se"])
    for fit in (reml(case["y"], variance), dersimonian_laird(case["y"], variance)):
        assert fit.tau2 == case["tau2_DL"]
        assert (round(fit.mu, 1), round(fit.se, 1)) == (case["pooled"], case["pooled_se"])
        assert fit.shrunken == pytest.approx(np.full(8, fit.mu))
        assert np.all(fit.shrunken_se > fit.blup_se)  # tau2 is estimated at 0, not known to be


def test_trials_of_a_vaccine() -> None:
    y, v = log_risks()
    fit = reml(y, v)
    assert (round(fit.mu, 4), round(fit.se, 4)) == (-0.7145, 0.1798)
    assert (round(fit.tau2, 4), round(fit.tau2_se, 4)) == (0.3132, 0.1664)
    assert (round(fit.q, 3), round(100 * fit.i2, 2)) == (152.233, 92.22)
    moments = dersimonian_laird(y, v)
    assert (round(moments.mu, 4), round(moments.se, 4), round(moments.tau2, 4)) == (-0.7141, 0.1787, 0.3088)


def test_trials_of_a_vaccine_by_latitude_and_year() -> None:
    y, v = log_risks()
    fit = reml(y, v, np.column_stack([np.ones(13), LATITUDE, YEAR]))
    assert fit.coefficients == pytest.approx([-3.5455, -0.0280, 0.0019], abs=2e-4)  # published after fewer steps
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx([29.0959, 0.0102, 0.0147], rel=5e-3)
    assert (round(fit.tau2, 4), round(fit.tau2_se, 4)) == (0.1108, 0.0845)


def test_dyestuff() -> None:
    fit = one_way_reml(DYESTUFF, np.repeat(list("ABCDEF"), 5))
    assert (round(fit.mean, 1), round(fit.between, 2), round(fit.within, 2)) == (1527.5, 1764.05, 2451.25)
    assert round(fit.se, 2) == 19.38
    assert fit.shrunken[0] == pytest.approx(1527.5 + (1505 - 1527.5) * 1764.05 / (1764.05 + 2451.25 / 5))


def test_one_way_of_unequal_groups_is_at_the_top_of_its_likelihood() -> None:
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(8), [2, 9, 4, 1, 6, 3, 12, 5])
    y = rng.normal(size=8)[group] * 2 + rng.normal(size=group.size)

    def likelihood(between: float, within: float) -> float:
        cov = within * np.eye(y.size) + between * (group[:, None] == group)
        inverse, ones = np.linalg.inv(cov), np.ones(y.size)
        r = y - (ones @ inverse @ y) / (ones @ inverse @ ones)
        return -0.5 * (np.linalg.slogdet(cov)[1] + np.log(ones @ inverse @ ones) + r @ inverse @ r)

    fit = one_way_reml(y, group)
    best = likelihood(fit.between, fit.within)
    for by in (0.98, 1.02):
        assert likelihood(fit.between * by, fit.within) < best
        assert likelihood(fit.between, fit.within * by) < best


def test_one_way_of_groups_that_do_not_differ() -> None:
    fit = one_way_reml([1, 2, 3, 1, 2, 3], [0, 0, 0, 1, 1, 1])
    assert (fit.between, fit.mean) == (0.0, 2.0)
    assert fit.within == pytest.approx(4 / 5)  # 4 squared steps from one mean, on 5 degrees of freedom


def test_shares_that_differ_by_chance_only_are_one_share() -> None:
    fit = beta_binomial([3, 3, 3, 3], [10, 10, 10, 10])
    assert np.isinf(fit.alpha)
    assert fit.shrunken == pytest.approx([0.3] * 4)
    assert np.all((fit.shrunken_low < 0.3) & (fit.shrunken_high > 0.3))
    assert np.all(fit.shrunken_low > 0.1)  # surer than one group of ten alone: Wilson says 0.108 to 0.603


def test_nobody_anywhere_is_not_certain() -> None:
    fit = beta_binomial([0] * 20, [10] * 20)
    assert fit.mean == 0
    assert np.all(fit.shrunken == 0)
    assert 0.01 < fit.shrunken_high[0] < 0.06
    everybody = beta_binomial([10] * 20, [10] * 20)
    assert everybody.mean == 1
    assert everybody.shrunken_low == pytest.approx(1 - fit.shrunken_high)


def test_a_group_of_nobody_is_told_the_mean() -> None:
    fit = beta_binomial([2, 9, 5, 0], [20, 20, 20, 0])
    assert np.isnan(fit.raw[3])
    assert fit.shrunken[3] == pytest.approx(fit.mean)
    assert fit.shrunken_high[3] - fit.shrunken_low[3] > (fit.shrunken_high - fit.shrunken_low)[:3].max()


GROUPS = st.lists(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=12)


@settings(max_examples=40, deadline=None)
@given(GROUPS, st.randoms(use_true_random=False))
def test_a_share_is_shrunken_towards_the_mean_in_any_order(groups: list[tuple[int, int]], random) -> None:
    fit = beta_binomial(*zip(*groups, strict=True))
    assert np.all(fit.shrunken >= np.minimum(fit.raw, fit.mean) - 1e-9)
    assert np.all(fit.shrunken <= np.maximum(fit.raw, fit.mean) + 1e-9)
    assert np.all((fit.shrunken_low >= 0) & (fit.shrunken_low <= fit.shrunken))
    assert np.all((fit.shrunken_high <= 1) & (fit.shrunken_high >= fit.shrunken))
    order = list(range(len(groups)))
    random.shuffle(order)
    other = beta_binomial(*zip(*[groups[n] for n in order], strict=True))
    assert other.shrunken_low.tobytes() == fit.shrunken_low[order].tobytes()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 100)), min_size=3, max_size=15))
def test_reml_is_at_the_top_of_its_likelihood_and_moves_with_its_data(groups: list[tuple[float, float]]) -> None:
    y, v = np.array(groups).T
    fit = reml(y, v)

    def likelihood(tau2: float) -> float:
        w = 1 / (v + tau2)
        r = y - (w * y).sum() / w.sum()
        return float(0.5 * (np.log(w).sum() - np.log(w.sum()) - (w * r * r).sum()))

    step = 0.01 * fit.tau2 + 1e-4
    assert likelihood(fit.tau2) >= likelihood(fit.tau2 + step) - 1e-7
    assert likelihood(fit.tau2) >= likelihood(max(0.0, fit.tau2 - step)) - 1e-7
    assert np.all((fit.shrunken_low <= fit.shrunken) & (fit.shrunken <= fit.shrunken_high))
    moved = reml(2 * y + 3, 4 * v)
    assert moved.mu == pytest.approx(2 * fit.mu + 3, abs=1e-4)
    assert moved.tau2 == pytest.approx(4 * fit.tau2, rel=1e-4, abs=1e-4)


def test_fewer_answers_are_drawn_further() -> None:
    fit = reml([60.0, 60.0, 40.0, 40.0, 52.0], [10.0, 200.0, 10.0, 200.0, 50.0])
    assert fit.mu < fit.shrunken[1] < fit.shrunken[0] < 60


def test_who_was_all_asked_has_no_sampling_error() -> None:
    assert sampling_variance(100.0, [10, 20], [20, 20]) == pytest.approx([5.0, 0.0])
    with pytest.raises(ValueError, match="no more than the group"):
        sampling_variance(100.0, 21, 20)
    with pytest.raises(ValueError, match="no more than the group"):
        sampling_variance(100.0, 0, 20)
    with pytest.raises(ValueError, match="cannot be negative"):
        sampling_variance(-1.0, 5, 20)


@pytest.mark.parametrize(
    ("hits", "of", "words"),
    [([1, 2], [3], "one length"), ([4, 2], [3, 3], "between 0"), ([-1, 2], [3, 3], "between 0"), ([1, 0], [3, 0], "two groups")],
)
def test_shares_refuse(hits: list[int], of: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        beta_binomial(hits, of)
    assert beta_binomial([1, 0], [3, 1]).mean > 0  # two groups just do


@pytest.mark.parametrize(
    ("y", "v", "x", "words"),
    [
        ([1, 2, 3], [1, 1], None, "one length"),
        ([1, 2, 3], [1, 0, 1], None, "above 0"),
        ([1, np.nan, 3], [1, 1, 1], None, "finite"),
        ([1], [1], None, "more groups"),
        ([1, 2, 3], [1, 1, 1], [[1, 2], [1, 2], [1, 2]], "follow from each other"),
        ([1, 2, 3], [1, 1, 1], [[1], [1]], "a row for each"),
    ],
)
def test_reml_refuses(y: list[float], v: list[float], x: list[list[float]] | None, words: str) -> None:
    for fit in (reml, dersimonian_laird):
        with pytest.raises(ValueError, match=words):
            fit(y, v, x)
    assert reml([1, 2], [1, 1]).mu == pytest.approx(1.5)  # two groups just do


def test_one_way_refuses() -> None:
    with pytest.raises(ValueError, match="two groups"):
        one_way_reml([1, 2], [0, 0])
    with pytest.raises(ValueError, match="two values"):
        one_way_reml([1, 2], [0, 1])
    with pytest.raises(ValueError, match="one length"):
        one_way_reml([1, 2, 3], [0, 1])
    assert one_way_reml([1, 2, 5], [0, 0, 1]).within > 0


def test_steadiness_by_hand() -> None:
    """One group of 10: 5 now, 4 before, 3 both: C = 3 - 2 = 1, V = 5 - 2.5, V' = 4 - 1.6; two such groups the same."""
    by_hand = 1 / np.sqrt(2.5 * 2.4)
    assert steadiness([10], [5], [4], [3]) == pytest.approx(by_hand)
    assert steadiness([10, 10, 0], [5, 5, 0], [4, 4, 0], [3, 3, 0]) == pytest.approx(by_hand)


def test_steadiness_is_within_groups() -> None:
    """Two groups, one active and one not, in each of which it changes by lot: what differs between groups is no steadiness."""
    assert steadiness([10, 10], [8, 2], [8, 2], [6.4, 0.4]) == pytest.approx(0)
    assert steadiness([20], [10], [10], [6.8]) == pytest.approx(0.36)


@pytest.mark.parametrize(
    ("counts", "told"),
    [(([10], [5], [5], [5]), STEADIEST), (([10], [5], [5], [0]), 0.0), (([10], [10], [5], [5]), 0.0), (([0], [0], [0], [0]), 0.0)],
    ids=["all the same people", "none of them", "everybody now", "nobody there before"],
)
def test_steadiness_has_ends(counts: tuple[list[float], ...], told: float) -> None:
    assert steadiness(*counts) == told


@pytest.mark.parametrize(
    ("counts", "words"),
    [(([10, 1], [5], [5], [3]), "one length"), (([10], [5], [4], [5]), "no more"), (([10], [11], [4], [4]), "no more")],
)
def test_steadiness_refuses(counts: tuple[list[float], ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        steadiness(*counts)
