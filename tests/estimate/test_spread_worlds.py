"""One window of adoptions in worlds whose truth is known, and what must not change the answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.estimate import Pairs, assess, discrete_gamma

MANY = 1e9  # eligible: nobody is ever short of people to convince


def world(seed: int, r: float, k: float, hidden: float) -> tuple[np.ndarray, np.ndarray, Pairs]:
    """Four imported a day, each adopter bringing NB(r, k) others after a gamma of 10 and 7 days."""
    rng, w = np.random.default_rng(seed), discrete_gamma(10, 7, 60)
    day = np.repeat(np.arange(150), rng.poisson(4, 150))
    ego, alter, newest = [np.empty(0, int)], [np.empty(0, int)], np.arange(day.size)
    imported = day.size
    while newest.size:
        offspring = rng.poisson(r * rng.gamma(k, 1 / k, newest.size))
        source = np.repeat(newest, offspring)
        born = day[source] + rng.choice(61, source.size, p=w / w.sum())
        source, born = source[born < 150], born[born < 150]
        newest = np.arange(day.size, day.size + born.size)
        day = np.concatenate([day, born])
        ego.append(newest)
        alter.append(source)
    kind = np.where(
        np.arange(day.size) < imported, "imported", np.where(rng.random(day.size) < hidden, "unattributed", "attributed")
    )
    return day, kind, Pairs(np.concatenate(ego), np.concatenate(alter))


@pytest.mark.parametrize("k", [100.0, 0.3])
def test_the_interval_holds_the_truth(k: float) -> None:
    """Forty worlds with R = 0.8: of a 95 % interval all but a few hold it."""
    told = [assess(*world(seed, 0.8, k, 0.0), first_day=122, last_day=149, eligible=MANY) for seed in range(40)]
    assert all(t.lo is not None for t in told)
    ends = [t.lo.effective for t in told if t.lo]
    assert sum(e.low <= 0.8 <= e.high for e in ends) >= 35
    assert np.mean([e.value for e in ends]) == pytest.approx(0.8, abs=0.06)
    if k < 1:
        assert sum(abs(np.log(t.k / k)) < np.log(1.6) for t in told) >= 35


def test_doubtful_sources_do_not_even_out_who_brings_many() -> None:
    """Half of the adopters get two false candidates beside the true one: k stays where the sure sources put it."""
    found = []
    for seed in range(10):
        day, kind, pairs = world(seed, 0.9, 0.3, 0.0)
        rng, ego, alter = np.random.default_rng(seed), np.asarray(pairs.ego), np.asarray(pairs.alter)
        some = np.repeat(rng.choice(ego, ego.size // 2, replace=False), 2)
        order = np.argsort(day, kind="stable")
        earlier = np.searchsorted(day[order], day[some])
        false = order[(rng.random(some.size) * earlier).astype(int)]
        both = Pairs(np.concatenate([ego, some]), np.concatenate([alter, false]))
        found.append(assess(day, kind, both, first_day=122, last_day=149, eligible=MANY).k)
    assert np.median(found) == pytest.approx(0.3, abs=0.06)


def test_pairs_in_any_order_give_the_same_bytes() -> None:
    """Some adopters have a second candidate, and some pairs are there twice."""
    day, kind, pairs = world(3, 0.9, 0.5, 0.3)
    ego, alter = np.asarray(pairs.ego), np.asarray(pairs.alter)
    ego, alter = np.concatenate([ego, ego[::3], ego[::5]]), np.concatenate([alter, np.maximum(alter[::3] - 1, 0), alter[::5]])
    rows = np.random.default_rng(0).permutation(ego.size)
    one = assess(day, kind, Pairs(ego, alter), first_day=122, last_day=149, eligible=5000)
    two = assess(day, kind, Pairs(ego[rows], alter[rows]), first_day=122, last_day=149, eligible=5000)
    assert one.generation.weights.tobytes() == two.generation.weights.tobytes()
    assert replace(one, generation=two.generation) == two


def test_people_in_any_order_give_the_same_bytes_where_each_has_one_source() -> None:
    day, kind, pairs = world(3, 0.9, 0.5, 0.3)
    people = np.random.default_rng(0).permutation(day.size)
    place = np.argsort(people)
    moved = Pairs(place[np.asarray(pairs.ego)], place[np.asarray(pairs.alter)])
    one = assess(day, kind, pairs, first_day=122, last_day=149, eligible=5000)
    two = assess(day[people], kind[people], moved, first_day=122, last_day=149, eligible=5000)
    assert one.generation.weights.tobytes() == two.generation.weights.tobytes()
    assert replace(one, generation=two.generation) == two


def test_what_comes_after_the_window_is_not_looked_at() -> None:
    day, kind, pairs = world(4, 0.9, 0.5, 0.3)
    early = day <= 120
    place = np.cumsum(early) - 1
    seen = early[np.asarray(pairs.ego)]
    cut = Pairs(place[np.asarray(pairs.ego)[seen]], place[np.asarray(pairs.alter)[seen]])
    one = assess(day, kind, pairs, first_day=93, last_day=120, eligible=5000)
    two = assess(day[early], kind[early], cut, first_day=93, last_day=120, eligible=5000)
    assert replace(one, generation=two.generation) == two


def test_days_may_be_counted_from_anywhere() -> None:
    day, kind, pairs = world(5, 0.9, 0.5, 0.3)
    one = assess(day, kind, pairs, first_day=122, last_day=149, eligible=MANY)
    two = assess(day + 20_000, kind, pairs, first_day=20_122, last_day=20_149, eligible=MANY)
    assert (one.lo, one.mar, one.hi, one.verdict) == (two.lo, two.mar, two.hi, two.verdict)


@pytest.mark.parametrize(
    ("r", "hidden", "words"),
    [(0.0, 0.0, {"seeded"}), (0.3, 0.3, {"seeded", "likely seeded"}), (1.4, 0.2, {"viral", "likely viral"})],
)
def test_the_word_is_the_world_s(r: float, hidden: float, words: set[str]) -> None:
    """Of 20 worlds where a few bring many (k = 0.5) at least 18 get a word that is true, and none one that is false."""
    told = [assess(*world(seed, r, 0.5, hidden), first_day=122, last_day=149, eligible=MANY).verdict for seed in range(20)]
    assert sum(word in words for word in told) >= 18
    assert not {word for word in told if word} - words - {"not determined"}


def test_the_outer_ends_hold_the_truth_where_origins_are_hidden() -> None:
    """Forty worlds, R = 0.9, 30 % of the edges hidden."""
    told = [assess(*world(seed, 0.9, 0.5, 0.3), first_day=122, last_day=149, eligible=MANY) for seed in range(40)]
    assert sum(t.lo is not None and t.hi is not None and t.lo.effective.low <= 0.9 <= t.hi.effective.high for t in told) >= 37
