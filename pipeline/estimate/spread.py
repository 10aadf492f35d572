"""Is it spreading by itself? One window of adoptions: bounds of the reproduction number, a verdict, or a refusal in words.

Belongs here: from dated adopters and their candidate sources to everything a figure of one window needs. Does not: who is
an adopter and what counts as a source (warehouse/staging), how candidate sources are weighed (sources.py), the formulae
themselves (reproduction.py, generation.py, offspring.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from pipeline.estimate.generation import ASSUMED, Generation, assumed_interval
from pipeline.estimate.offspring import offspring_dispersion
from pipeline.estimate.reproduction import Floats, Ints, over_dispersion, pressure, verdict
from pipeline.estimate.sources import KINDS, Pairs, Sources, checked_adopters, weigh_sources
from pipeline.estimate.trees import offspring_of

ASSUMED_K = 0.5
PRIOR_SHAPE, PRIOR_RATE = 1.0, 0.2  # mean 5, sd 5
ENOUGH_LOCAL, ENOUGH_PRESSURE, ENOUGH_KNOWN, ENOUGH_FOLLOWED = 11.0, 5.0, 0.5, 100
SHIFT = 0.15
SURE, ENOUGH_SURE = 0.9, 100  # how far a source is believed to count for k, and how many such there must be
FOLLOWED = 0.99  # of the generation interval, for somebody's offspring to be complete

FEW_EARLIER = "too few earlier adopters whose example could be felt in this time (at least 5 are needed)"
FEW_LOCAL = "too few adoptions that may come from colleagues (at least 11 are needed, more where a few people bring many)"
EVERYBODY = "everybody who might adopt has adopted"
SHIFTED = "the record of {source} went from {before:.0%} to {now:.0%} complete: that alone can look like spread or its end"
FEW_KNOWN = "the origin of fewer than half of the adoptions is known: only the outer bounds can be told"


class Range(NamedTuple):
    """A posterior mean and the ends of its central interval (95 % unless said)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Bound:
    """R under one reading of the unattributed adopters: how many are local, their over-dispersion, R as it is and intrinsic."""

    local: float
    phi: float
    effective: Range
    intrinsic: Range


@dataclass(frozen=True)
class Sensitivity:
    """The same bounds had the assumed generation interval been `factor` times as long."""

    factor: float
    lo: Bound
    mar: Bound | None
    hi: Bound


@dataclass(frozen=True)
class Spread:
    """What one window says. `refused` is None where it can be told; then `lo`, `hi` and `verdict` are there.

    `lo`: attributed only are local; `hi`: the unattributed too; `mar`: the unattributed are local as often as those whose
    origin is known. `mar` is None, and `mar_refused` says why, where under half of the origins are known.
    """

    first_day: int
    last_day: int
    adopters: int  # adopted within the window, and of them:
    attributed: int
    imported: int
    unattributed: int
    known_share: float | None  # (attributed + imported) / adopters; None without adopters
    pressure: float  # Λ, in adopters
    susceptible: float  # share of the eligible who had not adopted, weighted by the pressure of each day
    generation: Generation
    k: float  # of the offspring distribution; infinity: no over-dispersion
    k_low: float | None
    k_high: float | None
    k_assumed: bool
    followed: int  # adopters with full follow-up, from whom k comes
    lo: Bound | None
    mar: Bound | None
    hi: Bound | None
    verdict: str | None
    refused: str | None
    mar_refused: str | None
    sensitivity: tuple[Sensitivity, ...]  # × 0.5 and × 2 where the generation interval is assumed, else empty


