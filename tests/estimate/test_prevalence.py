"""A share corrected for the test's errors: published cases, hand-worked ones, and what must hold of any."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from pipeline.estimate import wilson
from pipeline.estimate.prevalence import rogan_gladen

METHODS = {"blaker": "blaker", "c-p": "clopper-pearson"}


@pytest.mark.real
def test_published_cases(real_data: Path) -> None:
    """Per 100 and rounded; the second one's lower end, -6.54, is printed as -6."""
    cases = json.loads((real_data / "reference/rogan_gladen_epiR.json").read_text())["cases"]
    assert len(cases) == 2
    for case in cases:
        found = rogan_gladen(case["pos"], case["n"], case["se"], case["sp"], method=METHODS[case["method"]])
        assert round(100 * float(found.value)) == case["tp"]
        assert 100 * float(found.low) == pytest.approx(case["lo"], abs=0.6)
        assert round(100 * float(found.high)) == case["hi"]
        assert bool(found.valid) == ("expect" not in case)


def test_by_hand() -> None:
    """30 of 100 seem to be, 90 % of those who are and 20 % of those who are not: (0.3 - 0.2)/0.7."""
    found = rogan_gladen(30, 100, 0.9, 0.8, se_of=50, sp_of=50, method="delta")
    share = 0.1 / 0.7
    assert float(found.value) == pytest.approx(share)
    variance = (0.21 / 100 + share**2 * 0.09 / 50 + (1 - share) ** 2 * 0.16 / 50) / 0.49
    assert float(found.se) == pytest.approx(np.sqrt(variance))
    assert float(found.high - found.low) == pytest.approx(2 * 1.959964 * np.sqrt(variance), rel=1e-6)


def test_a_perfect_test_leaves_a_share_as_it_is() -> None:
    found = rogan_gladen([0, 3, 10], 10, 1.0, 1.0)
    assert found.value == pytest.approx([0, 0.3, 1])
    assert found.low == pytest.approx(wilson([0, 3, 10], [10, 10, 10])[0])
    assert found.se == pytest.approx(np.sqrt([0, 0.021, 0]))
    assert found.valid.all()


def test_lang_and_reiczigel_by_hand() -> None:
    """Counts plus z²/2 and plus 1, a shift of 2z²(...), ends within [0, 1]."""
    found = rogan_gladen(30, 100, 0.9, 0.8, se_of=50, sp_of=50)
    z2 = 1.959963984540054**2
    p, se, sp = (30 + z2 / 2) / (100 + z2), 46 / 52, 41 / 52
    share, of_se, of_sp = (p + sp - 1) / (se + sp - 1), se * (1 - se) / 52, sp * (1 - sp) / 52
    middle = share + 2 * z2 * (share * of_se - (1 - share) * of_sp)
    reach = np.sqrt(z2 * (p * (1 - p) / (100 + z2) + share**2 * of_se + (1 - share) ** 2 * of_sp)) / (se + sp - 1)
    assert float(found.high) == pytest.approx(middle + reach)
    assert float(found.low) == max(0.0, middle - reach) == 0.0


@pytest.mark.parametrize(("positive", "valid"), [(19, False), (20, True), (90, True), (91, False)])
def test_what_cannot_be_is_not_clipped(positive: int, valid: bool) -> None:
    """With 20 % false alarms fewer than 20 of 100 cannot be, nor more than 90 with 90 % found."""
    found = rogan_gladen(positive, 100, 0.9, 0.8, se_of=40, sp_of=60)
    assert bool(found.valid) is valid
    assert (0 <= round(float(found.value), 12) <= 1) is valid
    assert 0 <= float(found.low) <= float(found.high) <= 1


def test_fewer_labelled_is_less_sure() -> None:
    widths = [np.subtract(*rogan_gladen(60, 200, 0.85, 0.9, se_of=n, sp_of=n)[3:1:-1]) for n in (1e9, 400, 100, 50)]
    assert np.all(np.diff(widths) > 0)
    known = rogan_gladen(60, 200, 0.85, 0.9)
    assert float(known.high - known.low) == pytest.approx(float(widths[0]), rel=5e-3)  # Agresti & Coull against Wilson


@given(st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_blaker_lies_within_clopper_and_pearson(case: tuple[int, int]) -> None:
    hits, of = case
    exact = rogan_gladen(hits, of, 1.0, 1.0, method="clopper-pearson")
    blaker = rogan_gladen(hits, of, 1.0, 1.0, method="blaker")
    assert float(exact.low) - 1e-9 <= float(blaker.low) <= hits / of <= float(blaker.high) <= float(exact.high) + 1e-9
    if hits > 0:
        assert float(binom.sf(hits - 1, of, float(exact.low))) == pytest.approx(0.025)


def test_blaker_by_its_definition() -> None:
    """A share is rejected where its tail, and the other tail no likelier than it, hold less than 5 % together."""
    of = 12
    every = np.arange(of + 1)

    def accepted(hits: int, p: float) -> bool:
        tails = np.minimum(binom.cdf(every, of, p), binom.sf(every - 1, of, p))
        return float(binom.pmf(every, of, p)[tails <= tails[hits] * (1 + 1e-9)].sum()) >= 0.05

    grid = np.linspace(0.0005, 0.9995, 1000)
    for hits in (0, 1, 4, 11):
        found = rogan_gladen(hits, of, 1.0, 1.0, method="blaker")
        inside = [p for p in grid if accepted(hits, p)]
        assert (float(found.low), float(found.high)) == pytest.approx((min(inside), max(inside)), abs=1.01e-3)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"positive": 11}, "between 0 and n"),
        ({"positive": -1}, "between 0 and n"),
        ({"n": 0, "positive": 0}, "n above 0"),
        ({"se": 1.1}, "between 0 and 1"),
        ({"se": 0.5, "sp": 0.5}, "no better than a coin"),
        ({"se_of": 10}, "both or neither"),
        ({"se_of": 0, "sp_of": 5}, "above 0"),
        ({"method": "guess"}, "method is one of"),
        ({"method": "lang-reiczigel"}, "needs se_of"),
        ({"method": "wilson", "se_of": 9, "sp_of": 9}, "as known"),
        ({"method": "blaker", "positive": 2.5}, "whole counts"),
        ({"se": 0.52, "sp": 0.5, "se_of": 1, "sp_of": 1, "positive": 1, "n": 2, "confidence": 0.95}, None),
    ],
)
def test_refusals(changed: dict[str, float | str], words: str | None) -> None:
    case = {"positive": 3, "n": 10, "se": 0.9, "sp": 0.8} | changed
    if words is None:
        assert float(rogan_gladen(**case).apparent) == 0.5  # just better than a coin
        return
    with pytest.raises(ValueError, match=words):
        rogan_gladen(**case)
