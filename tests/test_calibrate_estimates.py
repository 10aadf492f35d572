"""The bars of effect, silence, replies, tone and pooling can be missed, and tell nothing where the figure refuses."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.calibrate import effect, pooling, replies, silence, tone
from pipeline.calibrate.bar import Bar, measure
from pipeline.simulate.events.panel import Panel
from pipeline.simulate.events.silence import Contributions

BARS = [*effect.BARS, *silence.BARS, *replies.BARS, *tone.BARS, *pooling.BARS]


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.name)
def test_a_seed_measures_the_same(bar: Bar) -> None:
    assert bar.outcome(5) == bar.outcome(5)


def test_the_effect_is_wrong_where_rising_teams_volunteer() -> None:
    bar = next(bar for bar in effect.BARS if bar.name == "champions by lot, one effect")
    outcomes = [effect.att(seed, world=Panel(selection=3.0, drift=0.012)) for seed in range(20)]
    assert not any(measure(bound, outcomes).passed_loosely for bound in bar.bounds[:2])


def test_teams_that_were_not_seen_would_be_flagged_if_they_counted_as_seen() -> None:
    """What the bar of outages rests on: nothing done, although present, is found."""
    found = np.mean([silence.flags(seed, world=Contributions(silent_least=0.0, silent_most=0.0))["power"] for seed in range(5)])
    assert found > 0.7


def test_counting_what_the_scorer_says_is_not_enough() -> None:
    """Classify and count: the interval of the uncorrected share misses where the truth is far from one half."""
    counted = np.mean([tone.share(seed, positive=0.15)["counted"] for seed in range(20)])
    assert counted < 0.2


def test_a_refused_figure_tells_nothing() -> None:
    assert "covered" not in tone.share(1, positive=0.35, labelled_positive=30)
    assert effect.att(1, world=Panel(teams=20)) == {}
