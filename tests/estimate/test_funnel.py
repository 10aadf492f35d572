"""Funnels: the published areas, the tails that limits promise, and units that are given in another order."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from pipeline.estimate import funnel_proportion, funnel_rate, funnel_ratio, proportion_limits, ratio_limits, wilson


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.mark.real
def test_every_published_area_is_judged_alike_and_every_limit_drawn_alike(real_data: Path) -> None:
    areas = read(real_data / "reference/phe_funnel_prop_inputs.csv")
    found = funnel_proportion(
        [float(a["numerator"]) for a in areas], [float(a["denominator"]) for a in areas], multiplier=100
    )
    assert len(areas) == 303
    assert list(found.significance) == [a["significance"] for a in areas]
    rows = [[float(cell) for cell in row.values()] for row in read(real_data / "reference/phe_funnel_prop_outputs.csv")]
    lines = found.lines
    drawn = np.column_stack([lines.size, lines.low_2s, lines.high_2s, lines.low_3s, lines.high_3s])
    assert drawn.shape == (100, 5)
    np.testing.assert_allclose(drawn, np.array(rows)[:, :5], atol=1e-5, rtol=0)
    assert lines.baseline == pytest.approx(rows[0][5], abs=1e-5)


@pytest.mark.parametrize("size", [12, 80, 4000])
def test_on_a_limit_the_unit_s_own_wilson_interval_just_touches_the_baseline(size: int) -> None:
    low, high = proportion_limits(0.3, size)
    assert wilson(low * size, size)[1] == pytest.approx(0.3)
    assert wilson(high * size, size)[0] == pytest.approx(0.3)


def test_limits_of_a_share_stay_within_it() -> None:
    low, high = proportion_limits(0.9, [1])
    assert (low[0] > 0, high[0]) == (True, 1.0)


def test_on_a_limit_of_a_ratio_the_exact_tail_is_two_and_a_half_per_cent() -> None:
    up, down = ratio_limits([1, 6, 250])
    np.testing.assert_allclose(stats.poisson.sf(np.array([0, 5, 249]), up), 0.025)
    np.testing.assert_allclose(stats.poisson.cdf([1, 6, 250], down), 0.025)


def test_ratios_are_judged_by_the_interval_of_their_events() -> None:
    """30 events: Byar's interval is 20.2 to 42.8 at 95 %, 15.9 to 51.0 at 99.8 %; 5 events: 1.62 to 11.7, 0.74 to 16.5."""
    expected = [15, 20, 21, 42, 43, 52, 0.7, 1.6, 11, 12, 17]
    found = funnel_ratio([30] * 6 + [5] * 5, expected)
    assert [word.replace("Not significant", "-") for word in found.significance] == [
        "High (0.001)", "High (0.025)", "-", "-", "Low (0.025)", "Low (0.001)",
        "High (0.001)", "High (0.025)", "-", "Low (0.025)", "Low (0.001)",
    ]  # fmt: skip


def test_the_scale_of_a_ratio_changes_figures_and_lines_but_no_judgement() -> None:
    observed, expected = [30, 10, 0], [20.0, 20.0, 20.0]
    plain, less, isr = (funnel_ratio(observed, expected, kind=kind) for kind in ("ratio", "count", "isr"))
    assert plain.value.tolist() == [1.5, 0.5, 0.0]
    np.testing.assert_allclose(less.value, plain.value - 1)
    np.testing.assert_allclose(isr.value, plain.value * 100)
    assert (plain.baseline, less.baseline, isr.baseline) == (1, 0, 100)
    np.testing.assert_allclose(isr.lines.low_2s, 100 * plain.lines.low_2s)
    np.testing.assert_allclose(less.lines.high_3s, plain.lines.high_3s - 1)
    np.testing.assert_allclose(plain.lines.low_2s, plain.lines.size / plain.lines.at_low_2s)
    assert plain.significance == less.significance == isr.significance == ("High (0.025)", "Low (0.025)", "Low (0.001)")


def test_a_rate_is_judged_as_a_ratio_to_the_common_rate() -> None:
    events, people = [40, 12, 3], [1000.0, 1000.0, 500.0]
    found = funnel_rate(events, population=people, multiplier=1000)
    assert found.baseline == pytest.approx(1000 * 55 / 2500)
    assert found.value.tolist() == [40, 12, 6]
    assert found.significance == funnel_ratio(events, np.array(people) * 55 / 2500).significance
    assert funnel_rate(events, found.value, multiplier=1000).significance == found.significance


def test_the_places_of_a_rate_s_lines_are_people_of_one_year() -> None:
    one, three = (funnel_rate([40, 12], population=[1000, 900], years=years).lines for years in (1, 3))
    at = np.intersect1d(one.size, three.size)[:3]
    pick = [np.searchsorted(lines.size, at) for lines in (one, three)]
    np.testing.assert_allclose(one.at_low_2s[pick[0]], 3 * three.at_low_2s[pick[1]])
    np.testing.assert_allclose(one.low_2s[pick[0]], three.low_2s[pick[1]])


def test_a_standardised_rate_of_few_events_is_not_judged() -> None:
    found = funnel_rate([9, 10, 0, 200], [500, 20, 0, 90], population=[1, 1, 5, 1], kind="dsr")
    assert found.significance[0] == found.significance[2] == "Not applicable for events less than 10 for dsrs"
    assert found.significance[1] == "Low (0.001)"
    without = funnel_rate([9, 10, 200], [500, 20, 90], kind="dsr")
    assert found.baseline == pytest.approx(without.baseline)  # who has no events has no population either


def test_a_crude_rate_of_nothing_counts_with_its_population() -> None:
    assert funnel_rate([0, 10], [0, 1000], population=[1000, 7], multiplier=1e5).baseline == pytest.approx(1e5 * 10 / 2000)
    with pytest.raises(ValueError, match="needs its population"):
        funnel_rate([0, 10], [0, 1000])


def test_the_order_of_units_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    of, turn = rng.integers(20, 900, 60), rng.permutation(60)
    hits = rng.binomial(of, 0.3) * 0.1
    found, turned = funnel_proportion(hits, of), funnel_proportion(hits[turn], of[turn])
    assert found.baseline == turned.baseline
    assert [found.significance[n] for n in turn] == list(turned.significance)
    assert found.lines.low_2s.tobytes() == turned.lines.low_2s.tobytes()


@pytest.mark.parametrize("pair", [([1], [0]), ([-1], [5]), ([1, 2], [5]), ([], []), ([float("nan")], [5])])
def test_what_makes_no_funnel_is_refused(pair: tuple[list[float], list[float]]) -> None:
    for funnel in (funnel_proportion, funnel_ratio):
        with pytest.raises(ValueError, match="funnel needs"):
            funnel(*pair)


def test_a_share_beyond_its_whole_is_refused_a_ratio_is_not() -> None:
    with pytest.raises(ValueError, match="out of"):
        funnel_proportion([6], [5])
    assert funnel_ratio([6], [5]).value[0] == 1.2
