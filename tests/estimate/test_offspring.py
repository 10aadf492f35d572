"""The dispersion of offspring: a published count, a likelihood worked out elsewhere, and the ends of its range."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from pipeline.estimate import offspring_dispersion

MITES = np.repeat(np.arange(8), [70, 38, 17, 10, 9, 3, 2, 1])


def test_the_mites_of_bliss_and_fisher() -> None:
    """150 apple leaves, Biometrics 9 (1953) 176-200: mean 1.14667, k = 1.02459."""
    told = offspring_dispersion(MITES)
    assert told.mean == pytest.approx(172 / 150)
    assert told.k == pytest.approx(1.02459, abs=1e-5)
    assert 0.6 < told.low < told.k < told.high < 1.9


@pytest.mark.parametrize("k", [0.1, 0.5, 3.0])
def test_the_best_k_and_its_interval_are_those_of_the_likelihood(k: float) -> None:
    rng = np.random.default_rng(5)
    y = rng.poisson(1.3 * rng.gamma(k, 1 / k, 800))
    told = offspring_dispersion(y)

    def likelihood(at: float) -> float:
        return float(stats.nbinom.logpmf(y, at, at / (at + y.mean())).sum())

    best = optimize.minimize_scalar(lambda x: -likelihood(np.exp(x)), bounds=(-6, 6), method="bounded", options={"xatol": 1e-9})
    assert told.k == pytest.approx(np.exp(best.x), rel=1e-5)
    for end in (told.low, told.high):
        assert 2 * (likelihood(told.k) - likelihood(end)) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-5)
    assert told.low < k < told.high


def test_counts_no_more_spread_than_chance_have_no_k() -> None:
    told = offspring_dispersion([1] * 20)
    assert (told.mean, told.k, told.high) == (1, np.inf, np.inf)
    assert told.low > 1
    assert offspring_dispersion([0, 2]).k == np.inf  # variance 1, mean 1
    assert np.isfinite(offspring_dispersion([0, 3]).k)  # variance 2.25, mean 1.5


def test_a_hair_above_chance_may_as_well_be_chance() -> None:
    """Variance 1.02 and mean 1: k is found, but the interval has no upper end."""
    told = offspring_dispersion([0] * 38 + [1] * 35 + [2] * 18 + [3] * 7 + [4] * 2)
    assert np.isfinite(told.k)
    assert told.high == np.inf
    assert 0 < told.low < told.k


def test_nobody_with_offspring_says_nothing_of_their_spread() -> None:
    mean, k, low, high = offspring_dispersion([0] * 200)
    assert (mean, low, high) == (0, 0, np.inf)
    assert np.isnan(k)


def test_one_source_of_all() -> None:
    told = offspring_dispersion([500] + [0] * 499)
    assert told.k < 0.01
    assert told.low < told.k < told.high < 0.02


def test_hiding_offspring_at_random_keeps_k() -> None:
    """What lets k be told where the origin of some is unknown."""
    rng = np.random.default_rng(8)
    y = rng.poisson(1.2 * rng.gamma(0.4, 1 / 0.4, 5000))
    assert offspring_dispersion(rng.binomial(y, 0.7)).k == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("counts", [[], [-1, 2], [1, np.nan], [[1, 2]]], ids=["none", "negative", "missing", "table"])
def test_what_are_no_counts_is_refused(counts: list) -> None:
    with pytest.raises(ValueError, match="counts must be"):
        offspring_dispersion(counts)
