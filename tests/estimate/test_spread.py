"""One window of adoptions: bounds, words and refusals, each with a case that just triggers it and one that just does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from pipeline.estimate import Pairs, Spread, assess, over_dispersion, pressure, reproduction

MANY = 1e9  # eligible: nobody is ever short of people to convince
LETTER = {"a": "attributed", "i": "imported", "u": "unattributed"}


class Story:
    """Adopters a day, each attributed one brought by somebody of so many days before."""

    def __init__(self) -> None:
        self.day: list[int] = []
        self.kind: list[str] = []
        self.ego: list[int] = []
        self.alter: list[int] = []
        self.way: list[str] = []

    def adopt(self, day: int, kinds: str, *, lag: int = 10) -> Story:
        """On this day one adopter for each letter of `kinds`; the attributed take turns among the sources of that day."""
        sources = [i for i, d in enumerate(self.day) if d == day - lag]
        for n, letter in enumerate(kinds):
            if letter == "a" and sources:
                self.pair(len(self.day), sources[n % len(sources)])
            self.day.append(day)
            self.kind.append(LETTER[letter])
        return self

    def pair(self, ego: int, alter: int, way: str = "reply") -> Story:
        self.ego.append(ego)
        self.alter.append(alter)
        self.way.append(way)
        return self

    def each_day(self, kinds: str, days: range, **more: int) -> Story:
        for day in days:
            self.adopt(day, kinds, **more)
        return self

    def assess(self, first: int, last: int, **more: Any) -> Spread:
        pairs = Pairs(self.ego, self.alter, self.way)
        return assess(self.day, self.kind, pairs, **{"first_day": first, "last_day": last, "eligible": MANY} | more)


def test_a_broadcast_is_seeded_though_nobody_is_local() -> None:
    """Four imported a day, none local: the lower end is 0 itself, the upper far below 1."""
    told = Story().each_day("iiii", range(120)).assess(92, 119)
    assert (told.verdict, told.refused, told.adopters, told.known_share) == ("seeded", None, 112, 1)
    assert told.lo is not None
    assert (told.lo.local, told.lo.effective.low, told.lo.phi) == (0, 0, 1)
    assert told.lo.effective.high == pytest.approx(-np.log(0.025) / (0.2 + told.pressure))
    assert told.lo == told.mar == told.hi


def test_what_brings_itself_is_viral() -> None:
    """Everybody brings one and a half others ten days later; few are imported at the start."""
    story = Story().adopt(0, "i" * 20)
    for generation, size in enumerate([30, 45, 68, 102, 153, 230], start=1):
        story.adopt(10 * generation, "a" * size)
    told = story.assess(33, 60)
    assert told.verdict == "viral"
    assert not told.generation.assumed
    assert told.lo == told.hi
    assert told.hi is not None
    assert told.hi.effective.value == pytest.approx(1.5, abs=0.05)


def test_the_bounds_by_hand() -> None:
    """Ten attributed, four unattributed, ten imported a day: of the unattributed as many are local as of the known, half."""
    story = Story().each_day("i" * 10, range(60)).each_day("a" * 10 + "u" * 4 + "i" * 10, range(60, 120))
    told = story.assess(92, 119)
    assert told.lo is not None
    assert told.mar is not None
    assert told.hi is not None
    assert (told.attributed, told.unattributed, told.imported) == (280, 112, 280)
    assert (told.lo.local, told.mar.local, told.hi.local) == (280, 280 + 56, 392)
    cases = np.array([10.0] * 60 + [24.0] * 60)
    assert told.generation.mean == 10
    assert told.pressure == pytest.approx(pressure(cases, told.generation.weights)[92:].sum())
    for bound in (told.lo, told.mar, told.hi):
        phi = over_dispersion(cases, told.generation.weights, 92, 119, mean=bound.local / told.pressure, k=told.k)
        posterior = stats.gamma(1 + bound.local / phi, scale=1 / (0.2 + told.pressure / phi))
        assert bound.phi == pytest.approx(phi)
        assert bound.effective == pytest.approx((posterior.mean(), *posterior.ppf([0.025, 0.975])))


def test_without_over_dispersion_it_is_cori_s() -> None:
    """Each one brings exactly one: k is infinite, φ is 1, and the window's posterior is that of reproduction()."""
    story = Story().each_day("iii", range(10)).each_day("aaa", range(10, 130))
    told = story.assess(100, 127)
    assert (told.k, told.k_assumed) == (np.inf, False)
    plain = reproduction([0] * 10 + [3] * 120, [3] * 10 + [0] * 120, weights=told.generation.weights, starts=[100], ends=[127])
    assert told.hi is not None
    assert told.hi.phi == 1
    assert told.hi.effective == pytest.approx((plain.mean[0], plain.low[0], plain.high[0]))


