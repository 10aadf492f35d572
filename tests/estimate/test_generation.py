"""The generation interval: shares of lags, lags that could not yet be seen, and too few pairs."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.estimate import discrete_gamma, generation_interval


def test_enough_pairs_are_counted() -> None:
    told = generation_interval([1] * 10 + [3] * 20)
    assert (told.assumed, told.pairs, told.weights.size) == (False, 30, 61)
    assert told.weights[:5] == pytest.approx([0, 1 / 3, 0, 2 / 3, 0])
    assert (told.mean, told.sd) == (pytest.approx(7 / 3), pytest.approx(np.sqrt(8 / 9)))
    assert (told.within(0.3), told.within(1 / 3), told.within(0.34), told.within(0.99)) == (1, 1, 3, 3)


def test_too_few_are_not() -> None:
    told = generation_interval([1] * 9 + [3] * 20)
    assert (told.assumed, told.pairs) == (True, 29)
    assert told.mean == pytest.approx(10, abs=0.05)
    assert told.sd == pytest.approx(7, abs=0.1)
    assert told.weights.sum() == pytest.approx(1)


def test_uncertain_pairs_count_as_far_as_they_are_believed() -> None:
    assert generation_interval([2] * 59, [0.5] * 59).assumed
    told = generation_interval([2] * 40 + [4] * 20, [0.5] * 40 + [1] * 20)
    assert (told.pairs, told.assumed) == (40, False)
    assert told.weights[[2, 4]] == pytest.approx([0.5, 0.5])


def test_the_same_day_and_what_is_too_long_ago_are_left_out() -> None:
    told = generation_interval([0] * 50 + [61] * 50 + [-3] * 5 + [5] * 30)
    assert (told.pairs, told.mean) == (30, 5)
    assert generation_interval([0] * 50 + [5] * 29).assumed


def test_lags_that_could_not_yet_be_seen_by_hand() -> None:
    """Twenty sources watched for a day, all with lag 1; twenty for two days, half with lag 2: so half of all lags are 2."""
    told = generation_interval([1] * 30 + [2] * 10, followed=[1] * 20 + [2] * 20)
    assert told.weights[1:3] == pytest.approx([0.5, 0.5])
    assert generation_interval([1] * 30 + [2] * 10).weights[1:3] == pytest.approx([0.75, 0.25])


def test_growth_does_not_shorten_the_interval() -> None:
    """Sources ever more frequent towards the end: seen lags are too short, allowed for they are not."""
    rng = np.random.default_rng(11)
    w = discrete_gamma(10, 7, 60)
    lag = rng.choice(61, 20_000, p=w / w.sum())
    watched = np.minimum(rng.exponential(15, 20_000).astype(int), 90)
    seen = lag <= watched
    raw = generation_interval(lag[seen])
    told = generation_interval(lag[seen], followed=watched[seen])
    assert raw.mean < 8
    assert told.mean == pytest.approx(10, abs=0.4)


def test_a_lag_for_which_hardly_anybody_had_the_time_is_not_told() -> None:
    """Nine sources watched for 50 days and one lag of 50: too few, so the longest lag told is that of the others."""
    lags, watched = [2] * 15 + [3] * 15 + [5] * 8 + [50], [4] * 30 + [60] * 9
    assert generation_interval(lags, followed=watched).weights[4:].sum() == 0
    assert generation_interval([*lags, 5], followed=[*watched, 60]).weights[50] == pytest.approx(0.1)


def test_the_order_of_pairs_is_no_matter() -> None:
    rng = np.random.default_rng(2)
    lag, w = rng.integers(1, 30, 500), rng.random(500)
    watched = lag + rng.integers(0, 30, 500)
    order = rng.permutation(500)
    one = generation_interval(lag, w, followed=watched)
    two = generation_interval(lag[order], w[order], followed=watched[order])
    assert one.weights.tobytes() == two.weights.tobytes()


@pytest.mark.parametrize(
    ("lags", "more", "why"),
    [
        ([1, 2], {"weights": [1]}, "one length"), ([1], {"weights": [1.5]}, "between 0 and 1"), ([1.5], {}, "whole days"),
        ([5], {"followed": [4]}, "less than its lag"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(lags: list[float], more: dict, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        generation_interval(lags, **more)
