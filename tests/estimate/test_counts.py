"""Negative binomial regression: a published table, closed forms, and numbers drawn from known ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from pipeline.estimate import negative_binomial, theta_ml, theta_moments

# Red mites on apple leaves: how many leaves had 0, 1, ... 7 of them. Bliss & Fisher, Biometrics 9 (1953) 176-200.
MITES = np.repeat(np.arange(8), [70, 38, 17, 10, 9, 3, 2, 1])


def drawn(n: int, theta: float, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(n), rng.normal(size=n), rng.random(n) < 0.4])
    offset = np.log(rng.uniform(1, 9, n))
    mean = np.exp(offset + design @ [0.4, 0.5, -0.7])
    return rng.poisson(mean * rng.gamma(theta, 1 / theta, n)), design, offset


def test_mites_on_leaves() -> None:
    found = negative_binomial(MITES)
    assert found.theta == pytest.approx(1.02459, abs=5e-6)
    assert float(np.exp(found.coefficients[0])) == pytest.approx(172 / 150)
    assert theta_ml(MITES, np.full(150, 172 / 150))[:2] == pytest.approx((found.theta, found.theta_se))


def test_the_fit_is_where_the_likelihood_is_largest() -> None:
    y, design, offset = drawn(300, 1.7)
    found = negative_binomial(y, design, offset)

    def loss(x: np.ndarray) -> float:
        mean, theta = np.exp(offset + design @ x[:3]), np.exp(x[3])
        return -float(stats.nbinom.logpmf(y, theta, theta / (theta + mean)).sum())

    best = optimize.minimize(loss, np.zeros(4), method="BFGS")
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-6)
    np.testing.assert_allclose([*found.coefficients, np.log(found.theta)], best.x, atol=1e-3)
    assert found.aic == pytest.approx(2 * best.fun + 8)
    assert found.deviance < found.null_deviance
    assert found.df == 297


def test_known_numbers_are_found_within_their_errors() -> None:
    y, design, offset = drawn(6000, 2.5)
    found = negative_binomial(y, design, offset)
    assert np.all(np.abs(found.coefficients - [0.4, 0.5, -0.7]) < 3 * found.se)
    assert abs(found.theta - 2.5) < 3 * found.theta_se
    assert theta_moments(y, found.fitted, 5997) == pytest.approx(2.5, rel=0.1)


def test_standard_errors_of_two_groups_have_a_closed_form() -> None:
    """With theta known, log of a group's mean has variance (1/m + 1/theta)/n."""
    y, *_ = drawn(400, 1.2)
    group = np.repeat([0, 1], 200)
    found = negative_binomial(y, np.column_stack([group == 0, group == 1]).astype(float))
    for g in (0, 1):
        mean = y[group == g].mean()
        assert found.coefficients[g] == pytest.approx(np.log(mean))
        assert found.se[g] == pytest.approx(np.sqrt((1 / mean + 1 / found.theta) / 200))


def test_a_column_that_others_say_already_has_no_coefficient() -> None:
    y, design, offset = drawn(200, 2.0)
    twice = np.column_stack([design, design[:, 1] * 2 + 1])
    found, plain = negative_binomial(y, twice, offset), negative_binomial(y, design, offset)
    assert np.isnan(found.coefficients[3])
    np.testing.assert_allclose(found.coefficients[:3], plain.coefficients)
    assert (found.aic, found.df) == (pytest.approx(plain.aic), plain.df)


def test_moments_solve_their_equation() -> None:
    y, mean = MITES, np.full(150, 172 / 150)
    theta = theta_moments(y, mean)
    assert float(((y - mean) ** 2 / (mean + mean**2 / theta)).sum()) == pytest.approx(149)


def test_counts_that_vary_less_than_chance_have_no_theta() -> None:
    found = negative_binomial([3, 3, 3, 2, 4, 3])
    assert not found.converged
    assert np.isnan(found.theta_se)
    assert found.log_likelihood == pytest.approx(stats.poisson.logpmf([3, 3, 3, 2, 4, 3], 3).sum(), abs=1e-5)
    assert theta_moments([3, 3, 3, 2, 4, 3], np.full(6, 3.0)) == np.inf


@pytest.mark.parametrize(
    ("y", "x", "offset", "words"),
    [
        ([1.5, 2], None, None, "whole"), ([-1, 2], None, None, "whole"), ([0, 0], None, None, "all counts are 0"),
        ([1, 2], [[1.0]], None, "one row"), ([1, 2], None, [0.0], "one row"), ([1, 2], [[1, 0], [0, 1]], None, "as many"),
        ([1, 2, 3], [[1], [np.inf], [1]], None, "numbers only"), ([1, 2, 3], [[0], [0], [0]], None, "no column"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(y: list, x: list | None, offset: list | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        negative_binomial(y, x, offset)


def test_a_mean_of_nothing_is_refused() -> None:
    for theta in (theta_ml, theta_moments):
        with pytest.raises(ValueError, match="above 0"):
            theta([1, 2], [1.0, 0.0])
