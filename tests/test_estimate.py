"""The estimators against hand-worked cases, published numbers and their own algebra."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.estimate import kaplan_meier, wilson


def test_wilson_by_hand() -> None:
    """2 of 5 with z = 1.96: (0.4 + 0.38415 ± 1.96 √(0.048 + 0.03841...)) / 1.7683"""
    low, high = wilson([2], [5])
    assert (round(float(low[0]), 4), round(float(high[0]), 4)) == (0.1176, 0.7693)


def test_wilson_at_the_ends_and_of_nothing() -> None:
    low, high = wilson([0, 10, 0], [10, 10, 0])
    assert (low[0], high[1]) == (0.0, 1.0)
    assert round(float(high[0]), 4) == 0.2775
    assert round(float(low[1]), 4) == 0.7225
    assert np.isnan(low[2])
    assert np.isnan(high[2])


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_its_own_share_and_mirrors(case: tuple[int, int]) -> None:
    hits, of = case
    low, high = (float(end[0]) for end in wilson([hits], [of]))
    assert 0 <= low <= hits / of <= high <= 1
    mirrored_low, _ = (float(end[0]) for end in wilson([of - hits], [of]))
    assert high == pytest.approx(1 - mirrored_low)


@pytest.mark.parametrize(("hits", "of"), [(-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_share(hits: int, of: int) -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        wilson([hits], [of])


@pytest.mark.real
def test_wilson_equals_the_published_intervals(real_data: Path) -> None:
    with (real_data / "reference/phe_byars_wilson.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["method"] == "Wilson"]
    assert len(rows) >= 5
    for row in rows:
        low, high = wilson([float(row["x"])], [float(row["n"])], confidence=float(row["confidence"].strip("%")) / 100)
        scale = 100 if float(row["uppercl"]) > 1 else 1
        assert float(low[0]) * scale == pytest.approx(float(row["lowercl"]), rel=1e-6, abs=1e-9)
        assert float(high[0]) * scale == pytest.approx(float(row["uppercl"]), rel=1e-6)


def test_kaplan_meier_by_hand() -> None:
    """Waits 1, 2+, 3, 4 (+ was cut off): 3/4 wait beyond 1, then 3/4 · 1/2, then none."""
    curve = kaplan_meier([1, 2, 3, 4], [True, False, True, True])
    assert curve.times.tolist() == [1, 3, 4]
    assert curve.share.tolist() == pytest.approx([0.75, 0.375, 0])
    assert curve.se[0] == pytest.approx(0.75 * np.sqrt(1 / 12))
    assert np.isnan(curve.se[2])
    assert curve.quantile(0.5).value == 3


def test_the_unanswered_lengthen_the_median() -> None:
    """Ten answered after 1..10 hours have a median of 5.5; with five still waiting at hour 10 it is 8."""
    hours = list(range(1, 11))
    assert kaplan_meier(hours, [True] * 10).quantile(0.5).value == 5.5
    assert kaplan_meier(hours + [10] * 5, [True] * 10 + [False] * 5).quantile(0.5).value == 8


@given(st.lists(st.integers(0, 500), min_size=1, max_size=60))
def test_without_cut_off_waits_the_median_is_the_median(waits: list[int]) -> None:
    assert kaplan_meier(waits, [True] * len(waits)).quantile(0.5).value == pytest.approx(float(np.median(waits)))


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=1, max_size=60), st.randoms())
def test_the_order_of_the_waits_is_no_matter(waits: list[tuple[int, bool]], chance: object) -> None:
    shuffled = sorted(waits, key=lambda _: chance.random())  # type: ignore[attr-defined]
    one, two = (kaplan_meier(*zip(*w, strict=True)) for w in (waits, shuffled))
    assert one.share.tolist() == two.share.tolist()
    assert np.all(np.diff(one.share) <= 0)
    inside = ~np.isnan(one.low)
    assert np.all((one.low[inside] <= one.share[inside]) & (one.share[inside] <= one.high[inside]))


def test_what_was_never_reached_is_none() -> None:
    assert kaplan_meier([], []).quantile(0.5) == (None, None, None)
    assert kaplan_meier([5, 6], [False, False]).quantile(0.5) == (None, None, None)
    assert kaplan_meier([1, 2, 3], [True, False, False]).quantile(0.5).value is None


@pytest.mark.parametrize(
    ("durations", "happened", "why"),
    [([-1], [True], "negative"), ([1, 2], [True], "one length")],
    ids=["negative", "lengths"],
)
def test_kaplan_meier_refuses_what_is_no_wait(durations: list[float], happened: list[bool], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        kaplan_meier(durations, happened)


def test_a_quantile_lies_between_nothing_and_everything() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        kaplan_meier([1], [True]).quantile(1.0)


@pytest.mark.real
def test_kaplan_meier_equals_the_published_leukaemia_trial(real_data: Path) -> None:
    with (real_data / "reference/survival_aml.csv").open() as file:
        rows = list(csv.DictReader(file))
    expected = json.loads((real_data / "reference/survival_aml_expected.json").read_text())
    for arm, name in (("Maintained", "maintained"), ("Nonmaintained", "nonmaintained")):
        own = [r for r in rows if r["x"] == arm]
        curve = kaplan_meier([float(r["time"]) for r in own], [float(r["status"]) == 1 for r in own])
        share = dict(zip(curve.times, curve.share, strict=True))
        for time, value in expected[f"S_{name}"].items():
            assert share[float(time)] == pytest.approx(value, abs=6e-4)
        se = dict(zip(curve.times, curve.se, strict=True))
        for time, value in expected.get(f"se_{name}", {}).items():
            assert se[float(time)] == pytest.approx(value, abs=6e-4)
        assert curve.quantile(0.5).value == expected["median"][arm][0]