def test_fewer_left_to_convince_means_a_higher_intrinsic_number() -> None:
    """At 960 adopters of 1,920 half are left at the end; before that more, so R grows by somewhat less than two."""
    story = Story().each_day("i" * 8, range(10)).each_day("a" * 8, range(10, 120))
    told = story.assess(92, 119, eligible=1920)
    assert told.hi is not None
    ratios = np.array(told.hi.intrinsic) / np.array(told.hi.effective)
    assert ratios == pytest.approx(1 / told.susceptible)
    assert told.susceptible == pytest.approx(1 - 8 * np.arange(92, 120).mean() / 1920)
    assert story.assess(92, 119, eligible=1920, adopters=480).susceptible == pytest.approx(0.75)


def test_everybody_convinced_is_refused() -> None:
    story = Story().each_day("i" * 8, range(120))
    assert "everybody" in (story.assess(92, 119, eligible=8 * 92).refused or "")
    assert story.assess(92, 119, eligible=8 * 121).refused is None


def test_the_verdict_falls_on_the_intrinsic_number() -> None:
    """Each brings 0.9 though a quarter of all have adopted: it would be 1.2 among people new to it."""
    story = Story().each_day("i" * 100, range(10))
    for day in range(10, 120):
        story.adopt(day, "a" * 90 + "i" * 10)
    told = story.assess(92, 119, eligible=100_000, adopters=25_000)
    assert told.lo is not None
    assert told.lo.effective.high < 1
    assert told.verdict == "viral"
    assert story.assess(92, 119, eligible=100_000, adopters=0).verdict == "seeded"


# ------------------------------------------------------------------------------------------------------------ the refusals
@pytest.mark.parametrize(("before", "refused"), [(4, True), (5, False)])
def test_it_takes_the_pressure_of_five(before: int, refused: bool) -> None:
    """Everybody brings one, ten days later; then only those of day 30 reach into the window: Λ is their number."""
    story = Story().each_day("iiiii", range(10)).each_day("aaaaa", range(10, 30)).adopt(30, "a" * before).adopt(60, "u" * 20)
    told = story.assess(40, 67)
    assert told.pressure == pytest.approx(before)
    assert ("too few earlier" in (told.refused or "")) == refused
    assert (told.hi is None) == refused


def few(local: int) -> Spread:
    return Story().adopt(0, "i" * 12).adopt(14, "u" * local).assess(1, 28)


def test_it_takes_eleven_local_adopters_beyond_over_dispersion() -> None:
    """From twelve sources: refused exactly while S/φ < 11, φ worked out beside it (k is assumed: 0.5)."""
    words = []
    for local in range(8, 60):
        told = few(local)
        cases = np.bincount([0] * 12 + [14] * local, minlength=29)
        phi = over_dispersion(cases, told.generation.weights, 1, 28, mean=local / told.pressure, k=0.5)
        assert (told.refused is not None) == (local / phi < 11)
        words.append(told.refused)
    assert words[0] is not None
    assert "at least 11" in words[0]
    assert words[-1] is None


@pytest.mark.parametrize(("apart", "refused"), [(3, True), (1, False)])
def test_few_local_adopters_are_an_answer_only_under_pressure(apart: int, refused: bool) -> None:
    """One local every ten days: beside an import every third day it may be chance, beside one every day it is not."""
    story = Story().each_day("i", range(0, 120, apart))
    for day in (92, 102, 112):
        story.adopt(day, "a")
    told = story.assess(92, 119)
    assert ("too few adoptions" in (told.refused or "")) == refused
    assert told.verdict == (None if refused else "seeded")


def test_no_adopter_at_all_is_no_answer() -> None:
    told = Story().each_day("iiii", range(90)).assess(92, 119)
    assert (told.adopters, told.known_share, told.lo) == (0, None, None)
    assert "too few adoptions" in (told.refused or "")
    assert "too few earlier" in (Story().assess(0, 27).refused or "")


