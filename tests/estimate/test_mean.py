"""The interval of a mean, by hand."""

from __future__ import annotations

import pytest

from pipeline.estimate import mean_interval


def test_by_hand() -> None:
    """1, 2, 3: mean 2, standard error 1/√3, t with 2 freedoms 4.3027."""
    low, high = mean_interval(2.0, (2 / 3) ** 0.5, 3)
    assert (low, high) == pytest.approx((2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), abs=1e-4)
    wider = mean_interval(2.0, (2 / 3) ** 0.5, 3, confidence=0.99)
    assert wider[0] < low < high < wider[1]


@pytest.mark.parametrize(("sd", "n"), [(1.0, 1.9), (-0.1, 5)])
def test_what_has_no_interval(sd: float, n: float) -> None:
    with pytest.raises(ValueError, match="two observations"):
        mean_interval(0.0, sd, n)
