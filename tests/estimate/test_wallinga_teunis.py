"""Cohort reproduction numbers: by hand, by their algebra, by trees drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.estimate import cohort_reproduction, wallinga_teunis

HALVES = [0, 0.5, 0.5]


def test_cohorts_by_hand() -> None:
    """1, 2, 1 cases: both of day 1 come from day 0; that of day 2 by 1/3 from day 0 and by 1/3 from each of day 1."""
    assert cohort_reproduction([1, 2, 1], HALVES) == pytest.approx([2 + 1 / 3, 1 / 3, 0])
    r = wallinga_teunis([1, 2, 1], HALVES, starts=[0, 1, 2], ends=[1, 2, 2], simulations=0)
    assert r.mean == pytest.approx([1, 2 / 9, 0])
    assert np.isnan(r.low).all()
    assert r.daily == pytest.approx([2 + 1 / 3, 1 / 3, 0])


def test_an_imported_case_is_brought_by_nobody() -> None:
    """Of the two of day 1 one is imported: day 0 brings one fewer, and the other presses as before."""
    assert cohort_reproduction([1, 2, 1], HALVES, imported=[1, 1, 0]) == pytest.approx([1 + 1 / 3, 1 / 3, 0])


def test_a_day_without_a_case_has_no_cohort() -> None:
    r = wallinga_teunis([1, 0, 1, 0], HALVES, starts=[1, 0], ends=[1, 1], simulations=50)
    assert np.isnan(r.daily).tolist() == [False, True, False, True]
    assert np.isnan([r.mean[0], r.low[0], r.high[0], r.sd[0]]).all()
    assert (r.mean[1], r.low[1], r.high[1], r.sd[1]) == (1, 1, 1, 0)  # only one tree is possible


@given(st.lists(st.integers(0, 20), min_size=2, max_size=30))
def test_every_case_with_a_possible_source_has_one(cases: list[int]) -> None:
    i = np.array(cases)
    daily = cohort_reproduction(i, HALVES)
    traced = sum(n for day, n in enumerate(cases) if any(cases[max(0, day - 2) : day]))
    assert np.nansum(daily * i) == pytest.approx(traced)


@pytest.mark.real
@pytest.mark.parametrize("outbreak", ["Flu1918", "Measles1861", "SARS2003", "Smallpox1972"])
def test_trees_vary_about_the_estimate(real_data: Path, outbreak: str) -> None:
    told = json.loads((real_data / f"reference/epiestim_{outbreak}.json").read_text())
    r = wallinga_teunis(told["incidence"], told["si_distr"], window=7, simulations=400)
    told_of = r.mean > 0.1  # below, hardly any tree of 400 has a branch there
    assert told_of.sum() > 20
    assert np.all(r.low[told_of] <= r.mean[told_of] + 1e-9)
    assert np.all(r.mean[told_of] <= r.high[told_of] + 1e-9)
    assert np.all(r.low[r.sd == 0] == r.high[r.sd == 0])


def test_the_interval_is_that_of_the_trees() -> None:
    """Day 2's ten cases choose between day 0 (one case) and day 1 (one case) as a fair coin: Binomial(10, 1/2)."""
    r = wallinga_teunis([1, 1, 10], [0, 0.5, 0.5], starts=[1], ends=[1], simulations=20_000, seed=3)
    assert r.mean[0] == pytest.approx(5)
    assert r.sd[0] == pytest.approx(np.sqrt(2.5), rel=0.02)
    assert (r.low[0], r.high[0]) == (2, 8)


def test_the_same_seed_draws_the_same_trees() -> None:
    one, two, other = (wallinga_teunis([5, 9, 20, 40], HALVES, window=2, simulations=30, seed=s) for s in (1, 1, 2))
    assert one.sd.tolist() == two.sd.tolist() != other.sd.tolist()


@pytest.mark.parametrize(
    ("cases", "imported", "why"),
    [
        ([1, 2], [0, 3], "some of the cases"),
        ([1, 2], [0], "some of the cases"),
        ([1, 1.5], None, "whole cases"),
        ([1, -1], None, "negative"),
    ],
)
def test_what_makes_no_sense_is_refused(cases: list[float], imported: list[float] | None, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        wallinga_teunis(cases, HALVES, imported=imported, starts=[1], ends=[1])
