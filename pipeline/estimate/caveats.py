"""Two ways in which a champions' effect misleads, and a flag for each: rising teams volunteer; the others are reached too.

Belongs here: the tests behind the two caveats that are printed beside an effect. Does not: the effect (effect.py), its
words (event_study.py), or what counts as a tie (warehouse/metrics).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.estimate.effect import AttGt, band

Floats = NDArray[np.float64]


class Pretrend(NamedTuple):
    """Whether units moved apart before treatment: `slope` a period over all of it, `recent` over its last three steps."""

    fires: bool
    slope: float
    recent: float
    statistic: float
    critical: float


class Spillover(NamedTuple):
    """Whether those compared with were reached: `reached` of `controls`, and the `exposure` of each, in order of units."""

    fires: bool
    reached: int
    controls: int
    exposure: Floats


def pretrend_flag(result: AttGt, *, seed: int, confidence: float = 0.9, draws: int = 2000) -> Pretrend:
    """Fires where the treated were already rising against the controls before they were treated.

    Two contrasts of the gap between cohorts and their controls in the periods before g - anticipation: its least-squares
    slope, and its change over the last three steps, both a period; a cohort weighs by its units and the length that it
    is seen. Fires where the larger estimate / se exceeds the critical value that the multiplier bootstrap gives for both
    at once: in 1 - confidence of cases without a trend, a generous share because it is a caveat and not a finding. Where
    no cohort has two such periods slope is NaN and nothing fires. Takes either base of att_gt: the steps of a varying
    base are added up.
    Source: Callaway & Sant'Anna 2021, section 5, pointed at a trend; that a silent test proves little: Roth, AER:
    Insights 4 (2022) 305-322.
    """
    cells, lengths = np.zeros((result.att.size, 2)), np.zeros(2)
    for g in np.unique(result.group):
        own = np.flatnonzero((result.group == g) & (result.time < g - result.anticipation))
        own = own[np.argsort(result.time[own])]
        gaps, when = np.eye(own.size), result.time[own]
        if result.base == "varying" and own.size:
            gaps = np.vstack([np.zeros(own.size), np.tril(np.ones((own.size, own.size)))])
            when = np.concatenate([[when[0] - 1], when])
        if when.size < 2:
            continue
        units, middle, back = float(np.sum(result.first == g)), when - np.mean(when), max(0, when.size - 4)
        cells[own] += units * np.column_stack([middle @ gaps, gaps[-1] - gaps[back]])
        lengths += units * np.array([np.sum(middle**2), when[-1] - when[back]])
    if not lengths.all():
        return Pretrend(False, np.nan, np.nan, np.nan, np.nan)
    cells /= lengths
    estimate, psi = result.att @ cells, result.influence @ cells
    se = np.sqrt(np.sum(psi**2, axis=0)) / psi.shape[0]
    statistic = float(np.max(estimate / se)) if se.all() else float(np.inf)
    critical = band(psi, draws=draws, seed=seed, confidence=2 * confidence - 1).critical  # one-sided: half of either tail
    return Pretrend(statistic > critical, float(estimate[0]), float(estimate[1]), statistic, critical)


def spillover_flag(
    unit: ArrayLike, toward: ArrayLike, period: ArrayLike, ties: ArrayLike, first_treated: dict[object, float], *,
    taught: ArrayLike | None = None, least: float = 0.05, share: float = 0.1,
) -> Spillover:  # fmt: skip
    """Fires where at least `share` of the controls were reached by units that were treated at the time.

    One row a pair of units and period, in either direction, with its number of `ties`; rows of a unit with itself are its
    ties inside. `first_treated` gives every unit's first period of treatment, 0 or infinite for never. Controls are the
    units in the periods in which they are not treated while some other is; one's exposure is the share of its ties, in
    these periods, that lead to treated units. Reached is who has an exposure of `least` or more, or one tie that `taught`
    marks as teaching (any count above 0): somebody there was trained after all.
    Says that a way to the controls exists, not that anything went along it. ValueError on lists of unlike length, a unit
    without a first_treated, or a number of ties below 0.
    """
    a, b = (np.asarray(side, dtype=object) for side in (unit, toward))
    when, n = np.asarray(period, dtype=np.float64), np.asarray(ties, dtype=np.float64)
    lessons = np.zeros(n.shape) if taught is None else np.asarray(taught, dtype=np.float64)
    if not a.shape == b.shape == when.shape == n.shape == lessons.shape or a.ndim != 1:
        raise ValueError("unit, toward, period, ties and taught must be lists of one length")
    if np.any(n < 0) or np.any(lessons < 0):
        raise ValueError("there cannot be fewer than no ties")
    names = sorted(first_treated, key=str)
    place = {name: i for i, name in enumerate(names)}
    if missing := {*a.tolist(), *b.tolist()} - place.keys():
        raise ValueError(f"{len(missing)} units have no first_treated")
    start = np.array([first_treated[name] or np.inf for name in names], dtype=np.float64)
    left, right = (np.array([place[name] for name in side.tolist()], dtype=np.int64) for side in (a, b))
    control = start > np.min(start, initial=np.inf)
    inside, all_ties, to_treated, lesson = left == right, np.zeros(start.size), np.zeros(start.size), np.zeros(start.size)
    for one, other, counted in ((left, right, np.ones(n.size, dtype=bool)), (right, left, ~inside)):
        free = counted & (when < start[one]) & (when >= np.min(start, initial=np.inf))
        treated = free & (when >= start[other])
        np.add.at(all_ties, one[free], n[free])
        np.add.at(to_treated, one[treated], n[treated])
        np.add.at(lesson, one[treated], lessons[treated])
    exposure = np.divide(to_treated, all_ties, out=np.zeros(start.size), where=all_ties > 0)[control]
    reached, controls = int(np.sum((exposure >= least) | (lesson[control] > 0))), int(np.sum(control))
    return Spillover(controls > 0 and reached >= share * controls, reached, controls, exposure)
