"""What a programme does to those who get it at different times: group-time effects, their averages, their bands.

Belongs here: Callaway & Sant'Anna's estimator without covariates, and inference by influence functions.
Does not: which teams and months enter, when to refuse (event_study.py), the two caveats (caveats.py), or two-way fixed
effects, which use the already treated as controls and can turn the sign of an effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Kind = Literal["simple", "dynamic", "group", "calendar"]


@dataclass(frozen=True)
class AttGt:
    """One effect for each cohort (`group`, the period it is first treated in) and period (`time`), in units of the outcome.

    `influence` is units x cells, in the order of `units`: an estimate minus its truth is about its column's mean.
    `first` is each unit's cohort (inf: never, or after the last period). `treated` and `controls` are the units that a
    cell compares. `dropped` units were treated from the start, or are incomplete. A cell that is 0 by construction (the
    universal base period) has se NaN.
    """

    group: Floats
    time: Floats
    att: Floats
    se: Floats
    influence: Floats
    units: tuple[object, ...]
    first: Floats
    treated: NDArray[np.int64]
    controls: NDArray[np.int64]
    dropped: int
    base: str
    anticipation: float

    def only(self, cells: Flags) -> AttGt:
        """The same, of these cells alone."""
        part = {name: getattr(self, name)[cells] for name in ("group", "time", "att", "se", "treated", "controls")}
        return AttGt(**{**self.__dict__, **part, "influence": self.influence[:, cells]})


class Aggregate(NamedTuple):
    """One overall effect, and one at each event time, cohort or period (`at`); nothing at all of these for 'simple'."""

    att: float
    se: float
    at: Floats
    att_at: Floats
    se_at: Floats
    influence: Floats
    influence_at: Floats


class Band(NamedTuple):
    """`critical` x `se` to either side holds every estimate's truth at once; `se` is the bootstrap's own."""

    critical: float
    se: Floats


def att_gt(
    unit: ArrayLike, period: ArrayLike, first_treated: ArrayLike, outcome: ArrayLike, *,
    control: Literal["never", "notyet"] = "never", base: Literal["varying", "universal"] = "varying",
    anticipation: float = 0, unbalanced: Literal["refuse", "drop", "pairs"] = "refuse",
) -> AttGt:  # fmt: skip
    """The effect on each cohort in each period: how much more it changed than those without treatment did.

    One row a unit and period. `first_treated` is the period of a unit's first treatment, 0 or infinite for never; units
    treated from the first period on are dropped. ATT(g, t) = mean(Y_t - Y_b | G = g) - mean(Y_t - Y_b | controls), with
    base b the last period before g - anticipation for t >= g. Earlier periods compare with the one before them
    (`varying`) or with b as well (`universal`). Controls: `never` treated, or also those `notyet` treated by the later of
    t and b (+ anticipation); where nobody is never treated, `notyet` ends before the last cohort begins.
    se = sqrt(sum(psi^2)) / n over the influence function psi, with n all units.
    `unbalanced` panels are refused, or incomplete units dropped, or each cell takes the `pairs` it has.
    Assumes parallel trends and no effect on controls. Conventions as in the R package did (est_method 'reg', no
    covariates). Raises ValueError naming what is wrong. Source: Callaway & Sant'Anna, J. Econometrics 225 (2021) 200-230.
    """
    if control not in ("never", "notyet") or base not in ("varying", "universal") or anticipation < 0:
        raise ValueError("control is never or notyet, base is varying or universal, anticipation is 0 or more")
    names, times, y, first = _panel(unit, period, first_treated, outcome)
    whole = ~np.isnan(y).any(axis=1)
    if unbalanced == "refuse" and not whole.all():
        raise ValueError(f"the panel is unbalanced: {int((~whole).sum())} units lack a period")
    keep = (whole | (unbalanced == "pairs")) & (first > times[0] + anticipation)
    dropped = int((~keep).sum())
    names, y, first = [name for name, kept in zip(names, keep, strict=True) if kept], y[keep], first[keep].copy()
    first[first > times[-1] + anticipation] = np.inf  # who is about to be treated may already change: no pure control
    if not np.isinf(first).any():
        if control == "never":
            raise ValueError("no unit is never treated: take control='notyet'")
        times = times[times < np.max(first, initial=-np.inf) - anticipation]
        y = y[:, : times.size]
        first[first > np.max(times, initial=-np.inf) + anticipation] = np.inf
    groups = np.unique(first[first <= np.max(times, initial=-np.inf)])
    if not groups.size or times.size < 2:
        raise ValueError("no cohort has a period before its treatment and others to compare with")
    cells = [
        _cell(y, times, first, g, int(now), control, base, anticipation)
        for g in groups for now in range(0 if base == "universal" else 1, times.size)
    ]  # fmt: skip
    found = [cell for cell in cells if cell is not None]
    if not found:
        raise ValueError("no cohort can be compared: there is nobody to compare it with")
    group, time, att, influence, treated, controls = (list(column) for column in zip(*found, strict=True))
    psi = np.column_stack(influence)
    se = np.sqrt(np.sum(psi**2, axis=0)) / len(names)
    return AttGt(
        np.array(group), np.array(time), np.array(att), _or_nan(se), psi, tuple(names), first, np.array(treated),
        np.array(controls), dropped, base, anticipation,
    )  # fmt: skip


def _panel(
    unit: ArrayLike, period: ArrayLike, first_treated: ArrayLike, outcome: ArrayLike
) -> tuple[list[object], Floats, Floats, Floats]:
    """Units, periods, the outcome as units x periods (NaN where it is missing), and each unit's first treatment."""
    who, when = np.asarray(unit), np.asarray(period, dtype=np.float64)
    value, start = np.asarray(outcome, dtype=np.float64), np.asarray(first_treated, dtype=np.float64)
    if not who.shape == when.shape == value.shape == start.shape or who.ndim != 1 or not who.size:
        raise ValueError("unit, period, first_treated and outcome must be four lists of one length, not empty")
    if not np.isfinite(value).all() or not np.isfinite(when).all() or np.isnan(start).any():
        raise ValueError("every outcome and period must be a number, and every first_treated one, 0 or infinite")
    names, row = np.unique(who, return_inverse=True)
    times, column = np.unique(when, return_inverse=True)
    if np.unique(row * times.size + column).size != row.size:
        raise ValueError("a unit has two rows for one period")
    y = np.full((names.size, times.size), np.nan)
    y[row, column] = value
    first = np.zeros(names.size)
    first[row] = np.where(start == 0, np.inf, start)
    if np.any(first[row] != np.where(start == 0, np.inf, start)):
        raise ValueError("first_treated differs between the rows of one unit")
    return list(names.tolist()), times, y, first


