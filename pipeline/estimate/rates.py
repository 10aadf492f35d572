"""How unevenly units act, and how much their rates differ: counts with an exposure, by unit and block.

Belongs here: dispersion and spread of rates by moments, with what is only chance taken out. Does not: which unit is
unusual (silence.py, funnel.py), a mean that depends on more than the exposure (counts.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def kappa_moments(acts: ArrayLike, exposure: ArrayLike) -> float:
    """The dispersion κ that all teams share, by moments within teams; between 0.01 and 1e6 (no more than chance).

    With w_b the share of a team's exposure in block b and Y its total: E Σ (y_b - w_b Y)² is M Σ w_b(1-w_b) plus
    (M²/κ) [Σ w_b²(1-2w_b) + (Σ w_b²)²], and E[Y² - Y] = M² (1 + Σ w_b²/κ), exactly; solved for κ over all teams, each
    weighted by how much it can tell, (1 + m/κ)⁻² where its exposure lets expect m acts a block.
    Raises ValueError on shapes that do not fit, on negative or missing numbers, and on acts without exposure.
    """
    y, e = count_table(acts, exposure)
    use = (e > 0).sum(axis=1) > 1
    y, e = y[use], e[use]
    total, share = y.sum(axis=1), e / np.maximum(e.sum(axis=1), 1e-300)[:, None]
    squares = (share**2).sum(axis=1)
    spread = ((y - share * total[:, None]) ** 2).sum(axis=1) - total * (share * (1 - share)).sum(axis=1)
    lean = (share**2 * (1 - 2 * share)).sum(axis=1) + squares**2
    present = e.sum(axis=1)
    usual = total.sum() / max(float(np.sort(present).sum()), 1e-300)  # weights of a team's own acts would lean with its luck
    each = usual * present / np.maximum((e > 0).sum(axis=1), 1)
    phi = 0.0
    for _ in range(3):  # the weights settle at once: they need phi only roughly
        weight = 1 / (1 + phi * each) ** 2
        phi = _solve_phi(weight * spread, weight * (total**2 - total) * lean, squares)
    return float(np.clip(1 / max(phi, 1e-6), 1e-2, 1e6))


def gamma_moments(acts: ArrayLike, exposure: ArrayLike, kappa: float) -> tuple[float, float]:
    """Shape and rate of the Gamma distribution of the teams' rates, by moments, what is only chance taken out.

    Where teams differ no more than chance the shape is 1e4.
    Raises ValueError on shapes that do not fit, on negative or missing numbers, and on acts without exposure.
    """
    y, e = count_table(acts, exposure)
    total, present = y.sum(axis=1), e.sum(axis=1)
    use = present > 0
    total, present, e = total[use], present[use], e[use]
    squares = ((e / present[:, None]) ** 2).sum(axis=1)
    mean = mean_of(total / present)
    second = mean_of((total**2 - total) / present**2 / (1 + squares / kappa))
    variance = max(second - mean**2, mean**2 * 1e-4)
    return mean**2 / variance, mean / variance


def count_table(acts: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    """Counts and exposures as tables of numbers. Raises ValueError where they are none, or do not fit each other."""
    y, e = np.asarray(acts, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    if y.ndim != 2 or y.shape != e.shape:
        raise ValueError("acts and exposure are two tables of one shape, teams by blocks")
    if not (np.all(y >= 0) and np.all(e >= 0) and np.all(np.isfinite(y)) and np.all(np.isfinite(e))):
        raise ValueError("acts and exposure are numbers, 0 or more")
    if np.any((e == 0) & (y > 0)):
        raise ValueError("where nobody was present nobody can have acted: give no acts where there is no exposure")
    return y, e


def mean_of(values: Floats) -> float:
    """The mean, whatever order the values come in."""
    return float(np.sum(np.sort(values)) / values.size)


def _solve_phi(spread: Floats, lean: Floats, squares: Floats) -> float:
    """The phi at which Σ spread = Σ phi lean / (1 + phi squares); what it gives grows with phi."""
    order = np.lexsort((squares, lean, spread))
    wanted, lean, squares = float(spread[order].sum()), lean[order], squares[order]
    low, high = 0.0, 100.0
    for _ in range(60):
        phi = (low + high) / 2
        low, high = (phi, high) if float((phi * lean / (1 + phi * squares)).sum()) < wanted else (low, phi)
    return (low + high) / 2
