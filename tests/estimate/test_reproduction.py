"""Cori's reproduction number: the published examples, cases worked out by hand, and what may not be asked."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.estimate import discrete_gamma, intrinsic, over_dispersion, pressure, reproduction, verdict

HALVES = [0, 0.5, 0.5]
LEVELS = (0.025, 0.05, 0.25, 0.75, 0.95, 0.975)


@pytest.mark.real
@pytest.mark.parametrize("example", [1, 3])
@pytest.mark.parametrize("split", [False, True], ids=["cases", "local and imported"])
def test_the_published_influenza_examples(real_data: Path, example: int, split: bool) -> None:
    """All 25 weekly windows, every column, whether the first case is told as imported or left to be."""
    told = json.loads((real_data / f"reference/epiestim_ex{example}_inputs.json").read_text())
    with (real_data / f"reference/epiestim_ex{example}_R.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 25
    weights = told["si_distr"] if example == 1 else discrete_gamma(2.6, 1.5, len(told["I"]) - 1)
    starts, ends = (np.array([float(r[c]) for r in rows]) - 1 for c in ("t_start", "t_end"))
    series = {"local": told["I_local"], "imported": told["I_imported"]} if split else {"local": told["I"]}
    r = reproduction(**series, weights=weights, starts=starts, ends=ends)
    columns = {"Mean(R)": r.mean, "Std(R)": r.sd, "Median(R)": r.median}
    columns |= {f"Quantile.{q}(R)": r.quantile(q) for q in LEVELS}
    for name, values in columns.items():
        assert values == pytest.approx([float(row[name]) for row in rows], rel=1e-5), name
    assert (r.low, r.high) == (pytest.approx(r.quantile(0.025)), pytest.approx(r.quantile(0.975)))


@pytest.mark.real
def test_the_shifted_gamma_is_the_published_one(real_data: Path) -> None:
    told = json.loads((real_data / "reference/epiestim_ex3_inputs.json").read_text())["si_distr"]
    assert discrete_gamma(2.6, 1.5, 31) == pytest.approx(told[:32], abs=1e-7)


@pytest.mark.real
@pytest.mark.parametrize("outbreak", ["Flu1918", "Measles1861", "SARS2003", "Smallpox1972"])
def test_an_imported_case_presses_and_is_not_brought(real_data: Path, outbreak: str) -> None:
    """Half of the cases told as imported: the pressure stays, the local cases and so the shape fall by as many."""
    told = json.loads((real_data / f"reference/epiestim_{outbreak}.json").read_text())
    cases, weights = np.array(told["incidence"]), told["si_distr"]
    away = np.floor(cases / 2)
    whole = reproduction(cases, np.zeros_like(cases), weights=weights, window=7)
    split = reproduction(cases - away, away, weights=weights, window=7)
    assert split.rate == pytest.approx(whole.rate, nan_ok=True)
    fewer = [away[a : b + 1].sum() for a, b in zip(whole.starts, whole.ends, strict=True)]
    seen = ~np.isnan(whole.shape)
    assert seen.any()
    assert (whole.shape - split.shape)[seen] == pytest.approx(np.array(fewer)[seen])


def test_a_posterior_by_hand() -> None:
    """Cases 1; 2; 3 + 2 imported: Λ = 0.5 + 1.5, S = 2 + 3, so Gamma(1 + 5, 0.2 + 2)."""
    r = reproduction([0, 2, 3], [1, 0, 2], weights=HALVES, starts=[1], ends=[2])
    assert (r.shape[0], r.rate[0]) == (6, pytest.approx(2.2))
    assert (r.mean[0], r.sd[0]) == (pytest.approx(6 / 2.2), pytest.approx(np.sqrt(6) / 2.2))


def test_over_dispersion_divides_both_what_was_seen_and_what_pressed() -> None:
    r = reproduction([0, 2, 3], [1, 0, 2], weights=HALVES, starts=[1], ends=[2], phi=2.5)
    assert (r.shape[0], r.rate[0]) == (pytest.approx(1 + 2), pytest.approx(0.2 + 0.8))


def test_another_prior() -> None:
    """Mean 2 and sd 1: shape 4, rate 2."""
    r = reproduction([0, 2, 3], [1, 0, 2], weights=HALVES, starts=[1], ends=[2], prior_mean=2, prior_sd=1)
    assert (r.shape[0], r.rate[0]) == (4 + 5, pytest.approx(2 + 2))


def test_nothing_is_told_before_a_generation_has_passed() -> None:
    """The mean interval is 1.5 days: a window that ends on the first day says nothing, one on the second does."""
    r = reproduction([1, 2, 3], weights=HALVES, starts=[0, 1], ends=[0, 1])
    assert np.isnan(r.mean).tolist() == [True, False]
    assert np.isnan(r.high).tolist() == [True, False]


def test_every_window_of_so_many_days_follows_the_first() -> None:
    r = reproduction(np.ones(31), weights=HALVES)
    assert (r.starts.tolist(), r.ends.tolist()) == ([1, 2, 3], [28, 29, 30])
    assert reproduction(np.ones(5), weights=HALVES).mean.size == 0


def test_pressure_by_hand() -> None:
    assert pressure([2, 0, 4, 0], HALVES).tolist() == [0, 1, 1, 2]


@given(st.lists(st.integers(0, 50), min_size=3, max_size=40), st.floats(1.5, 8), st.floats(0.5, 5))
def test_every_case_presses_once(cases: list[int], mean: float, sd: float) -> None:
    """In the long run a case's pressure sums to 1: pad the series until all of it is felt."""
    weights = discrete_gamma(mean, sd, 200)
    assert pressure(cases + [0] * 200, weights / weights.sum()).sum() == pytest.approx(sum(cases))


