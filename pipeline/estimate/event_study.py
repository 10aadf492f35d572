"""From a panel of teams to one figure that may be told: cohorts, controls, refusals, months, caveats in words.

Belongs here: what an effect needs before it is told, and what is said with it; the metric and its calibration call this.
Does not: the estimator (effect.py), the tests behind the caveats (caveats.py), or what a team's rate is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from pipeline.estimate.caveats import Pretrend, Spillover, pretrend_flag, spillover_flag
from pipeline.estimate.effect import AttGt, aggregate, att_gt, band

Floats = NDArray[np.float64]

COHORT, CONTROLS, BEFORE = 10, 30, 3
MONTHS = range(-3, 7)
QUARTER = 3


class Ties(NamedTuple):
    """Who had to do with whom, as spillover_flag reads it: ties between two teams in a period, `taught` those by teaching."""

    unit: ArrayLike
    toward: ArrayLike
    period: ArrayLike
    ties: ArrayLike
    taught: ArrayLike


class Month(NamedTuple):
    """The effect so many periods after the start, its ends for all months at once; -1 is 0, as all are compared with it."""

    event: int
    att: float
    se: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Effect:
    """What a start did to those who have started, in units of the outcome; or why it cannot be told (`refused`).

    `att` is the mean over units of the mean over their periods since. `merged`: cohorts are quarters, dated to their last
    period, so that two more periods before it are set aside. `left_out` units started too early or in too small a cohort.
    """

    refused: str | None
    att: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    months: tuple[Month, ...] = ()
    treated: int = 0
    controls: int = 0
    left_out: int = 0
    merged: bool = False
    pretrend: Pretrend | None = None
    spillover: Spillover | None = None


def study_effect(
    unit: ArrayLike, period: ArrayLike, first_treated: ArrayLike, outcome: ArrayLike, *, ties: Ties | None = None,
    cohort: int = COHORT, controls: int = CONTROLS, before: int = BEFORE, confidence: float = 0.95, seed: int,
) -> Effect:  # fmt: skip
    """The effect of a start on the outcome of units that start at different times; periods are whole numbers without gaps.

    Cohorts of fewer than `cohort` units are merged into quarters of three periods, all cohorts alike; what is still too
    small, or has fewer than `before` periods before it starts, is left out. Controls are the never treated where there
    are `controls` of them, else the not yet treated, in the periods in which there are. As cohorts are small, each one's
    influence counts n/(n-1) and the interval is Student's on Satterthwaite's degrees of freedom. Months are told with a
    simultaneous band. Refuses, in words, where no cohort remains. Errors as att_gt. Source: Callaway & Sant'Anna 2021.
    """
    names, when = np.asarray(unit), np.asarray(period, dtype=np.float64)
    start, value = np.asarray(first_treated, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    start = np.where((start <= 0) | (start > np.max(when, initial=-np.inf)), np.inf, start)
    who, at = np.unique(names, return_index=True)
    sizes = np.unique(start[at][np.isfinite(start[at])], return_counts=True)
    if not sizes[0].size:
        return Effect("no team has had its first champion yet")
    merged = bool(np.min(sizes[1][sizes[0] > np.min(when)], initial=cohort) < cohort)
    cohorts = start.copy()
    if merged:
        dated = np.isfinite(start)
        cohorts[dated] = np.min(when) + (start[dated] - np.min(when)) // QUARTER * QUARTER + QUARTER - 1
    anticipation = QUARTER - 1 if merged else 0
    control: Literal["never", "notyet"] = "never" if int(np.sum(np.isinf(start[at]))) >= controls else "notyet"
    try:
        found = att_gt(
            names, when, cohorts, value, control=control, base="universal", anticipation=anticipation, unbalanced="pairs"
        )
    except ValueError as error:
        if control == "never":
            raise
        return Effect(f"fewer than {controls} teams can be compared with" if "compare" in str(error) else str(error))
    early = found.group - anticipation - np.min(when) < before
    small = np.array([np.sum(found.first == g) < cohort for g in found.group])
    few = (found.controls < controls) & (found.time != found.group - anticipation - 1)
    kept = found.only(~early & ~small & ~few)
    after = kept.time >= kept.group
    if not after.any():
        return Effect(_why(early, small, found.time >= found.group, cohort, controls, before))
    kept = kept.only(np.isin(kept.group, kept.group[after]))
    return _told(kept, dict(zip(who.tolist(), start[at].tolist(), strict=True)), ties, confidence, seed, merged, found.dropped)


Cells = NDArray[np.bool_]


def _why(early: Cells, small: Cells, after: Cells, cohort: int, controls: int, before: int) -> str:
    if not (after & ~small).any():
        return f"fewer than {cohort} teams started in any one quarter"
    if not (after & ~small & ~early).any():
        return f"fewer than {before} months are known from before teams started"
    return f"fewer than {controls} teams can be compared with"


def _told(
    kept: AttGt, started: Mapping[object, float], ties: Ties | None, confidence: float, seed: int, merged: bool, dropped: int
) -> Effect:
    kept = _for_small_cohorts(kept)
    overall = aggregate(kept, "group")
    wide = overall.se * float(student.ppf(0.5 + confidence / 2, _degrees(kept.first, overall.influence)))
    after = kept.time >= kept.group
    treated = int(np.sum(np.isin(kept.first, kept.group)))
    everyone = sum(np.isfinite(g) for g in started.values())
    spill = None
    if ties is not None and np.asarray(ties.unit).size:
        spill = spillover_flag(ties.unit, ties.toward, ties.period, ties.ties, dict(started), taught=ties.taught)
    return Effect(
        None, overall.att, overall.se, overall.att - wide, overall.att + wide,
        _months(kept, confidence, seed), treated, int(np.min(kept.controls[after])), max(everyone - treated, dropped), merged,
        pretrend_flag(kept, seed=seed), spill,
    )  # fmt: skip


def _for_small_cohorts(kept: AttGt) -> AttGt:
    """The same with the influence of each cohort's units, and of the never treated, counted n/(n-1) in the variance."""
    _, place, sizes = np.unique(kept.first, return_inverse=True, return_counts=True)
    psi = kept.influence * np.sqrt(sizes / np.maximum(sizes - 1, 1))[place][:, None]
    return replace(kept, influence=psi, se=np.where(np.isnan(kept.se), np.nan, np.sqrt(np.sum(psi**2, axis=0)) / len(psi)))