Cell = tuple[float, float, float, Floats, int, int]


def _cell(
    y: Floats, times: Floats, first: Floats, g: float, now: int, control: str, base: str, anticipation: float
) -> Cell | None:  # fmt: skip
    before = int(np.searchsorted(times + anticipation, g, side="left")) - 1  # the last period before g - anticipation
    t, ref = float(times[now]), before if base == "universal" or times[now] >= g else now - 1
    if ref < 0:
        return None
    if ref == now:
        return g, t, 0.0, np.zeros(first.size), int((first == g).sum()), 0
    latest = max(t, float(times[ref]))
    free = np.isinf(first) if control == "never" else (first > latest + anticipation) & (first != g)
    change = y[:, now] - y[:, ref]
    have = ~np.isnan(change)
    ours, theirs = have & (first == g), have & free
    if not ours.any() or not theirs.any():
        return None
    up, beside = float(np.mean(change[ours])), float(np.mean(change[theirs]))
    psi = np.zeros(first.size)
    psi[ours] = (change[ours] - up) * first.size / ours.sum()
    psi[theirs] = -(change[theirs] - beside) * first.size / theirs.sum()
    return g, t, up - beside, psi, int(ours.sum()), int(theirs.sum())


def aggregate(
    result: AttGt, kind: Kind, *, min_e: float = -np.inf, max_e: float = np.inf, balance_e: float | None = None
) -> Aggregate:
    """The cells as one effect: cohorts weigh by their units, and that these weights are estimated enters the se.

    `simple`: all cells with t >= g. `dynamic`: by event time e = t - g, overall the plain mean over e >= 0; with
    `balance_e` only cohorts seen that long. `group`: by cohort, the mean of its periods, overall weighted by its units.
    `calendar`: by period, overall the plain mean. The influence of an average sum(w a) is psi w plus that of the weights:
    with share p_k = P(G = g_k), (1{G = g_k} - p_k) / sum(p) - p_k sum_j(1{G = g_j} - p_j) / sum(p)^2, times a_k.
    Raises ValueError where no cell is left. Source: as att_gt, sections 3 and 4.
    """
    event = result.time - result.group
    here = result.only((event >= min_e) & (event <= max_e))
    if balance_e is not None and kind == "dynamic":
        last, span = np.max(result.time), np.max(result.time) - _first_period(result)
        event = here.time - here.group
        here = here.only((last - here.group >= balance_e) & (event <= balance_e) & (event >= balance_e - span))
    event = here.time - here.group
    post = event >= 0
    if not post.any():
        raise ValueError("no cohort is seen after its treatment")
    if kind == "simple":
        att, psi = _weighted(here, post)
        return Aggregate(att, _se(psi), np.empty(0), np.empty(0), np.empty(0), psi, np.empty((psi.size, 0)))
    keys = {"dynamic": event, "group": here.group, "calendar": here.time}[kind]
    used = np.ones(event.size, dtype=bool) if kind == "dynamic" else post
    at = np.unique(keys[used])
    parts = [_weighted(here, used & (keys == key)) for key in at]
    att_at, psi_at = np.array([att for att, _ in parts]), np.column_stack([psi for _, psi in parts])
    if kind == "group":
        att, psi = _mean_of_cohorts(here.first, at, att_at, psi_at)
    else:
        chosen = at >= 0 if kind == "dynamic" else np.ones(at.size, dtype=bool)
        att, psi = float(np.mean(att_at[chosen])), np.mean(psi_at[:, chosen], axis=1)
    return Aggregate(att, _se(psi), at, att_at, _or_nan(np.array([_se(p) for p in psi_at.T])), psi, psi_at)


