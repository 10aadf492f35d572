"""Group-time effects against the published minimum-wage panel, against hand-worked cases, and against their own algebra."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.estimate import aggregate, att_gt, band, pretrend_flag, spillover_flag


@pytest.fixture(scope="module")
def wages(real_data: Path) -> tuple[list[float], ...]:
    """County, year, first year of treatment (0: never), log employment."""
    with (real_data / "reference/mpdta.csv").open() as file:
        rows = list(csv.DictReader(file))
    return tuple([float(r[name]) for r in rows] for name in ("countyreal", "year", "first.treat", "lemp"))


@pytest.mark.real
def test_every_group_time_effect_is_the_published_one(real_data: Path, wages: tuple[list[float], ...]) -> None:
    expected = json.loads((real_data / "reference/mpdta_expected.json").read_text())["att_gt"]
    found = att_gt(*wages)
    assert len(expected) == found.att.size == 12
    cells = dict(zip(zip(found.group, found.time, strict=True), zip(found.att, found.se, strict=True), strict=True))
    for cell in expected:
        att, se = cells[cell["g"], cell["t"]]
        assert att == pytest.approx(cell["att"], abs=6e-5)
        assert se == pytest.approx(cell["se"], rel=0.1)


@pytest.mark.real
def test_the_averages_are_the_published_ones(wages: tuple[list[float], ...]) -> None:
    found = att_gt(*wages)
    told = {kind: aggregate(found, kind) for kind in ("simple", "dynamic", "group", "calendar")}
    assert {kind: round(a.att, 4) for kind, a in told.items()} == {
        "simple": -0.04, "dynamic": -0.0772, "group": -0.031, "calendar": -0.0417,
    }  # fmt: skip
    for kind, se in (("simple", 0.012), ("dynamic", 0.02), ("group", 0.0124), ("calendar", 0.016)):
        assert told[kind].se == pytest.approx(se, rel=0.05)
    assert told["dynamic"].at.tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert told["dynamic"].att_at.round(4).tolist() == [0.0305, -0.0006, -0.0245, -0.0199, -0.051, -0.1373, -0.1008]
    assert told["group"].att_at.round(4).tolist() == [-0.0797, -0.0229, -0.0261]


@pytest.mark.real
def test_bands_hold_more_than_intervals_alone(wages: tuple[list[float], ...]) -> None:
    found = att_gt(*wages)
    for multiplier in ("mammen", "rademacher"):
        told = band(found.influence, draws=2000, seed=7, multiplier=multiplier)
        assert 2.5 < told.critical < 3.1
        assert told.se == pytest.approx(found.se, rel=0.12)
    assert band(found.influence[:, :1], seed=7).critical == pytest.approx(1.96, abs=0.12)


def table(rows: dict[str, tuple[float, list[float]]], periods: list[float] | None = None) -> tuple[list, ...]:
    """unit -> (first treated, outcomes): four columns."""
    made = [
        (unit, when, first, y)
        for unit, (first, ys) in rows.items()
        for when, y in zip(periods or range(1, len(ys) + 1), ys, strict=True)
    ]
    return tuple(list(column) for column in zip(*made, strict=True))


HAND = {"a": (3, [1, 2, 6]), "b": (3, [2, 3, 9]), "c": (0, [1, 2, 3]), "d": (0, [5, 4, 6])}


def test_by_hand() -> None:
    """From period 2 to 3 a and b rose by 4 and 6, c and d by 1 and 2: the effect is 5 - 1.5.

    Its influence is 2 x (-1, 1) for the treated and -2 x (-.5, .5) for the controls: se = sqrt(4 + 4 + 1 + 1) / 4.
    """
    found = att_gt(*table(HAND))
    at = dict(zip(found.time, zip(found.att, found.se, found.treated, found.controls, strict=True), strict=True))
    assert at[3] == (pytest.approx(3.5), pytest.approx(np.sqrt(10) / 4), 2, 2)
    assert at[2][0] == pytest.approx(1.0)
    assert np.sum(found.influence, axis=0) == pytest.approx(0)


def test_the_base_before_treatment() -> None:
    """Universal: period 1 is compared with period 2 as well, so the sign turns; the base itself is 0 and has no se."""
    found = att_gt(*table(HAND), base="universal")
    assert found.att.tolist() == [-1.0, 0.0, 3.5]
    assert np.isnan(found.se).tolist() == [False, True, False]


def test_anticipation_moves_the_base() -> None:
    """With one period of anticipation period 3 is compared with period 1: 6 - 1.5."""
    found = att_gt(*table(HAND), anticipation=1)
    assert found.att[found.time == 3] == pytest.approx((5 + 7) / 2 - (2 + 1) / 2)


STAGGERED = {
    "a": (2, [0.0, 1, 1, 1]), "b": (2, [0, 1.5, 1, 1]),
    "c": (4, [0, 0, 0.1, 3]), "d": (4, [0, 0.1, 0, 3]), "e": (0, [0, 0, 0, 0.5]),
    "f": (0, [0, 0, 0, 0.4]),
}  # fmt: skip


def test_those_not_yet_treated_are_controls_until_they_are() -> None:
    never, notyet = (att_gt(*table(STAGGERED), control=word) for word in ("never", "notyet"))
    assert dict(zip(zip(never.group, never.time, strict=True), never.controls, strict=True))[2, 2] == 2
    counts = dict(zip(zip(notyet.group, notyet.time, strict=True), notyet.controls, strict=True))
    assert (counts[2, 2], counts[2, 3], counts[2, 4], counts[4, 4]) == (4, 4, 2, 2)


def test_where_everybody_is_treated_in_the_end_the_last_are_controls_until_then() -> None:
    rows = {unit: row for unit, row in STAGGERED.items() if row[0]}
    with pytest.raises(ValueError, match="never treated"):
        att_gt(*table(rows))
    found = att_gt(*table(rows), control="notyet")
    assert sorted(set(found.group.tolist())) == [2]
    assert found.time.tolist() == [2, 3]


def test_who_is_treated_later_than_the_panel_is_a_control_and_who_always_was_is_dropped() -> None:
    rows = {**HAND, "e": (9, [0, 0, 0]), "f": (1, [7, 7, 7])}
    found = att_gt(*table(rows))
    assert found.controls.tolist() == [3, 3]
    assert (found.dropped, "f" in found.units) == (1, False)


def test_unbalanced_panels() -> None:
    short = table({**HAND, "e": (0, [9, 9, 9])})
    lacking = tuple(column[:-1] for column in short)
    with pytest.raises(ValueError, match="unbalanced: 1 unit"):
        att_gt(*lacking)
    dropped = att_gt(*lacking, unbalanced="drop")
    assert (dropped.dropped, dropped.controls.tolist()) == (1, [2, 2])
    pairs = att_gt(*lacking, unbalanced="pairs")
    assert (pairs.dropped, pairs.controls.tolist()) == (0, [3, 2])
    assert att_gt(*short).controls.tolist() == [3, 3]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda u, p, g, y: (u + u[:1], p + p[:1], g + g[:1], y + y[:1]), "two rows"),
        (lambda u, p, g, y: (u, p, [2, *g[1:]], y), "differs"),
        (lambda u, p, g, y: (u, p, g, [float("nan"), *y[1:]]), "number"),
        (lambda u, p, g, y: (u[1:], p, g, y), "one length"),
        (lambda u, p, g, y: (u, p, [0] * len(g), y), "no cohort"),
        (lambda u, p, g, y: ([], [], [], []), "not empty"),
    ],
    ids=["twice", "first", "nan", "length", "nobody", "empty"],
)
def test_what_is_no_panel_is_refused_by_name(change: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        att_gt(*change(*table(HAND)))  # type: ignore[operator]


def test_the_order_of_rows_is_no_matter() -> None:
    columns = table(STAGGERED)
    order = np.random.default_rng(1).permutation(len(columns[0]))
    one, two = att_gt(*columns), att_gt(*([column[i] for i in order] for column in columns))
    assert one.att.tobytes() == two.att.tobytes()
    assert one.influence.tobytes() == two.influence.tobytes()
    assert band(one.influence, seed=3).critical == band(two.influence, seed=3).critical


def panel(seed: int, *, trend: float = 0.0, effect: float = 0.0, teams: int = 120, periods: int = 10) -> tuple[np.ndarray, ...]:
    """Half of the teams start in period 7; these rise by `trend` a period all along."""
    rng = np.random.default_rng(seed)
    first = np.where(np.arange(teams) < teams // 2, 7.0, 0.0)
    when = np.arange(1, periods + 1)
    y = rng.normal(0.4, 0.1, (teams, 1)) + rng.normal(0, 0.05, (teams, periods))
    y += (first > 0)[:, None] * (trend * when + effect * (when >= 7))
    return np.repeat(np.arange(teams), periods), np.tile(when, teams), np.repeat(first, periods), y.ravel()


@pytest.mark.parametrize("base", ["varying", "universal"])
def test_rising_volunteers_are_flagged_and_teams_by_lot_are_not(base: str) -> None:
    rising = [pretrend_flag(att_gt(*panel(s, trend=0.01), base=base), seed=1) for s in range(20)]
    assert sum(flag.fires for flag in rising) >= 18
    assert np.mean([flag.slope for flag in rising]) == pytest.approx(0.01, abs=0.002)
    assert sum(pretrend_flag(att_gt(*panel(s, effect=0.1), base=base), seed=1).fires for s in range(30)) <= 7
    assert not any(pretrend_flag(att_gt(*panel(s, trend=-0.01), base=base), seed=1).fires for s in range(5))


def test_the_base_does_not_change_the_slope() -> None:
    one, two = (pretrend_flag(att_gt(*panel(3, trend=0.01), base=base), seed=1) for base in ("varying", "universal"))
    assert one.slope == pytest.approx(two.slope)
    assert one.statistic == pytest.approx(two.statistic)


def test_one_period_before_the_start_shows_no_trend() -> None:
    columns = table({"a": (2, [1, 2]), "b": (2, [1, 4]), "c": (0, [1, 1]), "d": (0, [2, 1])})
    flag = pretrend_flag(att_gt(*columns), seed=1)
    assert (flag.fires, np.isnan(flag.slope)) == (False, True)


FIRST = {"up": 3.0, **{f"c{n:02}": 0.0 for n in range(20)}}


def ties(reached: int, out: int, *, when: int = 4) -> tuple[list, ...]:
    """Each control has 100 ties in all; `reached` of them have `out` of these with the treated team."""
    rows = [(f"c{n:02}", f"c{n:02}", when, 100 - (out if n < reached else 0)) for n in range(20)]
    rows += [("up", f"c{n:02}", when, out) for n in range(reached)]
    return tuple(list(column) for column in zip(*rows, strict=True))


@pytest.mark.parametrize(("reached", "out", "fires"), [(2, 5, True), (1, 5, False), (2, 4, False)])
def test_controls_with_ties_to_the_treated_are_flagged(reached: int, out: int, fires: bool) -> None:
    flag = spillover_flag(*ties(reached, out), FIRST)
    assert (flag.fires, flag.reached, flag.controls) == (fires, reached if out >= 5 else 0, 20)
    assert flag.exposure[0] == pytest.approx(out / 100)


def test_ties_before_the_treatment_do_not_count_and_a_lesson_does() -> None:
    assert spillover_flag(*ties(20, 50, when=2), FIRST).reached == 0
    columns = ties(2, 1)
    assert spillover_flag(*columns, FIRST, taught=[0] * 20 + [1, 0]).reached == 1
    with pytest.raises(ValueError, match="first_treated"):
        spillover_flag(["x"], ["up"], [4], [1], FIRST)
    with pytest.raises(ValueError, match="fewer than no"):
        spillover_flag(["up"], ["c00"], [4], [-1], FIRST)
