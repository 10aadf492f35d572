"""Candidate sources: which count, and how far each is believed."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.estimate import Pairs, discrete_gamma, weigh_sources


def test_the_best_way_to_a_source_wins() -> None:
    """A trainer beats an invitation beats a reply; beside a reply a mention counts as much."""
    day, kind = [0, 5, 5, 20, 20, 20], ["imported"] * 3 + ["attributed"] * 3
    pairs = Pairs(
        [3, 3, 3, 4, 4, 5, 5], [0, 1, 2, 1, 2, 0, 0], ["reply", "invite", "trainer", "mention", "reply", "reply", "mention"]
    )
    told = weigh_sources(day, kind, pairs, last_day=30)
    assert list(zip(told.ego.tolist(), told.alter.tolist(), strict=True)) == [(3, 2), (4, 1), (4, 2), (5, 0)]
    assert told.weight == pytest.approx([1, 0.5, 0.5, 1])
    assert told.parents(6).tolist() == [-1, -1, -1, 2, 1, 0]


def test_candidates_are_weighed_by_how_long_ago_they_adopted() -> None:
    """With few pairs the assumed interval decides: w(4) against w(30)."""
    told = weigh_sources([0, 26, 30], ["imported", "imported", "attributed"], Pairs([2, 2], [0, 1]), last_day=40)
    w = discrete_gamma(10, 7, 60)
    assert told.weight == pytest.approx(np.array([w[30], w[4]]) / (w[30] + w[4]))
    assert told.parents(3).tolist() == [-1, -1, 1]


def test_what_cannot_be_a_source_is_none() -> None:
    """The same day, later, more than sixty days before, of somebody imported, or after the window."""
    day = [0, 100, 100, 110, 130]
    kind = ["imported", "imported", "attributed", "imported", "attributed"]
    pairs = Pairs([2, 2, 2, 3, 4], [1, 3, 0, 1, 1])
    assert weigh_sources(day, kind, pairs, last_day=120).ego.size == 0
    assert weigh_sources(day, kind, pairs, last_day=130).ego.tolist() == [4]
    assert weigh_sources(day, kind, pairs, last_day=130, longest=100).alter.tolist() == [0, 1]


def test_several_candidates_do_not_blur_the_interval() -> None:
    """A true source eight days before, and beside it two others at any distance: nearly all belief goes to the true one."""
    rng = np.random.default_rng(4)
    day = np.concatenate([rng.integers(0, 200, 3000), rng.integers(100, 200, 600)])
    ego = np.arange(3000, 3600)
    true = np.array([np.flatnonzero(day[:3000] == day[e] - 8)[0] for e in ego])
    others = rng.integers(0, 3000, (2, 600))
    told = weigh_sources(
        day, ["imported"] * 3000 + ["attributed"] * 600, Pairs(np.tile(ego, 3), np.concatenate([true, *others])), last_day=200
    )
    alike = np.bincount(told.ego, minlength=3600)[told.ego]
    assert (1 / alike)[told.lag == 8].mean() < 0.8
    assert told.weight[told.lag == 8].mean() > 0.95
    assert told.generation.weights[8] > 0.9