def assess(
    adopted_day: ArrayLike,
    kind: ArrayLike,
    pairs: Pairs,
    *,
    first_day: int,
    last_day: int,
    eligible: float,
    adopters: float | None = None,
    completeness: Mapping[str, tuple[float, float]] | None = None,
    longest: int = 60,
    held: int = 0,
    confidence: float = 0.95,
) -> Spread:
    """What the window first_day..last_day (both included) says of the reproduction number, or why it says nothing.

    `adopted_day`: whole day numbers of all adopters known, in any order; those after `last_day` are not looked at. `kind`:
    of each, 'attributed' | 'imported' | 'unattributed'. `pairs`: candidate sources, see Pairs. `eligible`: people who might
    adopt. `adopters`: how many of them have adopted, where these are not all of `adopted_day` up to each day. `completeness`:
    for each source the share of what was expected that arrived, in the window before and in this one. `longest`: days
    beyond which nobody is a source. `held`: days for which what is felt at the window's end waits to be acted on, 2 where
    windows end on a Sunday and people adopt on working days: then the pressure of the window is that of so many days earlier.

    With S local adopters in the window and Λ the pressure of all adopters: R ~ Gamma(1 + S/φ, rate 0.2 + Λ/φ). S is the
    attributed (lo), with the unattributed (hi), or with these in so far as the known are local (mar: missing at random);
    where S is 0 the lower end is 0. φ is over_dispersion at R = S/Λ and k. k comes from at least 100 adopters watched for
    99 % of the generation interval (and from their all but sure offspring, where these are 100 or more); else it is 0.5,
    marked assumed. So is the generation interval below 30 pairs. Intrinsic R divides by the share not yet adopted, weighted
    by the pressure of each day; the verdict falls on its ends.

    Refused, in this order: a source's completeness moved by more than 15 points; everybody has adopted; Λ < 5; S/φ < 11 for
    the widest S (hi), unless at least 11/φ adopted and hi's upper end stays below 1 with φ taken at R = 1: under so much
    pressure, few is the answer. `mar` alone is refused where fewer than half of the window's adopters have a known origin.
    Raises ValueError on unequal lengths, an unknown kind, a pair outside the arrays, a window that ends before it starts.
    Sources: Cori et al. 2013; Thompson et al. 2019; Lloyd-Smith et al. 2005 (see reproduction.py).
    """
    day, what = checked_adopters(adopted_day, kind)
    if last_day < first_day:
        raise ValueError("a window cannot end before it starts")
    if not eligible > 0:
        raise ValueError("nobody might adopt")
    sources = weigh_sources(day, what, pairs, last_day=last_day, longest=longest)
    k, k_low, k_high, assumed, followed = _dispersion(day, sources, last_day)
    inside = (day >= first_day) & (day <= last_day)
    attributed, imported, unattributed = (int(np.count_nonzero(inside & (what == one))) for one in KINDS)
    known = attributed + imported
    local = attributed + unattributed * attributed / known if known else 0.0
    window = _Window(day[day <= last_day], first_day - held, last_day - held, eligible, adopters, k, confidence)

    def bounds(generation: Generation) -> tuple[Bound, Bound, Bound]:
        return (
            window.bound(attributed, generation.weights),
            window.bound(local, generation.weights),
            window.bound(attributed + unattributed, generation.weights),
        )

    felt, left = window.pressure(sources.generation.weights)
    total = known + unattributed
    refused = _shifted(completeness or {}) or (EVERYBODY if left <= 0 else FEW_EARLIER if felt < ENOUGH_PRESSURE else None)
    lo, mar, hi = bounds(sources.generation) if refused is None else (None, None, None)
    if hi is not None and hi.local / hi.phi < ENOUGH_LOCAL and not window.rules_out(hi, total, sources.generation.weights):
        refused, lo, mar, hi = FEW_LOCAL, None, None, None
    mar_refused = refused or (FEW_KNOWN if total == 0 or known / total < ENOUGH_KNOWN else None)
    told_mar = mar if mar_refused is None else None
    others: list[Sensitivity] = []
    if sources.generation.assumed and hi is not None:
        for factor in (0.5, 2.0):
            other = bounds(assumed_interval(ASSUMED[0] * factor, ASSUMED[1] * factor, longest=round(longest * factor)))
            others.append(Sensitivity(factor, other[0], other[1] if told_mar else None, other[2]))
    return Spread(
        first_day=first_day, last_day=last_day, adopters=total, attributed=attributed, imported=imported,
        unattributed=unattributed, known_share=known / total if total else None, pressure=felt, susceptible=left,
        generation=sources.generation, k=k, k_low=k_low, k_high=k_high, k_assumed=assumed, followed=followed,
        lo=lo, mar=told_mar, hi=hi, verdict=_word(lo, told_mar, hi) if lo and hi else None, refused=refused,
        mar_refused=mar_refused, sensitivity=tuple(others),
    )  # fmt: skip


