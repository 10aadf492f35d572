"""The shape of who brought whom: long chains or one broadcast, many sources or a few.

Belongs here: figures of trees given as an array of parents: the position of each one's source, negative where none is
known. Does not: who the parent is (spread.py).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.estimate.reproduction import Floats, Ints


class Trees(NamedTuple):
    """One entry a tree, by its root's position: how many it holds, and its structural virality (NaN for a root alone)."""

    root: Ints
    size: Ints
    virality: Floats


def offspring_of(parents: ArrayLike) -> Ints:
    """How many each one is the parent of. Raises ValueError on a parent that is not there."""
    p = _parents(parents)
    return np.bincount(p[p >= 0], minlength=p.size).astype(np.int64)


def structural_virality(parents: ArrayLike) -> float:
    """The mean number of steps between two people of the same tree: about 2 for one broadcast, n/3 for a chain of n.

    For a tree of n with subtree sizes s_i: ν = 2n/(n - 1) (∑ s_i / n - ∑ s_i² / n²). Of several trees each weighs by its
    number of pairs; trees apart are not compared. NaN where no two share a tree. Takes time in proportion to n.
    Raises ValueError on a parent that is not there, or a circle.
    Source: Goel, Anderson, Hofman & Watts, Management Science 62 (2016) 180-196.
    """
    trees = each_tree(parents)
    pairs = trees.size.astype(np.float64) * (trees.size - 1)
    return float((pairs * np.where(pairs > 0, trees.virality, 0.0)).sum() / pairs.sum()) if pairs.sum() else float("nan")


def each_tree(parents: ArrayLike) -> Trees:
    """Size and structural virality of every tree, in the order of their roots. Raises ValueError as structural_virality."""
    p = _parents(parents)
    below, root = _subtrees(p)
    starts = np.flatnonzero(p < 0)
    place = np.searchsorted(starts, root)
    n = below[starts].astype(np.float64)
    size = below.astype(np.float64)
    total, squared = np.bincount(place, size, starts.size), np.bincount(place, size**2, starts.size)
    with np.errstate(invalid="ignore", divide="ignore"):
        virality = 2 * n / (n - 1) * (total / n - squared / n**2)
    return Trees(starts.astype(np.int64), below[starts], np.where(n > 1, virality, np.nan))


def top_share(parents: ArrayLike, share: float = 0.1) -> float:
    """Of those who have a parent, the share brought by the top `share` of parents (rounded up), by number of offspring.

    NaN where nobody has a parent. Raises ValueError unless 0 < share ≤ 1.
    """
    if not 0 < share <= 1:
        raise ValueError("a share of sources lies above 0 and at most at 1")
    brought = np.sort(offspring_of(parents))[::-1]
    sources = int(np.count_nonzero(brought))
    if not sources:
        return float("nan")
    return float(brought[: int(np.ceil(share * sources - 1e-9))].sum() / brought.sum())


def _parents(parents: ArrayLike) -> Ints:
    p = np.asarray(parents, dtype=np.int64)
    if p.ndim != 1 or np.any(p >= p.size):
        raise ValueError("parents must be positions in the same list, or negative for none")
    return p


def _subtrees(p: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The size of everyone's subtree, themselves included, and the root above everyone."""
    parent, waiting = p.tolist(), offspring_of(p).tolist()
    size, order = [1] * len(parent), [i for i, n in enumerate(waiting) if n == 0]
    for one in order:  # grows as parents have heard of all their children
        above = parent[one]
        if above >= 0:
            size[above] += size[one]
            waiting[above] -= 1
            if waiting[above] == 0:
                order.append(above)
    if len(order) != len(parent):
        raise ValueError("somebody is their own ancestor")
    root = list(range(len(parent)))
    for one in reversed(order):
        if parent[one] >= 0:
            root[one] = root[parent[one]]
    return np.array(size, dtype=np.int64), np.array(root, dtype=np.int64)