def _degrees(first: Floats, influence: Floats) -> float:
    """Satterthwaite's: of a variance that is a sum over cohorts, each known from its own few units."""
    _, place, sizes = np.unique(first, return_inverse=True, return_counts=True)
    parts = np.bincount(place, weights=influence**2)
    return float(np.sum(parts) ** 2 / np.sum(parts**2 / np.maximum(sizes - 1, 1)))


def _months(kept: AttGt, confidence: float, seed: int) -> tuple[Month, ...]:
    shift = kept.anticipation  # the months set aside lie between -1 and 0: what is before them moves up to -1
    event = kept.time - kept.group
    moved = kept.only((event >= 0) | (event < -shift))
    told = aggregate(moved, "dynamic", min_e=MONTHS[0] - shift, max_e=MONTHS[-1])
    varies = ~np.isnan(told.se_at)
    wide = band(told.influence_at[:, varies], seed=seed, confidence=confidence).critical
    months = []
    for e, att, se in zip(told.at, told.att_at, told.se_at, strict=True):
        number = int(e if e >= 0 else e + shift)
        known = bool(np.isfinite(se))
        months.append(
            Month(number, float(att), float(se) if known else None, float(att - wide * se) if known else None,
                  float(att + wide * se) if known else None)
        )  # fmt: skip
    return tuple(months)


def effect_words(effect: Effect, *, points: float = 100) -> tuple[str, str | None]:
    """What an effect means, and why it may be another (None where neither caveat shows): the caveats are in either."""
    if effect.att is None or effect.low is None or effect.high is None:
        raise ValueError("an effect that is refused has no words but those of its refusal")
    size = f"{abs(effect.att) * points:.1f} points {'more' if effect.att >= 0 else 'less'} active"
    sure = "more than chance explains" if effect.low > 0 or effect.high < 0 else "chance alone could explain that"
    said = [f"teams are {size} since their first champion than teams without one would lead to expect; {sure}"]
    doubts = []
    if effect.pretrend is not None and effect.pretrend.fires:
        doubts.append("volunteers: these teams were rising before their champion came, so part of it would have come anyway")
    else:
        said.append("volunteers: no sign that these teams were rising before, though a small rise would not show")
    reached = effect.spillover
    if reached is not None and reached.fires:
        told = f"spillover: champions reached {reached.reached} of {reached.controls} teams compared with"
        doubts.append(f"{told}, so the effect may be larger than it looks")
    else:
        said.append("spillover: few ties lead from champions' teams to the teams compared with, as far as ties are seen")
    return "; ".join(said), "; ".join(doubts) or None
