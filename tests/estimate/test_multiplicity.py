"""Many tests at once: the published example, the definition, and what it promises."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipeline.estimate import benjamini_hochberg, bonferroni


@pytest.mark.real
def test_the_published_fifteen_give_four_and_three(real_data: Path) -> None:
    told = json.loads((real_data / "reference/bh1995.json").read_text())
    found = benjamini_hochberg(told["p"], told["q"])
    assert (found.count, bonferroni(told["p"], told["q"]).count) == (told["bh_rejects"], told["bonferroni_rejects"]) == (4, 3)
    assert found.cut == pytest.approx(4 * 0.05 / 15)


def test_the_step_goes_up_from_the_last_that_passes() -> None:
    """0.04 alone is above its step of 0.03, yet the third is below its own: all three are rejected."""
    assert benjamini_hochberg([0.04, 0.025, 0.05, 0.9], 0.1).rejected.tolist() == [True, True, True, False]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.01, 0.5))
def test_adjusted_values_say_the_same_as_the_rule(p: list[float], q: float) -> None:
    found = benjamini_hochberg(p, q)
    np.testing.assert_allclose(found.adjusted, stats.false_discovery_control(p), rtol=1e-12)
    clear = np.abs(found.adjusted - q) > 1e-9
    assert (found.rejected == (found.adjusted <= q))[clear].all()
    assert found.count >= bonferroni(p, q).count


def test_an_empty_list_rejects_nothing() -> None:
    assert benjamini_hochberg([], 0.1).count == bonferroni([], 0.1).count == 0


def test_bonferroni_adjusts_up_to_one() -> None:
    found = bonferroni([0.01, 0.02, 0.6], 0.05)
    assert found.rejected.tolist() == [True, False, False]
    assert found.adjusted.tolist() == pytest.approx([0.03, 0.06, 1.0])


@pytest.mark.parametrize("p", [[1.1], [-0.1], [float("nan")], [[0.1]]])
def test_what_is_no_chance_is_refused(p: list[float]) -> None:
    for rule in (benjamini_hochberg, bonferroni):
        with pytest.raises(ValueError, match="between 0 and 1"):
            rule(p)


def test_a_level_of_five_per_cent_is_not_5() -> None:
    with pytest.raises(ValueError, match="level"):
        benjamini_hochberg([0.1], 5)
