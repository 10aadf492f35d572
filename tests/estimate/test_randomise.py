"""Dealing by lot: even, seeded, fair; and the p-value that dealing again gives."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from pipeline.estimate import deal, redeal_p

UNITS = [f"team {n:02}" for n in range(41)]
STRATA = [("coast", "law", "web")[n % 3] for n in range(41)]
SIZE = [10 + n % 7 for n in range(41)]


def test_every_stratum_and_the_whole_are_dealt_evenly() -> None:
    for seed in range(20):
        dealt = deal(UNITS, STRATA, SIZE, seed, waves=4)
        assert sorted(dealt.units) == UNITS
        assert set(Counter(dealt.wave).values()) == {10, 11}
        for stratum in set(STRATA):
            counts = Counter(w for w, s in zip(dealt.wave, dealt.stratum, strict=True) if s == stratum)
            assert max(counts.values()) - min(counts[w] for w in range(1, 5)) <= 1
        assert list(dealt.wave) == sorted(dealt.wave)


def test_upper_levels_are_even_where_strata_are_small_and_lots_still_differ() -> None:
    """Forty strata of one unit each in four directorates: each directorate is even, and no two deals alike."""
    units = [f"team {n:02}" for n in range(40)]
    strata = [(f"d{n % 4}", f"s{n}") for n in range(40)]
    seen = set()
    for seed in range(30):
        dealt = deal(units, strata, [1] * 40, seed, waves=4)
        for home in range(4):
            counts = Counter(w for w, s in zip(dealt.wave, dealt.stratum, strict=True) if s[0] == f"d{home}")
            assert set(counts.values()) == {2, 3}
        seen.add(tuple(sorted(u for u, w in zip(dealt.units, dealt.wave, strict=True) if w == 1)))
    assert len(seen) == 30


def test_every_unit_is_as_likely_in_any_wave_and_next_to_any_other() -> None:
    waves, together = Counter(), 0
    for seed in range(2000):
        dealt = deal(UNITS, STRATA, SIZE, seed, waves=4)
        place = dict(zip(dealt.units, dealt.wave, strict=True))
        waves[place["team 00"]] += 1
        together += place["team 00"] == place["team 01"]
    assert all(430 < waves[w] < 570 for w in range(1, 5))
    assert 400 < together < 600


def test_the_same_seed_deals_the_same_whatever_the_order() -> None:
    one = deal(UNITS, STRATA, SIZE, 5)
    two = deal(UNITS[::-1], STRATA[::-1], SIZE[::-1], 5)
    assert (one.units, one.wave) == (two.units, two.wave)
    assert [b[:3] for b in one.balance] == [b[:3] for b in two.balance]
    assert deal(UNITS, STRATA, SIZE, 6).units != one.units


def test_balance_by_hand() -> None:
    """Waves of sizes 1, 3 and 5, 9: means 2 and 7, variances 2 and 8: (2 - 7) / sqrt(5)."""
    rows = []
    for seed in range(50):
        dealt = deal(["a", "b", "c", "d"], ["s"] * 4, [1, 3, 5, 9], seed, waves=2, covariates={"flat": [2, 2, 2, 2]})
        if {u for u, w in zip(dealt.units, dealt.wave, strict=True) if w == 1} == {"a", "b"}:
            rows = dealt.balance
    first = next(row for row in rows if row.covariate == "size" and row.wave == 1)
    assert first == (1, "size", 2, 2.0, 7.0, pytest.approx(-5 / np.sqrt(5)))
    assert all(np.isnan(row.difference) for row in rows if row.covariate == "flat")


@pytest.mark.parametrize(
    ("units", "strata", "size", "waves", "why"),
    [
        (["a", "a"], ["s", "s"], [1, 2], 2, "twice"),
        (["a", "b"], ["s"], [1, 2], 2, "one stratum"),
        (["a", "b"], ["s", "s"], [1], 2, "one size"),
        (["a"], ["s"], [1], 2, "no more waves"),
        (["a", "b"], ["s", "s"], [1, 2], 1, "two waves"),
    ],
)
def test_what_cannot_be_dealt_is_refused(units: list[str], strata: list[str], size: list[int], waves: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        deal(units, strata, size, 1, waves=waves)


def test_a_planted_effect_is_found_and_an_absent_one_is_not() -> None:
    values, found, false = {}, 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        dealt = deal(UNITS, STRATA, SIZE, seed, waves=2)
        wave, noise = np.array(dealt.wave), rng.normal(0, 1, len(UNITS))
        for effect in (0.0, 1.5):
            outcome = noise + effect * (wave == 1)

            def gap(waves: np.ndarray, y: np.ndarray = outcome) -> float:
                return float(y[waves == 1].mean() - y[waves == 2].mean())

            values[effect] = redeal_p(gap, dealt.units, dealt.stratum, wave, draws=99, seed=7)
        found += values[1.5] <= 0.05
        false += values[0.0] <= 0.05
    assert found >= 36
    assert false <= 6


def test_a_statistic_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(ValueError, match="no number"):
        redeal_p(lambda _: float("nan"), ["a", "b"], ["s", "s"], [1, 2], seed=1)
