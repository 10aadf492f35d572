"""What a survey says of teams, against numbers worked out by hand or drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from pipeline.estimate.capability import mean_score, paired_gap, pooled_scores, quadrants, within_correlation


def test_a_mean_knows_how_much_of_the_unit_answered() -> None:
    """Five answers, variance 250: alone ± 2.776 √50; as half of ten people √½ of that; as all of five, certain."""
    y = [10.0, 20.0, 30.0, 40.0, 50.0]
    reach = 2.7764451 * np.sqrt(50)
    assert mean_score(y, 10**9)[:3] == pytest.approx((30, 30 - reach, 30 + reach), rel=1e-6)
    assert mean_score(y, 10).se == pytest.approx(np.sqrt(25))
    assert mean_score(y, 5)[:3] == (30, 30, 30)
    assert mean_score([7.0], 10) == (7.0, None, None, None)


def test_a_mean_needs_an_answer() -> None:
    with pytest.raises(ValueError, match="needs an answer"):
        mean_score([], 10)


def teams(seed: int, between: float) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    n = rng.integers(4, 12, 60)
    parent = np.arange(60) % 6
    mu = 40 + 4 * parent + rng.normal(0, between, 60)
    team = np.repeat(np.arange(60), n)
    return rng.normal(mu[team], 15), team, n * 3, parent, mu


def test_pooling_is_nearer_the_truth_than_the_teams_own_means() -> None:
    score, team, people, parent, mu = teams(1, 4.0)
    fit = pooled_scores(score, team, people, parent)
    raw = np.bincount(team, score) / np.bincount(team)
    assert np.mean((fit.value - mu) ** 2) < 0.6 * np.mean((raw - mu) ** 2)
    assert np.sqrt(fit.within) == pytest.approx(15, abs=1.5)
    assert np.sqrt(fit.between) == pytest.approx(4, abs=2.5)


def test_the_intervals_of_pooled_means_cover() -> None:
    inside = []
    for seed in range(20):
        score, team, people, parent, mu = teams(seed, 5.0)
        fit = pooled_scores(score, team, people, parent)
        inside.append(np.mean((fit.low <= mu) & (mu <= fit.high)))
    assert 0.91 < np.mean(inside) < 0.985


def test_the_order_of_answers_does_not_matter() -> None:
    score, team, people, parent, _ = teams(3, 4.0)
    order = np.random.default_rng(0).permutation(score.size)
    assert pooled_scores(score, team, people, parent).value.tolist() == \
           pooled_scores(score[order], team[order], people, parent).value.tolist()


@pytest.mark.parametrize(
    ("score", "team", "people", "why"),
    [([1.0, 2.0], [0, 0], [5, 5], "every team needs an answer"), ([1.0, 2.0], [0, 1], [5, 5], "two answers")],
)
def test_pooling_says_what_it_lacks(score: list[float], team: list[int], people: list[int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        pooled_scores(score, team, people, [0] * len(people))


@pytest.mark.parametrize("rho", [-0.8, 0.0, 0.3, 0.85])
def test_quadrants_agree_with_the_normal_law(rho: float) -> None:
    able, sure = np.array([55.0, 40.0, 50.0]), np.array([47.0, 70.0, 50.0])
    found = quadrants(able, np.array([4.0, 9.0, 2.0]), sure, np.array([3.0, 15.0, 2.0]), correlation=rho)
    assert found.sum(axis=0) == pytest.approx(1)
    for n, (a, b, sa, sb) in enumerate([(55, 47, 4, 3), (40, 70, 9, 15), (50, 50, 2, 2)]):
        law = multivariate_normal(mean=[0, 0], cov=[[1, rho], [rho, 1]])
        assert found[0, n] == pytest.approx(law.cdf([(a - 50) / sa, (b - 50) / sb]), abs=1e-5)


def test_correlation_is_taken_within_teams() -> None:
    """Between the two teams both scores rise together; within each they go apart."""
    first, second = [1.0, 2.0, 11.0, 12.0], [2.0, 1.0, 12.0, 11.0]
    assert within_correlation(first, second, [0, 0, 1, 1]) == -0.9
    assert within_correlation([1.0, 1.0], [2.0, 3.0], [0, 0]) == 0.0


def test_a_paired_gap_is_of_the_same_people_and_the_same_each_time() -> None:
    rng = np.random.default_rng(5)
    home = rng.normal(60, 20, 80)
    work = home - rng.normal(10, 4, 80)
    gap = paired_gap(home, work)
    assert gap.value == pytest.approx(10, abs=1.2)
    assert gap.high - gap.low == pytest.approx(2 * 1.96 * 4 / np.sqrt(80), rel=0.2)  # not the 20 points that people differ by
    order = rng.permutation(80)
    assert paired_gap(home[order], work[order]) == gap
    with pytest.raises(ValueError, match="two people"):
        paired_gap([1.0], [2.0])
