"""Teams that contribute unusually little: against their own history, and against their peers.

Belongs here: both tests, from counts and exposures by team and block. Does not: who was present or which source was
read (the exposure says so: a block that cannot be compared has none), what a block or a team is, why anybody is quiet.

Counts y of team i in block b follow a negative binomial with mean θ_i e_ib and dispersion κ, Var y = μ + μ²/κ; the
rates θ_i of all teams follow a Gamma distribution. A Poisson test would take the ordinary unevenness of people for
silence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from pipeline.estimate.multiplicity import benjamini_hochberg
from pipeline.estimate.rates import count_table, gamma_moments, kappa_moments, mean_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HISTORY_LEAST = 3  # blocks of history below which a team's own rate is a guess
WINDOW_LEAST = 2  # blocks of the window that must have been seen
TEAMS_LEAST = 5  # teams from whom kappa and the spread of rates can be learnt
ALARM = 0.03  # rate at which somebody must be flagged: it keeps false alarms where no team is quiet below a tenth of runs
SHOWS = 0.1  # of q: the P(Y = 0) above which a team is no part of the family
MOST = 2 / 3  # of what is expected: whoever contributes more is not quiet, however sure the difference is
PEERS_LEAST = 10  # teams that make a comparison with peers
POINTS = 81  # of the grid on which a team's rate is weighed
GRID = 400  # points of the grid on which a peer's rate is weighed
FITS = 2  # of the peers' Gamma: with everybody, and without those who are flagged

NO_HISTORY = "too few earlier blocks can be compared: its sources were not all read, or most of its people have changed"
NO_WINDOW = "the newest blocks cannot be compared: its sources were not all read, or hardly anybody was present"
ABSENT = "most of the team was away: on leave, sick, on another shift or without a computer"
NO_OTHERS = "too few teams have a history to learn from"
NO_ACTS = "nobody has contributed anywhere, so no rate can be learnt"
TOO_LITTLE = "so little is expected of it that even complete silence would not be unusual"


@dataclass(frozen=True)
class Quiet:
    """What a test says of each team, in the order given.

    `flagged` is unusually quiet; `judged` False where nothing can be said, and `why` then says why not ('' otherwise).
    `p` is the chance of so little or less (of just so little, half), `p_zero` that of nothing at all; `ratio` observed /
    expected with its 95 % interval; NaN where there are none. `blocks` counts the blocks of history used. `kappa` is the
    dispersion, `cut` the largest p-value that is flagged.
    """

    flagged: Bools
    judged: Bools
    why: tuple[str, ...]
    p: Floats
    p_zero: Floats
    observed: Floats
    expected: Floats
    ratio: Floats
    low: Floats
    high: Floats
    blocks: NDArray[np.int64]
    kappa: float
    cut: float


def newly_quiet(
    acts: ArrayLike, exposure: ArrayLike, *, absent: ArrayLike | None = None, window: int = 3, q: float = 0.10,
    draws: int = 400, seed: int = 7,
) -> Quiet:  # fmt: skip
    """Which teams contributed less in the last `window` blocks than their own history leads to expect.

    `acts` and `exposure` are teams x blocks, oldest first: whole counts, and person-days present. A block with an
    exposure of 0 is left out. `absent` says of each team whether most of it was away: it is not judged, though its
    history is learnt from.
    From the history: κ by moments, the Gamma of θ_i by moments, the posterior of each θ_i on a grid. Then
    p = P(Y < y) + P(Y = y)/2 of the window's total y under the posterior predictive (the half keeps small counts from
    being judged more mildly than large ones): the mean over seeded draws of θ_i and of how the window's unevenness falls
    on its blocks; given these, Y is negative binomial.
    Teams whose P(Y = 0) is above q/10 are no part of the family: too little is expected of them. Of the others
    Benjamini-Hochberg flags at rate q, provided that it flags anybody at 0.03: where nobody is quiet, it would raise a
    false alarm in a share q of all runs. Who contributes more than two thirds of what is expected is not flagged,
    however sure the difference. Who has P(Y = 0) above the cut that results is not judged: silence would not show.
    Each team's p rests on its own counts, κ and the Gamma only: the order of teams does not matter.
    Raises ValueError on shapes that do not fit, on negative or missing numbers, and on acts without exposure.
    """
    y, e = count_table(acts, exposure)
    if not 0 < window < y.shape[1]:
        raise ValueError("the window is at least one block and leaves some history")
    past, recent = slice(None, -window), slice(-window, None)
    blocks = (e[:, past] > 0).sum(axis=1)
    why = _away(absent, y.shape[0])
    why[(why == "") & (blocks < HISTORY_LEAST)] = NO_HISTORY
    why[(why != ABSENT) & ((e[:, recent] > 0).sum(axis=1) < min(WINDOW_LEAST, window))] = NO_WINDOW
    learn = blocks >= HISTORY_LEAST
    if learn.sum() < TEAMS_LEAST:
        why[why == ""] = NO_OTHERS
        return _nothing(why, blocks)
    if not y[learn][:, past].any():
        why[why == ""] = NO_ACTS
        return _nothing(why, blocks)
    kappa = kappa_moments(y[learn][:, past], e[learn][:, past])
    shape, rate = gamma_moments(y[learn][:, past], e[learn][:, past], kappa)
    ask = np.flatnonzero(why == "")
    theta = _posterior_draws(y[ask][:, past], e[ask][:, past], kappa, shape, rate, draws, seed)
    p, p_zero, mean, size = _predict(y[ask][:, recent].sum(axis=1), e[ask][:, recent], theta, kappa, seed)
    seen = y[:, recent].sum(axis=1)
    ratio, low, high = (np.full(y.shape[0], np.nan) for _ in range(3))
    ratio[ask] = seen[ask] / mean
    low[ask], high[ask] = _ratio_interval(seen[ask], mean, size)
    return _decide(why, ask, p, p_zero, q, blocks, kappa, seen, mean, ratio, low, high)


def persistently_quiet(
    acts: ArrayLike, exposure: ArrayLike, *, absent: ArrayLike | None = None, history: int = 6, q: float = 0.10
) -> Quiet:
    """Which teams have contributed less, over all blocks together, than teams ordinarily differ from each other.

    A funnel widened by what is ordinary: p is the mid-p of a team's total, Y negative binomial of mean θ Σe_b and size
    κ (Σe_b)²/Σe_b² with θ from the Gamma of all teams, integrated on a grid. The Gamma is fitted once more without
    the teams that are flagged, so that these do not hide each other. Flagging and not judging as in `newly_quiet`, whose
    shapes and errors are these too; a team needs `history` blocks that can be compared.
    The ratio is to the rate of all teams that are not flagged; its interval says nothing of other teams.
    Source: Spiegelhalter, Statist. Med. 24 (2005) 1185-1202, on funnels whose units differ.
    """
    y, e = count_table(acts, exposure)
    blocks = (e > 0).sum(axis=1)
    why = _away(absent, y.shape[0])
    why[(why == "") & (blocks < history)] = NO_HISTORY
    ask = np.flatnonzero(why == "")
    if ask.size < PEERS_LEAST:
        why[ask] = NO_OTHERS
        return _nothing(why, blocks)
    if not y[ask].any():
        why[ask] = NO_ACTS
        return _nothing(why, blocks)
    seen, present = y[ask].sum(axis=1), e[ask].sum(axis=1)
    kappa = kappa_moments(y[ask], e[ask])
    size = kappa * present**2 / (e[ask] ** 2).sum(axis=1)
    peers = np.ones(ask.size, dtype=bool)
    for _ in range(FITS):
        shape, rate = gamma_moments(y[ask][peers], e[ask][peers], kappa)
        mean = present * mean_of(seen[peers] / present[peers])
        p, p_zero = _among_peers(seen, present, size, shape, rate)
        ratio, low, high = (np.full(y.shape[0], np.nan) for _ in range(3))
        ratio[ask] = seen / mean
        low[ask], high[ask] = _ratio_interval(seen, mean, size)
        told = _decide(why, ask, p, p_zero, q, blocks, kappa, y.sum(axis=1), mean, ratio, low, high)
        if np.array_equal(peers, ~told.flagged[ask]) or (~told.flagged[ask]).sum() < PEERS_LEAST:
            break
        peers = ~told.flagged[ask]
    return told


def _away(absent: ArrayLike | None, teams: int) -> NDArray[np.object_]:
    """Why teams cannot be judged before anything is counted: '' for those who were there."""
    away = np.zeros(teams, dtype=bool) if absent is None else np.asarray(absent, dtype=bool)
    if away.shape != (teams,):
        raise ValueError("absent says of each team whether it was away")
    return np.where(away, ABSENT, "").astype(object)


def _posterior_draws(y: Floats, e: Floats, kappa: float, shape: float, rate: float, draws: int, seed: int) -> Floats:
    """Teams x draws of θ from its posterior, in one seeded order for all teams."""
    total, present = y.sum(axis=1), e.sum(axis=1)
    known = shape + total / (1 + total / np.maximum((e > 0).sum(axis=1), 1) / kappa)  # information on log θ, roughly
    centre = np.log((shape + total) / (rate + present))
    reach = 8 / np.sqrt(known)
    grid = centre[:, None] + reach[:, None] * np.linspace(-1, 1, POINTS)
    theta = np.exp(grid)
    weight = shape * grid - rate * theta  # the Gamma's density, on the log scale
    for b in range(y.shape[1]):
        mean = theta * e[:, b, None]
        weight += y[:, b, None] * (grid - np.log(kappa + mean)) - kappa * np.log1p(mean / kappa)
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    below = np.cumsum((weight[:, 1:] + weight[:, :-1]) / 2, axis=1)
    below = np.hstack([np.zeros((y.shape[0], 1)), below / below[:, -1:]])
    chance = np.random.default_rng(seed)
    level = (chance.permutation(draws) + chance.random(draws)) / draws
    drawn = np.empty((y.shape[0], draws))
    for i in range(y.shape[0]):
        drawn[i] = np.exp(np.interp(level, below[i], grid[i]))
    return drawn


def _predict(seen: Floats, e: Floats, theta: Floats, kappa: float, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """P(Y < seen) + P(Y = seen)/2, P(Y = 0), E Y, and the size of the negative binomial with Y's mean and variance.

    The blocks' unevenness is Gamma(κ) each: their sum and how it falls on the blocks are independent, so that given
    the latter Y is negative binomial of size (blocks x κ).
    """
    chance = np.random.default_rng(seed + 1)
    uneven = chance.standard_gamma(kappa, size=(theta.shape[1], e.shape[1]))
    p, zero, mean, size = (np.empty(seen.size) for _ in range(4))
    for i in range(seen.size):
        there = e[i] > 0
        fall = uneven[:, there] / uneven[:, there].sum(axis=1, keepdims=True)
        whole = there.sum() * kappa
        scale = theta[i] * (fall @ e[i, there]) / kappa
        p[i] = _mid(whole, seen[i : i + 1, None], 1 / (1 + scale)).mean()
        zero[i] = np.exp(-whole * np.log1p(scale)).mean()
        mean[i] = theta[i].mean() * e[i].sum()
        mixed = whole * scale
        varies = (mixed**2 / whole).mean() + mixed.var()
        size[i] = mean[i] ** 2 / varies
    return p, zero, mean, size


def _mid(size: float | Floats, seen: Floats, kept: Floats) -> Floats:
    """P(Y < seen) + P(Y = seen)/2 of negative binomials of this size, `kept` being size / (size + mean)."""
    below = np.where(seen > 0, special.betainc(size, np.maximum(seen, 1), kept), 0.0)
    chance: Floats = (below + special.betainc(size, seen + 1, kept)) / 2
    return chance


def _ratio_interval(seen: Floats, mean: Floats, size: Floats) -> tuple[Floats, Floats]:
    """The ratios to `mean` at which so many or more, and so many or fewer, have the chance of 2.5 %."""

    def ends(chance: float, count: Floats) -> Floats:
        low, high = np.full(seen.size, -20.0), np.full(seen.size, 20.0)
        for _ in range(60):
            middle = (low + high) / 2
            below = special.betainc(size, count, size / (size + mean * np.exp(middle)))  # P(Y < count)
            low, high = np.where(below > chance, middle, low), np.where(below > chance, high, middle)
        found: Floats = np.exp((low + high) / 2)
        return found

    return np.where(seen > 0, ends(0.975, np.maximum(seen, 1)), 0.0), ends(0.025, seen + 1)


def _among_peers(seen: Floats, present: Floats, size: Floats, shape: float, rate: float) -> tuple[Floats, Floats]:
    """P(Y < seen) + P(Y = seen)/2, and P(Y = 0), of a team whose rate is any of the peers' Gamma: integrals over log θ."""
    least, most = float(special.gammaincinv(shape, 1e-12)), float(special.gammainccinv(shape, 1e-12))
    grid = np.linspace(np.log(max(least, 1e-300) / rate), np.log(most / rate), GRID)
    weight = shape * grid - rate * np.exp(grid)
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    kept = size[:, None] / (size[:, None] + present[:, None] * np.exp(grid))
    p, zero = (_mid(size[:, None], seen[:, None], kept) * weight).sum(axis=1), (kept ** size[:, None] * weight).sum(axis=1)
    return np.clip(p, 0.0, 1.0), np.clip(zero, 0.0, 1.0)