@dataclass(frozen=True)
class _Window:
    """The days whose pressure counts, with everybody who had adopted by the end of those that are told of."""

    day: Ints
    first_day: int
    last_day: int
    eligible: float
    adopters: float | None
    k: float
    confidence: float

    @property
    def origin(self) -> int:
        return min(int(self.day.min()), self.first_day) if self.day.size else self.first_day

    @property
    def cases(self) -> Floats:
        cases = np.bincount(self.day - self.origin, minlength=self.last_day - self.origin + 1).astype(np.float64)
        return cases[: self.last_day - self.origin + 1]

    def pressure(self, weights: Floats) -> tuple[float, float]:
        """The pressure summed over the window, and the share left to adopt, weighted by it."""
        cases = self.cases
        felt = pressure(cases, weights)[self.first_day - self.origin :]
        before = (np.cumsum(cases) - cases)[self.first_day - self.origin :]
        if self.adopters is not None:
            before = np.full_like(before, self.adopters)
        left = 1 - before / self.eligible
        total = float(felt.sum())
        return total, float(felt @ left) / total if total > 0 else float(left[0])

    def phi(self, weights: Floats, mean: float) -> float:
        start, end = self.first_day - self.origin, self.last_day - self.origin
        return over_dispersion(self.cases, weights, start, end, mean=mean, k=self.k)

    def bound(self, local: float, weights: Floats) -> Bound:
        """R with so many local adopters."""
        felt, left = self.pressure(weights)
        phi = self.phi(weights, local / felt if felt > 0 else 0.0)
        value, low, high = _posterior(local / phi, felt / phi, self.confidence)
        low = low if local > 0 else 0.0
        return Bound(float(local), phi, Range(value, low, high), Range(value / left, low / left, high / left))

    def rules_out(self, hi: Bound, total: int, weights: Floats) -> bool:
        """Whether few local adopters are an answer: had R been 1, more would have come."""
        felt, left = self.pressure(weights)
        phi = self.phi(weights, left)
        return total / phi >= ENOUGH_LOCAL and _posterior(hi.local / phi, felt / phi, self.confidence)[2] / left < 1


def _posterior(local: float, felt: float, confidence: float) -> Range:
    shape, rate = PRIOR_SHAPE + local, PRIOR_RATE + felt
    low, high = special.gammaincinv(shape, [(1 - confidence) / 2, (1 + confidence) / 2]) / rate
    return Range(shape / rate, float(low), float(high))


def _word(lo: Bound, mar: Bound | None, hi: Bound) -> str:
    ends = [(b.intrinsic.low, b.intrinsic.high) if b else None for b in (lo, mar, hi)]
    return verdict(ends[0] or (0.0, 0.0), ends[1], ends[2] or (0.0, 0.0))


def _shifted(completeness: Mapping[str, tuple[float, float]]) -> str | None:
    """Which source's record changed by too much between the windows; the one that changed most."""
    by = sorted((-abs(now - before), source, before, now) for source, (before, now) in completeness.items())
    if not by or -by[0][0] <= SHIFT + 1e-9:
        return None
    _, source, before, now = by[0]
    return SHIFTED.format(source=source, before=before, now=now)


def _dispersion(day: Ints, sources: Sources, last_day: int) -> tuple[float, float | None, float | None, bool, int]:
    """k with its interval, whether it is assumed, and from how many adopters it comes."""
    watched = day <= last_day - sources.generation.within(FOLLOWED)
    followed = int(np.count_nonzero(watched))
    if followed >= ENOUGH_FOLLOWED:
        # Sources that are sure are a random part of all, and a random part of a negative binomial keeps its k; those that
        # are merely likelier than others spread offspring too evenly.
        counts = offspring_of(sources.parents(day.size, believed=SURE))[watched]
        if counts.sum() < ENOUGH_SURE:
            counts = offspring_of(sources.parents(day.size))[watched]
        if counts.any():
            _, k, low, high = offspring_dispersion(counts)
            return k, low, high, False, followed
    return ASSUMED_K, None, None, True, followed
