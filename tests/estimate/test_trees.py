"""Trees of who brought whom: closed forms, steps counted one by one, and what is no tree."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.estimate import each_tree, offspring_of, structural_virality, top_share


@pytest.mark.real
def test_the_closed_forms(real_data: Path) -> None:
    cases = json.loads((real_data / "reference/structural_virality.json").read_text())["cases"]
    assert len(cases) == 2
    for case in cases:
        assert structural_virality(case["parents"]) == pytest.approx(case["nu"], rel=1e-12)


@pytest.mark.parametrize("n", [2, 3, 10, 77])
def test_a_star_and_a_chain(n: int) -> None:
    assert structural_virality([-1] + [0] * (n - 1)) == pytest.approx(2 * (n - 1) / n)
    assert structural_virality(range(-1, n - 1)) == pytest.approx((n + 1) / 3)


def steps(parents: list[int], a: int, b: int) -> int | None:
    """Steps between two people, climbing from each; None where they share no tree."""

    def above(one: int) -> list[int]:
        way = [one]
        while parents[way[-1]] >= 0:
            way.append(parents[way[-1]])
        return way

    up, over = above(a), above(b)
    meeting = next((one for one in up if one in over), None)
    return None if meeting is None else up.index(meeting) + over.index(meeting)


@given(st.lists(st.integers(-1, 30), min_size=1, max_size=25), st.randoms())
def test_the_mean_of_all_steps(drawn: list[int], chance: object) -> None:
    """Any forest, in any order: each pair of one tree counted."""
    earlier = [min(p, i - 1) for i, p in enumerate(drawn)]
    names = list(range(len(earlier)))
    chance.shuffle(names)  # type: ignore[attr-defined]
    parents = [-1] * len(earlier)
    for i, p in enumerate(earlier):
        parents[names[i]] = names[p] if p >= 0 else -1
    counted = [s for a, b in itertools.combinations(range(len(parents)), 2) if (s := steps(parents, a, b)) is not None]
    told = structural_virality(parents)
    assert np.isnan(told) if not counted else told == pytest.approx(np.mean(counted))


def test_each_tree_is_told_by_its_root() -> None:
    told = each_tree([-1, 0, -1, 2, 3, -1])
    assert (told.root.tolist(), told.size.tolist()) == ([0, 2, 5], [2, 3, 1])
    assert told.virality[:2] == pytest.approx([1, 4 / 3])
    assert np.isnan(told.virality[2])


def test_offspring_are_counted() -> None:
    assert offspring_of([-1, 0, 0, 1, -1]).tolist() == [2, 1, 0, 0, 0]


def test_the_share_of_the_top_sources() -> None:
    """Eleven sources, of whom the first brought ten and the others one each: the top 10 % are two, with 11 of 20."""
    parents = [-1] * 11 + [0] * 10 + list(range(1, 11))
    assert top_share(parents) == pytest.approx(11 / 20)
    assert top_share(parents, 1 / 11) == pytest.approx(10 / 20)
    assert top_share(parents, 1) == 1
    assert np.isnan(top_share([-1, -1]))


def test_a_long_chain_takes_no_time() -> None:
    began = time.perf_counter()
    assert structural_virality(np.arange(-1, 99_999)) == pytest.approx(100_001 / 3)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("parents", "why"), [([1, 0], "own ancestor"), ([-1, 1], "own ancestor"), ([-1, 2], "positions"), ([[0]], "positions")]
)
def test_what_is_no_tree_is_refused(parents: list, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        structural_virality(parents)


def test_a_share_is_some_of_them() -> None:
    with pytest.raises(ValueError, match="above 0"):
        top_share([-1, 0], 0)