def _decide(
    why: NDArray[np.object_], ask: NDArray[np.int64], p: Floats, p_zero: Floats, q: float, blocks: NDArray[np.int64], kappa: float,
    seen: Floats, mean: Floats, ratio: Floats, low: Floats, high: Floats,
) -> Quiet:  # fmt: skip
    """Benjamini-Hochberg over the teams that could be flagged at all, and who is not judged."""
    size = why.size
    able = p_zero <= SHOWS * q
    cut = ALARM / max(int(able.sum()), 1)
    flagged, told, zero, expected = np.zeros(size, bool), *(np.full(size, np.nan) for _ in range(3))
    if benjamini_hochberg(p[able], ALARM).count:
        found = benjamini_hochberg(p[able], q)
        cut = found.cut
        flagged[ask[able]] = found.rejected & (p_zero[able] <= cut) & (ratio[ask[able]] <= MOST)
    told[ask], zero[ask], expected[ask] = p, p_zero, mean
    words = why.copy()
    words[ask[~able | (p_zero > cut)]] = TOO_LITTLE
    return Quiet(
        flagged, words == "", tuple(str(word) for word in words), told, zero, np.where(np.isnan(told), np.nan, seen), expected,
        ratio, low, high, blocks.astype(np.int64), kappa, cut,
    )  # fmt: skip


def _nothing(why: NDArray[np.object_], blocks: NDArray[np.int64]) -> Quiet:
    none = np.full(why.size, np.nan)
    no = np.zeros(why.size, dtype=bool)
    words = tuple(str(word) for word in why)
    return Quiet(no, no, words, none, none, none, none, none, none, none, blocks.astype(np.int64), float("nan"), 0.0)