def _first_period(result: AttGt) -> float:
    return float(np.min(result.time)) - (0.0 if result.base == "universal" else 1.0)


def _weighted(cells: AttGt, chosen: Flags) -> tuple[float, Floats]:
    """The mean of cells weighted by the size of their cohorts, and its influence."""
    return _mean_of_cohorts(cells.first, cells.group[chosen], cells.att[chosen], cells.influence[:, chosen])


def _mean_of_cohorts(first: Floats, group: Floats, att: Floats, psi: Floats) -> tuple[float, Floats]:
    member = (first[:, None] == group[None, :]).astype(np.float64)
    share = np.mean(member, axis=0)
    total = float(np.sum(share))
    of_weights = (member - share) / total - np.sum(member - share, axis=1, keepdims=True) * share / total**2
    return float(np.sum(share * att) / total), psi @ (share / total) + of_weights @ att


def _se(psi: Floats) -> float:
    return float(np.sqrt(np.sum(psi**2)) / psi.size)


def _or_nan(se: Floats) -> Floats:
    """A se of 0 but for rounding is none: the cell is 0 by construction."""
    return np.where(se > 1e-12, se, np.nan)


def band(
    influence: ArrayLike, *, draws: int = 1000, seed: int, confidence: float = 0.95,
    multiplier: Literal["mammen", "rademacher"] = "mammen",
) -> Band:  # fmt: skip
    """How many standard errors to either side hold every estimate at once with `confidence`; never less than one alone.

    `influence` is units x estimates; columns of zeros take no part (se NaN). Each draw weighs every unit by an
    independent mean-0, variance-1 multiplier (Mammen's two points, or -1 and 1) and takes sqrt(n) times the mean; the se
    is the draws' interquartile range over the normal's, divided by sqrt(n), and `critical` the quantile over draws of the
    largest |draw| / scale. Raises ValueError on fewer than 100 draws or an unknown multiplier. Source: Callaway & Sant'Anna
    2021, algorithm 1; Mammen, Ann. Statist. 21 (1993) 255-285.
    """
    psi = np.asarray(influence, dtype=np.float64)
    if psi.ndim != 2 or draws < 100 or multiplier not in ("mammen", "rademacher"):
        raise ValueError("influence is units x estimates, draws are 100 or more, the multiplier is mammen or rademacher")
    rng, (n, m), root = np.random.default_rng(seed), psi.shape, np.sqrt(5.0)
    coin = rng.random((draws, n))
    if multiplier == "mammen":
        weights = np.where(coin < (root + 1) / (2 * root), (1 - root) / 2, (1 + root) / 2)
    else:
        weights = np.where(coin < 0.5, -1.0, 1.0)
    drawn = weights @ psi / np.sqrt(n)
    normal = NormalDist()
    quarter = np.quantile(drawn, [0.25, 0.75], axis=0)
    scale = (quarter[1] - quarter[0]) / (normal.inv_cdf(0.75) - normal.inv_cdf(0.25))
    used = scale > 1e-12
    alone = normal.inv_cdf(0.5 + confidence / 2)
    if not used.any():
        return Band(alone, np.full(m, np.nan))
    largest = np.max(np.abs(drawn[:, used]) / scale[used], axis=1)
    critical = float(np.quantile(largest, confidence, method="inverted_cdf"))
    return Band(max(critical, alone), np.where(used, scale / np.sqrt(n), np.nan))
