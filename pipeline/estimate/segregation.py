"""Whether people tie to their own kind, and whether ties are returned.

Belongs here: indices of mixing between groups, reciprocity, and what chance alone gives. Does not: which act is a tie.

A mixing matrix counts ties: row = group of who sends, column = group of who receives. Of ties without a direction it may
hold both triangles or one (as the R package netseg folds it); the functions say where that makes a difference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.estimate.proportion import wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Z95 = 1.959963984540054


class Assortativity(NamedTuple):
    """The coefficient and its standard error, by leaving out each tie in turn."""

    value: float
    se: float


class TieShare(NamedTuple):
    """An index with its standard error (people left out in turn) and 95 % interval; `of` is what it was counted over."""

    value: float
    se: float
    low: float
    high: float
    of: int


class Permuted(NamedTuple):
    """An E-I index beside what it would be if the same people had the same ties and their groups were dealt anew.

    `expected`, `sd` and `z` are exact over all deals; `p` is two-sided, from the seeded draws; `low` and `high` hold the
    middle 95 % of the draws.
    """

    value: float
    expected: float
    sd: float
    z: float
    p: float
    low: float
    high: float


def mixing_matrix(sender: ArrayLike, receiver: ArrayLike) -> tuple[list[str], Floats]:
    """The groups in order, and how many ties go from each to each: `sender` and `receiver` name the groups of both ends.

    Raises ValueError where the two differ in length.
    """
    ego, alter = np.asarray(sender), np.asarray(receiver)
    if ego.shape != alter.shape or ego.ndim != 1:
        raise ValueError("sender and receiver must be two lists of one length")
    names, where = np.unique(np.concatenate([ego, alter]), return_inverse=True)
    matrix = np.zeros((names.size, names.size))
    np.add.at(matrix, (where[: ego.size], where[ego.size :]), 1)
    return [str(name) for name in names], matrix


def ei_index(mixing: ArrayLike) -> float:
    """(E - I) / (E + I): ties across groups less ties within, over all ties; -1 all within, 1 all across. NaN without ties.

    Source: Krackhardt & Stern, Social Psychology Quarterly 51 (1988) 123-140.
    """
    m = _mixing(mixing)
    total = m.sum()
    return float((total - 2 * np.trace(m)) / total) if total else float("nan")


def assortativity(mixing: ArrayLike, *, directed: bool = False) -> Assortativity:
    """How much more often ties stay within a group than their ends would by chance: 1 always, 0 proportionate mixing.

    r = (Σ e_gg - Σ a_g b_g) / (1 - Σ a_g b_g), with e the matrix as shares, a and b its row and column sums. Ties have no
    direction unless `directed`: the matrix is averaged with its transpose first (as netseg's `assort`), which a folded
    matrix needs. se² = Σ (r without a tie - r)² over all ties, Newman's jackknife. NaN where all ties end in one group.
    Source: M. E. J. Newman, Physical Review E 67 (2003) 026126.
    """
    m = _mixing(mixing)

    def index(ties: Floats) -> float:
        return _assortativity(ties if directed else (ties + ties.T) / 2)

    value, square = index(m), 0.0
    for g, h in zip(*np.nonzero(m), strict=True):
        less = m.copy()
        less[g, h] = max(m[g, h] - 1, 0.0)
        square += m[g, h] * (index(less) - value) ** 2
    return Assortativity(value, float(np.sqrt(square)))


def _assortativity(m: Floats) -> float:
    shares = m / m.sum() if m.sum() else m * np.nan
    chance = float(shares.sum(axis=0) @ shares.sum(axis=1))
    return float((np.trace(shares) - chance) / (1 - chance)) if chance < 1 - 1e-15 else float("nan")


def coleman(mixing: ArrayLike, sizes: ArrayLike) -> Floats:
    """Each group's preference for its own among the ties it sends: 1 only its own, 0 as chance has it, -1 never.

    With d_g ties sent and w_g = d_g (n_g - 1) / (N - 1) expected within: (m_gg - w_g) / (d_g - w_g) where m_gg > w_g, else
    (m_gg - w_g) / w_g. The matrix is of directed ties; of ties without a direction give it both triangles. `sizes` are the
    people of each group (the exact expectation, as netseg's `coleman`; Coleman's own examples take n_g / N). NaN for a
    group that sends nothing, and for a group of one that has no tie within.
    Source: J. Coleman, Human Organization 17 (1958) 28-36.
    """
    m, n = _sized(mixing, sizes)
    sent, within = m.sum(axis=1), np.diag(m)
    chance = sent * (n - 1) / (n.sum() - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        own: Floats = np.where(within > chance, (within - chance) / (sent - chance), (within - chance) / chance)
    return own


def freeman(mixing: ArrayLike, sizes: ArrayLike) -> float:
    """1 - observed / expected ties across groups, if ties fell on pairs of people by chance; for any number of groups.

    Expected: ties (N² - Σ n_g²) / (N (N - 1)). Ties have no direction and are counted once, in either triangle. Below 0
    where more than expected go across: not cut off at 0 as in the paper (netseg's `freeman` does not either).
    Source: L. C. Freeman, Sociological Methods & Research 6 (1978) 411-429; Bojanowski & Corten, Social Networks 39 (2014).
    """
    m, n = _sized(mixing, sizes)
    people, total = n.sum(), m.sum()
    expected = total * (people**2 - (n**2).sum()) / (people * (people - 1))
    return float((expected - (total - np.trace(m))) / expected) if expected else float("nan")


def gupta_anderson_may(mixing: ArrayLike, *, directed: bool = False) -> float:
    """(Σ λ - 1) / (G - 1), λ the eigenvalues of the matrix with rows as shares: 1 only within, 0 proportionate mixing.

    Ties have no direction unless `directed`: each has two ends, so rows are those of M + Mᵀ (of a folded matrix the value
    of netseg's `gamix`; given both triangles that one reads the upper only, which loses ties, and this one reads both).
    NaN for one group, or where a group has no tie. Source: Gupta, Anderson & May, AIDS 3 (1989) 807-817.
    """
    m = _mixing(mixing)
    ends = m if directed else m + m.T
    rows = ends.sum(axis=1)
    if m.shape[0] < 2 or np.any(rows == 0):
        return float("nan")
    return float(((np.diag(ends) / rows).sum() - 1) / (m.shape[0] - 1))  # the eigenvalues add up to the trace


def orwg(mixing: ArrayLike, sizes: ArrayLike, *, directed: bool = True) -> float:
    """Odds of a tie between two people of one group over the odds between two groups; 1 where the group is no matter.

    Tied pairs and those not tied, within against across; nobody ties to oneself and a pair ties once (each way, where
    `directed`; else each is in one triangle). Infinite where all pairs within, or none across, are tied.
    Raises ValueError for more ties than pairs. Source: J. Moody, American Journal of Sociology 107 (2001) 679-716.
    """
    m, n = _sized(mixing, sizes)
    once = 1 if directed else 2
    pairs = (np.outer(n, n) - np.diag(n)) / once
    within, across = float(np.trace(pairs)), float(pairs.sum() - np.trace(pairs))
    inner, outer = float(np.trace(m)), float(m.sum() - np.trace(m))
    if np.any(np.diag(m) > np.diag(pairs)) or outer > across:
        raise ValueError("there are more ties than pairs of people")
    above, below = inner * (across - outer), outer * (within - inner)
    return above / below if below else float("inf") if above else float("nan")


# ------------------------------------------------------------------------------------------------- from ties of people
def reciprocity(sender: ArrayLike, receiver: ArrayLike) -> TieShare:
    """Mutual dyads / dyads with any tie: how often whoever is addressed addresses back. `of` counts the dyads.

    `sender` and `receiver` are people; a tie given twice counts once and one to oneself is a ValueError. The standard
    error leaves out each person in turn, since dyads that share somebody are not independent:
    se² = (n - 2) / 2n Σ (v_i - mean v)². The interval is value ± 1.96 se, within 0 and 1, and Wilson's
    where all dyads are alike (se 0); NaN without a dyad.
    Source: Wasserman & Faust (1994) 13.5 for the measure, Snijders & Borgatti, Connections 22 (1999) 161-170.
    """
    first, second, both = _dyads(sender, receiver)
    mutual = (both > 1).astype(np.float64)
    return _ratio(first, second, mutual, np.ones_like(mutual), 0.0, 1.0)


def ei_share(sender: ArrayLike, receiver: ArrayLike, group: ArrayLike) -> TieShare:
    """The E-I index of directed ties between people, with an interval; `group[person]` is each one's group. `of`: ties.

    Standard error and interval as of `reciprocity`, within -1 and 1.
    """
    first, second, both = _dyads(sender, receiver)
    label = np.asarray(group)
    ties = both.astype(np.float64)
    across = np.where(label[first] != label[second], ties, -ties)
    return _ratio(first, second, across, ties, -1.0, 1.0)


def ei_permutation(
    sender: ArrayLike, receiver: ArrayLike, group: ArrayLike, *, permutations: int = 999, seed: int
) -> Permuted:
    """The E-I index against its own chance: the groups of the same people dealt anew, each tie as it is.

    `group[person]` for people numbered from 0, with or without ties. Mean and variance over all n! deals are exact
    (Mantel's, for the product of two symmetric matrices); `permutations` seeded draws give p = (1 + draws at least as far
    from the mean) / (1 + draws) and the middle 95 %. z is NaN where every deal gives the same index.
    Raises ValueError below 4 people. Source: Krackhardt & Stern 1988; N. Mantel, Cancer Research 27 (1967) 209-220.
    """
    first, second, both = _dyads(sender, receiver)
    _, label = np.unique(np.asarray(group), return_inverse=True)
    people, ties = label.size, both.astype(np.float64)
    if people < 4:
        raise ValueError("a permutation needs 4 people or more")
    total = float(ties.sum())
    value = _external(ties, label[first], label[second])
    mean, variance = _moments(first, second, ties, np.bincount(label).astype(np.float64), people)
    rng, draws = np.random.default_rng(seed), np.empty(permutations)
    for n in range(permutations):
        dealt = rng.permutation(label)
        draws[n] = _external(ties, dealt[first], dealt[second])
    far = np.abs(draws - mean) >= abs(value - mean) - 1e-9
    sd = float(np.sqrt(max(variance, 0.0)))
    low, high = (float(q) for q in np.quantile(draws, [0.025, 0.975])) if permutations else (np.nan, np.nan)
    scaled = [2 * x / total - 1 if total else float("nan") for x in (value, mean, low, high)]
    return Permuted(
        value=scaled[0], expected=scaled[1], sd=2 * sd / total if total else float("nan"),
        z=(value - mean) / sd if sd > 1e-12 * max(total, 1.0) else float("nan"),
        p=float((1 + far.sum()) / (1 + permutations)), low=scaled[2], high=scaled[3],
    )  # fmt: skip


def _external(ties: Floats, ego: Ints, alter: Ints) -> float:
    return float(ties[ego != alter].sum())


def _moments(first: Ints, second: Ints, ties: Floats, sizes: Floats, n: int) -> tuple[float, float]:
    """Mean and variance of the ties across groups over all deals: sums over ordered pairs, halved at the end."""
    degree = np.bincount(first, ties, n) + np.bincount(second, ties, n)
    a0, a1, a2 = 2 * ties.sum(), 2 * (ties**2).sum(), (degree**2).sum()
    c0 = c1 = n * n - (sizes**2).sum()  # who is of another group is 1, so squares are the same
    c2 = (sizes * (n - sizes) ** 2).sum()
    mean = a0 * c0 / (n * (n - 1))
    square = (
        2 * a1 * c1 / (n * (n - 1))
        + 4 * (a2 - a1) * (c2 - c1) / (n * (n - 1) * (n - 2))
        + (a0**2 + 2 * a1 - 4 * a2) * (c0**2 + 2 * c1 - 4 * c2) / (n * (n - 1) * (n - 2) * (n - 3))
    )
    return float(mean / 2), float((square - mean**2) / 4)


def _dyads(sender: ArrayLike, receiver: ArrayLike) -> tuple[Ints, Ints, Ints]:
    """Each pair of people with a tie once, in order, and how many of the two directions are there."""
    ego, alter = np.asarray(sender, dtype=np.int64), np.asarray(receiver, dtype=np.int64)
    if ego.shape != alter.shape or ego.ndim != 1:
        raise ValueError("sender and receiver must be two lists of one length")
    if np.any(ego == alter):
        raise ValueError("nobody has a tie to oneself")
    people, place = np.unique(np.concatenate([ego, alter]), return_inverse=True)
    size = max(people.size, 1)
    once = np.unique(place[: ego.size] * size + place[ego.size :])  # one number a directed tie
    first, second = np.divmod(once, size)
    pairs, both = np.unique(np.minimum(first, second) * size + np.maximum(first, second), return_counts=True)
    return people[pairs // size], people[pairs % size], both.astype(np.int64)


def _ratio(first: Ints, second: Ints, above: Floats, below: Floats, least: float, most: float) -> TieShare:
    """Σ above / Σ below over dyads, with the standard error that leaves out each person and all their dyads."""
    if not below.size:
        return TieShare(np.nan, np.nan, np.nan, np.nan, 0)
    people, ends = np.unique(np.concatenate([first, second]), return_inverse=True)
    own = [np.bincount(ends, np.concatenate([x, x]), people.size) for x in (above, below)]
    value = float(above.sum() / below.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (above.sum() - own[0]) / (below.sum() - own[1])
    without = without[np.isfinite(without)]  # who is in every dyad leaves nothing behind
    n = without.size
    se = float(np.sqrt((n - 2) / (2 * n) * ((without - without.mean()) ** 2).sum())) if n > 2 else float("nan")
    if se > 0:
        return TieShare(value, se, max(least, value - Z95 * se), min(most, value + Z95 * se), int(below.sum()))
    # Where all dyads agree nobody's absence changes anything: that is no certainty.
    share = min(max((value - least) / (most - least), 0.0), 1.0)
    low, high = (least + (most - least) * float(end) for end in wilson(share * below.sum(), below.sum()))
    return TieShare(value, se, low, high, int(below.sum()))


def _mixing(mixing: ArrayLike) -> Floats:
    m = np.asarray(mixing, dtype=np.float64)
    if m.ndim != 2 or m.shape[0] != m.shape[1]:
        raise ValueError("a mixing matrix has a row and a column for each group")
    if np.any(m < 0) or not np.all(np.isfinite(m)):
        raise ValueError("a mixing matrix counts ties: no number in it is negative or missing")
    return m


def _sized(mixing: ArrayLike, sizes: ArrayLike) -> tuple[Floats, Floats]:
    m, n = _mixing(mixing), np.asarray(sizes, dtype=np.float64)
    if n.shape != (m.shape[0],) or np.any(n < 0) or n.sum() < 2:
        raise ValueError("sizes must give the people of each group, two or more in all")
    return m, n
