"""Intervals of a count: against published tables, exact tails and each other."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from pipeline.estimate import byar, poisson_exact, poisson_interval


@pytest.mark.real
def test_byar_equals_the_published_intervals(real_data: Path) -> None:
    with (real_data / "reference/phe_byars_wilson.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["method"] == "Byars"]
    assert len(rows) == 7
    for row in rows:
        low, high = byar([float(row["x"])], confidence=float(row["confidence"].strip("%")) / 100)
        assert float(high[0]) == pytest.approx(float(row["uppercl"]), rel=1e-6)
        if row["lowercl"]:
            assert float(low[0]) == pytest.approx(float(row["lowercl"]), rel=1e-6)
        else:
            assert np.isnan(low[0])  # one event at 99.8 %: the approximation falls below nothing


def test_the_exact_interval_leaves_two_and_a_half_per_cent_on_either_side() -> None:
    low, high = (end[0] for end in poisson_exact([7]))
    assert stats.poisson.sf(6, low) == pytest.approx(0.025)
    assert stats.poisson.cdf(7, high) == pytest.approx(0.025)


def test_no_events_may_still_have_a_mean_of_three_point_seven() -> None:
    """-log 0.025, the rule of three at 97.5 %."""
    for method in (poisson_exact, poisson_interval):
        low, high = method([0])
        assert (low[0], high[0]) == (0, pytest.approx(3.688879, rel=1e-6))
    assert byar([0])[0][0] == 0


def test_byar_is_close_to_exact_from_ten_events_on() -> None:
    for near, exact in zip(byar([10, 50, 400]), poisson_exact([10, 50, 400]), strict=True):
        np.testing.assert_allclose(near, exact, rtol=0.005)


def test_ten_events_change_the_method() -> None:
    low, high = poisson_interval([9, 10])
    assert (low[0], high[0]) == tuple(end[0] for end in poisson_exact([9]))
    assert (low[1], high[1]) == tuple(end[0] for end in byar([10]))


@pytest.mark.parametrize("count", [[-1], [float("nan")]])
def test_what_is_no_count_is_refused(count: list[float]) -> None:
    for method in (byar, poisson_exact, poisson_interval):
        with pytest.raises(ValueError, match="0 or more"):
            method(count)


def test_a_confidence_of_95_is_not_095() -> None:
    for method in (byar, poisson_exact):
        with pytest.raises(ValueError, match="between 0 and 1"):
            method([1], confidence=95)
