"""Medians, differences of shares, matched changes, and the gap between what is asked and what is told."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.estimate import agenda_gap, matched_changes, mean_change, median, newcombe


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [(5, 1, 5), (6, 1, 6), (8, 1, 8), (9, 2, 8), (10, 2, 9), (15, 4, 12), (20, 6, 15), (25, 8, 18)],
)  # Conover's table of the sign test, 95 %
def test_a_median_lies_between_order_statistics(n: int, low: int, high: int) -> None:
    found = median(np.random.default_rng(1).permutation(np.arange(1, n + 1)))
    assert found == ((n + 1) / 2, low, high)


def test_the_interval_of_a_median_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    middle = np.log(2)
    held = [low <= middle <= high for _, low, high in (median(rng.exponential(1, 40)) for _ in range(1000))]
    assert 0.93 <= np.mean(held) <= 0.99


def test_no_value_has_no_median_and_a_missing_one_is_refused() -> None:
    assert np.isnan(median([])).all()
    assert median([3]) == (3, 3, 3)
    with pytest.raises(ValueError, match="missing"):
        median([1, np.nan])


@pytest.mark.parametrize(
    ("hits", "of", "other", "other_of", "low", "high"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (10, 10, 0, 20, 0.6791, 1.0),
     (0, 10, 0, 10, -0.2775, 0.2775)],
)  # Newcombe 1998, table II: examples a, b, f and g, by method 10
def test_newcombe_s_own_examples(hits: int, of: int, other: int, other_of: int, low: float, high: float) -> None:
    found = newcombe(hits, of, other, other_of)
    assert found.value == pytest.approx(hits / of - other / other_of)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_difference_with_nothing_is_no_number() -> None:
    assert np.isnan(newcombe(3, 10, 0, 0)).all()
    with pytest.raises(ValueError, match="between 0"):
        newcombe(11, 10, 1, 2)


def test_a_mean_change_has_student_s_interval() -> None:
    """Student's sleep data, the differences of ten patients: mean 1.58, interval 0.70 to 2.46."""
    found = mean_change([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert (round(found.value, 2), round(found.low, 2), round(found.high, 2)) == (1.58, 0.70, 2.46)
    assert mean_change([1.0]).value == 1
    assert np.isnan(mean_change([1.0]).low)
    assert np.isnan(mean_change([])).all()


def story(days: dict[int, list[int]], people: int = 4) -> np.ndarray:
    active = np.zeros((people, 20), dtype=bool)
    for person, when in days.items():
        active[person, when] = True
    return active


STAY = np.tile([0, 19], (4, 1))


def test_a_change_is_beyond_that_of_colleagues() -> None:
    """Window of 4 around day 10: person 0 becomes active, of the colleagues 1 stays silent and 2 becomes active."""
    active = story({0: [12], 2: [14], 3: [7, 11]})
    [change] = matched_changes(active, ["a", "a", "a", "b"], STAY, [0], [10], window=4)
    assert change == 1 - 0.5


def test_the_day_itself_and_what_lies_outside_the_windows_do_not_count() -> None:
    active = story({0: [5, 10, 15], 1: [6, 14]})
    assert matched_changes(active, ["a"] * 4, STAY, [0], [10], window=4) == [0 - 0]
    assert matched_changes(story({0: [14]}), ["a"] * 4, STAY, [0], [10], window=4) == [1]
    assert matched_changes(story({0: [6]}), ["a"] * 4, STAY, [0], [10], window=4) == [-1]


def test_who_was_treated_too_or_was_not_there_is_nobody_to_compare_with() -> None:
    active = story({0: [12], 1: [12], 2: [12]})
    both = matched_changes(active, ["a"] * 4, STAY, [0, 1], [10, 13], window=4)
    assert both.tolist() == [1 - 0.5, -1 + 0.5]
    stay = STAY.copy()
    stay[3] = [8, 19]  # joined within the window before
    assert matched_changes(active, ["a"] * 4, stay, [0], [10], window=4) == [0]
    alone = matched_changes(active, ["a", "b", "b", "b"], STAY, [0], [10], window=4)
    assert np.isnan(alone).all()


def test_a_window_that_leaves_the_days_is_not_told() -> None:
    found = matched_changes(story({}), ["a"] * 4, STAY, [0, 0, 0, 0], [3, 4, 15, 16], window=4)
    assert np.isnan(found).tolist() == [True, False, False, True]
    stay = STAY.copy()
    stay[0] = [0, 12]  # left before it was over
    assert np.isnan(matched_changes(story({}), ["a"] * 4, stay, [0], [10], window=4)).all()


def test_volunteers_apart_the_comparison_is_right_on_average() -> None:
    """Everybody rises by .2 in the weeks; those trained by .3 more."""
    rng = np.random.default_rng(4)
    people, trained = 4000, 800
    active = np.zeros((people, 57), dtype=bool)
    active[rng.random(people) < 0.3, 5] = True
    active[rng.random(people) < np.where(np.arange(people) < trained, 0.8, 0.5), 40] = True
    stay = np.tile([0, 56], (people, 1))
    changes = matched_changes(active, rng.integers(0, 5, people), stay, np.arange(trained), np.full(trained, 28))
    found = mean_change(changes)
    assert found.low < 0.3 < found.high
    assert found.high - found.low < 0.1


def test_the_agenda_gap_is_half_the_distance_of_the_shares() -> None:
    """Asked .5/.3/.2 of three themes, told .2/.3/.5."""
    asked, told = [[5, 0, 0], [0, 3, 2]], [[2, 3, 5]]
    found = agenda_gap(asked, told, seed=1)
    assert found.value == pytest.approx(1 - (0.2 + 0.3 + 0.2))
    assert found.low <= found.value <= found.high
    assert found.asked.tolist() == [0.5, 0.3, 0.2]


def test_the_ends_of_the_agenda_gap() -> None:
    assert agenda_gap([[1, 0]], [[0, 1]], seed=1)[:3] == (1, 1, 1)
    assert agenda_gap([[1, 2]], [[2, 4]], seed=1).value == pytest.approx(0)
    assert np.isnan(agenda_gap([[0, 0]], [[1, 0]], seed=1).value)
    assert np.isnan(agenda_gap(np.zeros((0, 2)), [[1, 0]], seed=1).value)
    with pytest.raises(ValueError, match="the same themes"):
        agenda_gap([[1, 0]], [[1]], seed=1)
    with pytest.raises(ValueError, match="less than nothing"):
        agenda_gap([[1, -1]], [[1, 1]], seed=1)


def test_the_same_seed_gives_the_same_gap_in_any_order_of_people() -> None:
    rng = np.random.default_rng(5)
    asked, told = rng.poisson(1, (60, 5)), rng.poisson(2, (15, 5))
    found = agenda_gap(asked, told, seed=9)
    assert found[:3] == agenda_gap(asked[::-1], told[::-1], seed=9)[:3]
    assert found.low < found.value < found.high
