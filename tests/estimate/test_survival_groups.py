"""Waits by group, and whether the groups differ."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from pipeline.estimate import kaplan_meier, kaplan_meier_by, log_rank


@pytest.fixture(scope="module")
def trial(real_data: Path) -> tuple[list[float], list[bool], list[str]]:
    with (real_data / "reference/survival_aml.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [float(r["time"]) for r in rows], [float(r["status"]) == 1 for r in rows], [r["x"] for r in rows]


@pytest.mark.real
def test_curves_by_arm_are_the_published_ones(real_data: Path, trial: tuple[list, ...]) -> None:
    expected = json.loads((real_data / "reference/survival_aml_expected.json").read_text())
    curves = kaplan_meier_by(*trial, interval="log")
    assert list(curves) == ["Maintained", "Nonmaintained"]
    for arm, curve in curves.items():
        assert list(curve.quantile(0.5)) == expected["median"][arm]
        share = dict(zip(curve.times, curve.share, strict=True))
        for time, value in expected[f"S_{arm.lower()}"].items():
            assert share[float(time)] == pytest.approx(value, abs=6e-4)


@pytest.mark.real
def test_the_log_rank_test_is_the_published_one(real_data: Path, trial: tuple[list, ...]) -> None:
    expected = json.loads((real_data / "reference/survival_aml_expected.json").read_text())["logrank"]
    found = log_rank(*trial)
    assert found.observed.tolist() == [expected["O_maint"], expected["O_non"]]
    assert found.expected.tolist() == pytest.approx([expected["E_maint"], expected["E_non"]], abs=0.005)
    assert round(found.chisq, 1) == expected["chisq"] == 3.4
    assert round(found.p, 2) == expected["p"]
    assert round(log_rank(*trial, rho=1).chisq, 1) == 2.8


def test_the_log_rank_test_by_hand() -> None:
    """Times 1 (a), 2 (b), 3 (a), 4 (b), all seen: E_a = 1/2 + 1/3 + 1/2, V = 1/4 + 2/9 + 1/4."""
    found = log_rank([1, 2, 3, 4], [True] * 4, ["a", "b", "a", "b"])
    assert found.expected[0] == pytest.approx(4 / 3)
    assert found.chisq == pytest.approx((2 - 4 / 3) ** 2 / (13 / 18))
    assert (found.df, found.p) == (1, pytest.approx(chi2.sf(found.chisq, 1)))


def test_three_groups_and_their_order() -> None:
    rng = np.random.default_rng(1)
    waits, seen = rng.exponential(10, 90), rng.random(90) < 0.8
    group = np.repeat(["x", "y", "z"], 30)
    found = log_rank(waits, seen, group)
    assert found.df == 2
    assert np.sum(found.observed) == pytest.approx(np.sum(found.expected))
    turned = log_rank(waits, seen, np.repeat(["z", "x", "y"], 30))
    assert turned.chisq == pytest.approx(found.chisq)
    slow = np.where(group == "x", waits * 5, waits)
    assert log_rank(slow, np.ones(90, dtype=bool), group).p < 0.001


def test_one_group_or_no_event_is_refused() -> None:
    with pytest.raises(ValueError, match="two groups"):
        log_rank([1, 2], [True, True], ["a", "a"])
    with pytest.raises(ValueError, match="happened"):
        log_rank([1, 2], [False, False], ["a", "b"])
    with pytest.raises(ValueError, match="its group"):
        kaplan_meier_by([1, 2], [True, True], ["a"])
    with pytest.raises(ValueError, match="log-log"):
        kaplan_meier([1], [True], interval="other")  # type: ignore[arg-type]


def test_intervals_by_other_rules_by_hand() -> None:
    """1 of 4 is over: S = 3/4, sqrt V = sqrt(1/12)."""
    wide = 1.959964 * np.sqrt(1 / 12)
    log, plain = (kaplan_meier([1, 2, 2, 2], [True, False, False, False], interval=word) for word in ("log", "plain"))
    assert (log.low[0], log.high[0]) == (pytest.approx(0.75 * np.exp(-wide)), 1)
    assert (plain.low[0], plain.high[0]) == (pytest.approx(0.75 * (1 - wide)), 1)
