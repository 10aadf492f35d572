"""The curve of Bass against a published fit, and a ceiling that is told only once growth has bent."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.estimate import bass, ceiling, grow


def s_curve(weeks: int, whole: float, reached: float, steepness: float) -> np.ndarray:
    """Expected new people a week on a logistic path that has reached a share of the whole by the last week."""
    middle = weeks - np.log(reached / (1 - reached)) / steepness
    return whole * np.diff(1 / (1 + np.exp(-steepness * (np.arange(weeks + 1) - middle))))


@pytest.mark.real
def test_bass_equals_the_published_fit_of_video_recorders(real_data: Path) -> None:
    known = json.loads((real_data / "reference/bass_vcr.json").read_text())
    found = bass(known["t"], known["sales"])
    for name, (value, se) in zip(("ceiling", "innovation", "imitation"), known["expected"].values(), strict=False):
        assert getattr(found, name) == pytest.approx(value, rel=0.01)
        assert getattr(found, f"{name}_se") == pytest.approx(se, rel=0.01)
    assert found.residual_se == pytest.approx(known["expected"]["resid_se"], rel=0.01)


def test_bass_finds_the_curve_it_was_given_in_any_order_and_unit_of_time() -> None:
    t = np.arange(1.0, 25.0)
    p, q, m = 0.01, 0.3, 5000.0
    fall = np.exp(-(p + q) * t)
    sales = m * (p + q) ** 2 / p * fall / (1 + q / p * fall) ** 2
    found = bass(t[::-1], sales[::-1])
    assert (found.ceiling, found.innovation, found.imitation) == pytest.approx((m, p, q), rel=1e-5)
    assert found.residual_se == pytest.approx(0, abs=1e-3)
    weekly = bass(t * 7, sales / 7)  # the same curve a day
    assert (weekly.ceiling, weekly.innovation, weekly.imitation) == pytest.approx((m, p / 7, q / 7), rel=1e-5)


@pytest.mark.parametrize(
    ("t", "sales", "why"),
    [([1, 2, 3], [1, 2, 3], "at least 4"), ([1, 2, 3, 4], [1, 2, 3], "one length"), ([1, 2, 3, 4], [0, 0, 0, 0], "not all 0"),
     ([1, 2, 3, 4], [1, -1, 3, 4], "0 or more")],
    ids=["few", "lengths", "nothing", "negative"],
)  # fmt: skip
def test_bass_refuses_what_is_no_growth(t: list[float], sales: list[float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        bass(t, sales)


@pytest.mark.parametrize("shape", ["bass", "logistic"])
def test_a_curve_towards_a_fixed_ceiling_follows_its_own_counts(shape: str) -> None:
    counts = s_curve(30, 1000, 0.7, 0.3)
    growth = grow(counts, 1000, shape=shape)
    assert growth.deviance < 0.5
    assert growth.expected.sum() == pytest.approx(counts.sum(), rel=0.01)
    assert growth.peak == pytest.approx(30 - np.log(7 / 3) / 0.3, abs=0.5)
    assert grow(counts, 4000, shape=shape).deviance > growth.deviance + 5


def test_a_curve_needs_a_ceiling_and_counts() -> None:
    with pytest.raises(ValueError, match="more than nobody"):
        grow([1, 2, 3], 0)
    with pytest.raises(ValueError, match="not empty"):
        grow([], 10)
    with pytest.raises(ValueError, match="0 or more"):
        ceiling([1, -2], 10)
    with pytest.raises(ValueError, match="than are eligible"):
        ceiling([5, 6], 10)


def test_after_the_bend_the_ceiling_is_told_with_an_interval() -> None:
    counts = np.random.default_rng(3).poisson(s_curve(40, 800, 0.92, 0.2))
    found = ceiling(counts, 3000)
    assert found.refused is None
    assert found.low <= 800 <= found.high
    assert counts.sum() <= found.low <= found.value <= found.high <= 1.3 * 800
    assert found == ceiling(counts, 3000)


@pytest.mark.parametrize(("reached", "least"), [(0.2, 0.9), (0.4, 0.6)])
@pytest.mark.parametrize("scatter", [1, 3])
def test_before_the_bend_there_is_only_a_lower_bound(reached: float, least: float, scatter: float) -> None:
    rng = np.random.default_rng(11)
    refused = 0
    for _ in range(30):
        mean = s_curve(int(rng.integers(20, 60)), 1500, reached, rng.uniform(0.1, 0.3))
        counts = rng.poisson(mean if scatter == 1 else rng.gamma(mean / (scatter - 1), scatter - 1))
        found = ceiling(counts, 3000)
        refused += found.refused is not None
        if found.refused:
            assert (found.value, found.low, found.high) == (None, counts.sum(), None)
    assert refused / 30 >= least


def test_each_refusal_has_its_words_and_its_edge() -> None:
    told = s_curve(40, 800, 0.95, 0.2).round()
    assert ceiling(told, 3000).refused is None
    assert "fewer than 8 weeks" in str(ceiling(told[-7:], 3000).refused)
    assert "fewer than 30 people" in str(ceiling((told / told.sum() * 29).round(), 3000).refused)
    peak = int(np.argmax(told))
    told[peak] += 3
    assert "most new people is less than 4 weeks old" in str(ceiling(told[: peak + 4], 3000).refused)
    four_weeks_on = ceiling(told[: peak + 5], 3000).refused
    assert "most new people" not in str(four_weeks_on)
    straight = np.full(40, 20.0)
    straight[3] = 21  # a straight line has a highest week too, by chance
    assert "fits the weeks seen so far nearly as well" in str(ceiling(straight, 3000).refused)
    bent = s_curve(40, 8000, 0.8, 0.25).round()
    assert ceiling(bent, 8000).refused is None
    assert "beyond everybody who is eligible" in str(ceiling(bent, bent.sum() + 100).refused)


def test_the_ceiling_never_exceeds_those_who_are_eligible() -> None:
    counts = np.random.default_rng(5).poisson(s_curve(40, 800, 0.97, 0.25))
    found = ceiling(counts, counts.sum() + 3)
    assert found.refused is None
    assert ceiling(counts, 3000).high > found.high
    assert counts.sum() <= found.value <= found.high == counts.sum() + 3


def test_over_dispersion_widens_the_interval() -> None:
    rng = np.random.default_rng(8)
    mean = s_curve(50, 900, 0.95, 0.18)
    even, uneven = ceiling(mean.round(), 5000), ceiling(rng.poisson(rng.gamma(mean / 4, 4)), 5000)
    assert even.refused is None
    assert uneven.refused is None
    assert (uneven.high - uneven.low) / uneven.value > 1.3 * (even.high - even.low) / even.value
