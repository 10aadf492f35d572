"""When an effect may be told, and what is said with it."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.estimate import Ties, effect_words, study_effect


def panel(
    starts: dict[int, int], never: int, *, periods: int = 12, effect: float = 0.1, trend: float = 0.0, seed: int = 1
) -> tuple[np.ndarray, ...]:
    """So many teams start in each period, and so many never do."""
    rng = np.random.default_rng(seed)
    first = np.repeat([*starts, 0], [*starts.values(), never]).astype(float)
    when = np.arange(1, periods + 1)
    y = rng.normal(0.4, 0.1, (first.size, 1)) + rng.normal(0, 0.04, (first.size, periods))
    y += (first > 0)[:, None] * (effect * (when >= first[:, None]) + trend * when)
    return np.repeat(np.arange(first.size), periods), np.tile(when, first.size), np.repeat(first, periods), y.ravel()


def test_an_effect_is_found_and_told_by_month() -> None:
    found = study_effect(*panel({4: 20, 6: 20, 8: 20}, 40), seed=7)
    assert found.refused is None
    assert found.low < 0.1 < found.high
    assert found.att == pytest.approx(0.1, abs=0.02)
    assert (found.treated, found.controls, found.merged, found.left_out) == (60, 40, False, 0)
    assert [m.event for m in found.months] == list(range(-3, 7))
    at = {m.event: m for m in found.months}
    assert (at[-1].att, at[-1].se, at[-1].low) == (0.0, None, None)
    assert at[0].high - at[0].att > 1.96 * at[0].se
    assert at[3].att == pytest.approx(0.1, abs=0.04)


@pytest.mark.parametrize(("teams", "refused"), [(10, None), (9, "fewer than 10 teams started in any one quarter")])
def test_ten_teams_make_a_cohort(teams: int, refused: str | None) -> None:
    assert study_effect(*panel({6: teams}, 40), seed=7).refused == refused


def test_small_cohorts_are_merged_into_quarters_and_the_effect_stays() -> None:
    """Periods 4 to 6 are a quarter: dated to the 6th and compared with the 3rd, so that all have started and none had."""
    found = study_effect(*panel({4: 9, 5: 8, 6: 9}, 40), seed=7)
    assert (found.merged, found.treated, found.refused) == (True, 26, None)
    assert found.att == pytest.approx(0.1, abs=0.03)
    assert [m.event for m in found.months] == list(range(-3, 7))


@pytest.mark.parametrize(("start", "refused"), [(4, None), (3, "fewer than 3 months are known from before teams started")])
def test_three_periods_come_before(start: int, refused: str | None) -> None:
    assert study_effect(*panel({start: 20}, 40), seed=7).refused == refused


@pytest.mark.parametrize(("never", "refused"), [(30, None), (29, "fewer than 30 teams can be compared with")])
def test_thirty_teams_are_compared_with(never: int, refused: str | None) -> None:
    assert study_effect(*panel({6: 20}, never), seed=7).refused == refused


def test_without_enough_who_never_start_those_who_start_later_are_compared_with() -> None:
    found = study_effect(*panel({5: 20, 11: 35}, 0), seed=7)
    assert (found.refused, found.treated, found.controls) == (None, 20, 35)
    assert found.att == pytest.approx(0.1, abs=0.03)
    assert study_effect(*panel({5: 20, 11: 29}, 0), seed=7).refused == "fewer than 30 teams can be compared with"


def test_a_cohort_that_cannot_be_told_is_left_out_and_counted() -> None:
    found = study_effect(*panel({2: 15, 7: 20}, 40), seed=7)
    assert (found.treated, found.left_out) == (20, 15)


def test_nobody_has_started() -> None:
    assert study_effect(*panel({}, 40), seed=7).refused == "no team has had its first champion yet"


def test_both_caveats_stand_beside_the_number() -> None:
    said, doubt = effect_words(study_effect(*panel({6: 40}, 40), seed=7))
    assert said.startswith("teams are ")
    assert "points more active" in said
    assert ("volunteers: no sign" in said, "spillover: few ties" in said, doubt) == (True, True, None)


def test_volunteers_and_spillover_are_said_where_they_show() -> None:
    reached = Ties([0] * 40, range(40, 80), [8] * 40, [5] * 40, [1] * 40)
    said, doubt = effect_words(study_effect(*panel({6: 40}, 40, trend=0.02), ties=reached, seed=7))
    assert doubt is not None
    assert "volunteers: these teams were rising" in doubt
    assert "spillover: champions reached 40 of 40 teams" in doubt
    assert "no sign" not in said
    with pytest.raises(ValueError, match="refused"):
        effect_words(study_effect(*panel({}, 40), seed=7))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for seed in range(60):
        found = study_effect(*panel({4: 15, 6: 15, 8: 15}, 35, seed=seed), seed=7)
        held += found.low <= 0.1 <= found.high
    assert held >= 52


def test_the_same_seed_gives_the_same_ends() -> None:
    one, two = (study_effect(*panel({6: 20}, 40), seed=7) for _ in range(2))
    assert one.months == two.months
    assert study_effect(*panel({6: 20}, 40), seed=8).months != one.months
