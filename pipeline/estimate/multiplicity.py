"""Many tests at once: which of them may be believed together.

Belongs here: what is done to a list of p-values. Does not: where a p-value comes from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rejections:
    """Which hypotheses are rejected, in the order given.

    `adjusted` is the level at which each would just be rejected; `cut` the largest p-value that is (for a list where
    none is: the largest that would have been, had it come first).
    """

    rejected: NDArray[np.bool_]
    adjusted: Floats
    cut: float

    @property
    def count(self) -> int:
        """How many are rejected."""
        return int(self.rejected.sum())


def benjamini_hochberg(p: ArrayLike, q: float = 0.05) -> Rejections:
    """The step-up rule that keeps the expected share of false rejections among all rejections at `q` or below.

    With p sorted, reject the k smallest, k the largest with p(k) ≤ k q / m; adjusted p(i) = min over j ≥ i of m p(j)/j.
    Holds for independent tests and for positively dependent ones. An empty list rejects nothing.
    Raises ValueError on p outside [0, 1] or q outside (0, 1).
    Source: Benjamini & Hochberg, J. R. Statist. Soc. B 57 (1995) 289-300.
    """
    values = _checked(p, q)
    m = values.size
    order = np.argsort(values, kind="stable")
    rank = np.arange(1, m + 1)
    passing = np.flatnonzero(values[order] <= rank * q / max(m, 1))
    k = int(passing[-1]) + 1 if passing.size else 0
    rejected = np.zeros(m, dtype=bool)
    rejected[order[:k]] = True
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate((m * values[order] / rank)[::-1])[::-1])
    return Rejections(rejected, adjusted, max(k, 1) * q / max(m, 1))


def bonferroni(p: ArrayLike, alpha: float = 0.05) -> Rejections:
    """The rule that keeps the chance of any false rejection at `alpha` or below, whatever the dependence: p ≤ α/m.

    Adjusted p = min(1, m p). Raises ValueError on p outside [0, 1] or alpha outside (0, 1).
    """
    values = _checked(p, alpha)
    cut = alpha / max(values.size, 1)
    return Rejections(values <= cut, np.minimum(1.0, values * values.size), cut)


def _checked(p: ArrayLike, level: float) -> Floats:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or not np.all((values >= 0) & (values <= 1)):
        raise ValueError("p-values are one list of numbers between 0 and 1")
    if not 0 < level < 1:
        raise ValueError("the level of a test lies between 0 and 1")
    return values