@given(st.floats(1.5, 30), st.floats(0.1, 1.5))
def test_the_shifted_gamma_keeps_its_moments(mean: float, spread: float) -> None:
    """The mean exactly; the variance gains what sharing a lag between two days adds, at most a quarter of a day squared."""
    sd = spread * (mean - 1)
    w = discrete_gamma(mean, sd, 2000)
    lag = np.arange(w.size)
    assert w[0] == 0
    assert w.sum() == pytest.approx(1, abs=1e-6)
    assert w @ lag == pytest.approx(mean, abs=1e-3)
    assert -1e-6 <= w @ lag**2 - (w @ lag) ** 2 - sd**2 <= 0.25 + 1e-6


def test_over_dispersion_by_hand() -> None:
    """Four of day 0 with 3/4 of their interval in days 1-2, two of day 1 with 1/2: 1 + 2/0.5 · 2.75/4."""
    w = [0, 0.5, 0.25, 0.25]
    assert over_dispersion([4, 0, 0], w, 1, 2, mean=2, k=0.5) == pytest.approx(4.0)
    assert over_dispersion([4, 2, 0], w, 1, 2, mean=2, k=0.5) == pytest.approx(1 + 4 * 2.75 / 4)
    assert over_dispersion([4, 2, 0], w, 1, 2, mean=2, k=np.inf) == 1
    assert over_dispersion([0, 0, 4], w, 1, 2, mean=2, k=0.5) == 1


def test_over_dispersion_is_the_variance_over_the_mean() -> None:
    """Drawn: 40 sources of day 0, each NB(1.5, 0.4), each offspring falling into the window with probability 0.75."""
    rng = np.random.default_rng(7)
    offspring = rng.poisson(1.5 * rng.gamma(0.4, 1 / 0.4, (40_000, 40)))
    caught = rng.binomial(offspring, 0.75).sum(axis=1)
    phi = over_dispersion([40, 0, 0], [0, 0.5, 0.25, 0.25], 1, 2, mean=1.5, k=0.4)
    assert caught.var() / caught.mean() == pytest.approx(phi, rel=0.03)


def test_intrinsic_is_what_it_would_be_with_nobody_convinced_yet() -> None:
    assert intrinsic(0.8, 60, 100) == pytest.approx(2.0)
    assert intrinsic([0.8, 1.0], [0, 50], 100).tolist() == [0.8, 2.0]


@pytest.mark.parametrize(
    ("lo", "mar", "hi", "word"),
    [
        ((1.01, 2), (1.1, 2), (1.2, 3), "viral"), ((1.0, 2), (1.1, 2), (1.2, 3), "likely viral"),
        ((1.0, 2), (1.0, 2), (1.2, 3), "not determined"), ((0.1, 0.5), (0.2, 0.9), (0.3, 0.99), "seeded"),
        ((0.1, 0.5), (0.2, 0.9), (0.3, 1.0), "likely seeded"), ((0.1, 0.5), (0.2, 1.0), (0.3, 1.0), "not determined"),
        ((0.1, 0.5), None, (1.2, 3), "not determined"), ((0.1, 0.5), None, (0.3, 0.9), "seeded"),
        ((1.1, 2), None, (1.2, 3), "viral"),
    ],
)  # fmt: skip
def test_a_word_falls_only_where_the_interval_lies_on_one_side(lo: tuple, mar: tuple | None, hi: tuple, word: str) -> None:
    assert verdict(lo, mar, hi) == word


REFUSED = {
    "negative": (lambda: pressure([-1], HALVES), "not negative"),
    "a sum of 0.9": (lambda: pressure([1], [0, 0.9]), "sum to 1"),
    "a lag of no day": (lambda: pressure([1], [0.5, 0.5]), "is 0"),
    "lengths": (lambda: reproduction([1, 2], [1], weights=HALVES), "one length"),
    "prior": (lambda: reproduction([1, 2], weights=HALVES, prior_sd=0), "prior"),
    "phi": (lambda: reproduction([1, 2], weights=HALVES, phi=0.5), "below 1"),
    "one end": (lambda: reproduction([1, 2], weights=HALVES, starts=[1]), "both"),
    "outside": (lambda: reproduction([1, 2], weights=HALVES, starts=[1], ends=[2]), "within the series"),
    "backwards": (lambda: reproduction([1, 2], weights=HALVES, starts=[1], ends=[0]), "within the series"),
    "uneven windows": (lambda: reproduction([1, 2], weights=HALVES, starts=[0, 1], ends=[1]), "one length"),
    "no window": (lambda: reproduction([1, 2], weights=HALVES, window=0), "at least one day"),
    "k": (lambda: over_dispersion([1, 2], HALVES, 0, 1, mean=1, k=0), "k must be positive"),
    "everybody": (lambda: intrinsic(1, 100, 100), "fewer than"),
    "mean of one day": (lambda: discrete_gamma(1, 1, 10), "exceed 1 day"),
    "upside down": (lambda: verdict((2, 1), None, (0, 1)), "upper end"),
    "quantile": (lambda: reproduction([1, 2], weights=HALVES, starts=[1], ends=[1]).quantile(1), "between 0 and 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused(case: str) -> None:
    ask, why = REFUSED[case]
    with pytest.raises(ValueError, match=why):
        ask()