@pytest.mark.parametrize(("kinds", "told_of"), [("aaaiiuuuuu", True), ("aaiiuuuuu", False)])
def test_the_middle_reading_needs_half_of_the_origins(kinds: str, told_of: bool) -> None:
    told = Story().each_day("i" * 9, range(60)).each_day(kinds, range(60, 120)).assess(92, 119)
    assert told.refused is None
    assert told.lo is not None
    assert told.hi is not None
    assert (told.mar is not None) == told_of
    assert (told.mar_refused is None) == told_of
    assert told.verdict == ("seeded" if told.hi.intrinsic.high < 1 else "likely seeded" if told_of else "not determined")


def test_a_likely_word_needs_the_middle_reading() -> None:
    """The same adopters, of whom ever fewer have a known origin: first likely seeded, then not determined."""
    begun = Story().each_day("i" * 10, range(60))
    assert begun.assess(32, 59).verdict == "seeded"
    likely = Story().each_day("i" * 10, range(60)).each_day("ai" + "iii" + "uuuuu", range(60, 120)).assess(65, 92)
    unknown = Story().each_day("i" * 10, range(60)).each_day("ai" + "ii" + "uuuuuu", range(60, 120)).assess(65, 92)
    assert (likely.mar is None, unknown.mar is None) == (False, True)
    assert "fewer than half" in (unknown.mar_refused or "")


@pytest.mark.parametrize(
    ("shares", "why"),
    [
        ({"yammer": (0.30, 0.45)}, None), ({"yammer": (0.30, 0.46)}, "yammer went from 30% to 46%"),
        ({"yammer": (0.95, 0.79)}, "yammer went from 95% to 79%"), ({"yammer": (1.0, 0.9), "slack": (0.3, 0.9)}, "slack went from"),
        ({}, None), (None, None),
    ],
)  # fmt: skip
def test_a_record_that_changed_is_no_spread(shares: dict[str, tuple[float, float]] | None, why: str | None) -> None:
    told = Story().each_day("iiii", range(120)).assess(92, 119, completeness=shares)
    assert (told.refused is None) == (why is None)
    assert (why or "") in (told.refused or "")
    assert (told.verdict, told.lo is None, told.mar_refused is None) == (None if why else "seeded", bool(why), not why)


# ---------------------------------------------------------------------------------------------------- what it rests on
def test_an_assumed_interval_is_shown_at_half_and_at_twice() -> None:
    """29 pairs are not enough, 30 are."""
    begun = Story().each_day("i" * 3, range(90))
    short = begun.each_day("u" * 2 + "a", range(90, 119)).assess(92, 119)
    assert (short.generation.assumed, short.generation.pairs) == (True, 29)
    assert [s.factor for s in short.sensitivity] == [0.5, 2]
    assert short.hi is not None
    half, twice = (s.hi.effective.value for s in short.sensitivity)
    assert twice != half != short.hi.effective.value
    enough = begun.adopt(119, "a").assess(92, 119)
    assert (enough.generation.assumed, enough.generation.pairs, enough.sensitivity) == (False, 30, ())


def test_k_comes_from_a_hundred_who_were_watched_for_long_enough() -> None:
    """All lags are ten days: on day 29 the adopters of days 0 to 19 were watched, 100 of them if there are five a day."""
    story = Story().each_day("i" * 5, range(10)).each_day("aaaa" + "i", range(10, 40))
    assert (story.assess(2, 28).followed, story.assess(2, 28).k_assumed, story.assess(2, 28).k) == (95, True, 0.5)
    told = story.assess(2, 29)
    assert (told.followed, told.k_assumed, told.k) == (100, False, np.inf)
    assert told.k_low is not None


REFUSED = {
    "a kind unheard of": ({"kind": ["local"]}, "is one of attributed"),
    "lengths": ({"kind": []}, "a day and a kind"),
    "half a day": ({"adopted_day": [0.5]}, "whole numbers"),
    "a stranger": ({"pairs": Pairs([0], [1])}, "not among the adopters"),
    "a pair of one": ({"pairs": Pairs([0], [])}, "an adopter, a source"),
    "backwards": ({"first_day": 1, "last_day": 0}, "end before it starts"),
    "nobody eligible": ({"eligible": 0}, "nobody might adopt"),
}
ASKED = {"adopted_day": [0], "kind": ["imported"], "pairs": Pairs([], []), "first_day": 0, "last_day": 27, "eligible": 10.0}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused(case: str) -> None:
    other, why = REFUSED[case]
    assert assess(**ASKED).refused
    with pytest.raises(ValueError, match=why):
        assess(**(ASKED | other))
