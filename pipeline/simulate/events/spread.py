"""Who adopts on which day, and truly because of whom.

Belongs here: every mechanism that makes people adopt, in one queue of attempts. Does not: what is seen of it (observe.py).

An attempt is (person, source, kind) on a day. The first that meets somebody who is employed, willing and has not
adopted makes them adopt; then their own attempts join the queue. All draws are made beforehand in blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.events.people import NEVER, Flags, Floats, Ints, People
from pipeline.simulate.events.scenario import Branching, Scenario

SEED, BROADCAST, PEER, EVENT, OWN, CURVE = range(6)
KINDS = ("seed", "broadcast", "peer", "team event", "own", "curve")
NOBODY = -1
Attempt = tuple[int, int, int]


@dataclass(frozen=True)
class Adoption:
    """For everybody the day of adoption (NEVER: not at all), the true source (NOBODY: none) and the kind (-1 where never).

    `tried` and `won` count, for each day, the attempts of adopters and those that won somebody over: the effective
    reproduction number of a stretch of days is the intrinsic one times won/tried.
    """

    day: Ints
    parent: Ints
    kind: Ints
    tried: Ints
    won: Ints


class _Plan:
    """The attempts of each day of the calendar; what falls after the last day is dropped."""

    def __init__(self, scenario: Scenario, following: Ints) -> None:
        self.days: list[list[Attempt]] = [[] for _ in range(scenario.days)]
        self._following: list[int] = following.tolist()

    def add(self, day: int, person: int, source: int, kind: int) -> None:
        if day < len(self.days):
            moved = self._following[day]
            if moved < len(self.days):
                self.days[moved].append((person, source, kind))


def spread(scenario: Scenario, people: People, contacts: Ints, keen: Floats, following: Ints, rng: np.random.Generator) -> Adoption:
    """The whole history of adoption. Raises ValueError where, without depletion, the staff are too few for it."""
    plan = _Plan(scenario, following)
    count = len(people)
    willing = np.ones(count, dtype=bool)
    if scenario.branching and scenario.branching.depletion:
        willing = rng.random(count) >= scenario.branching.unwilling
    _plan_seeds(scenario, people, plan, willing, rng)
    _plan_broadcast(scenario, people, plan, rng)
    _plan_events(scenario, people, plan, rng)
    _plan_own(scenario, people, keen, plan, rng)
    return _run(scenario, people, contacts, plan, willing, rng)


def _plan_seeds(scenario: Scenario, people: People, plan: _Plan, willing: Flags, rng: np.random.Generator) -> None:
    if scenario.seeds:
        there = np.flatnonzero((people.joined <= 0) & (people.left == NEVER))
        if len(there) < scenario.seeds.people:
            raise ValueError("more seeds than people who are there throughout")
        chosen = rng.choice(there, scenario.seeds.people, replace=False)
        willing[chosen] = True
        for n, person in enumerate(chosen.tolist()):
            plan.add(7 * scenario.seeds.weeks * n // scenario.seeds.people, person, NOBODY, SEED)


def _plan_broadcast(scenario: Scenario, people: People, plan: _Plan, rng: np.random.Generator) -> None:
    if scenario.broadcast:
        each_day = rng.poisson(scenario.broadcast.weekly / 7, scenario.days)
        order = rng.permutation(len(people))  # whom it reaches next, so that it goes on winning over as many a week
        if each_day.sum() > len(order):
            raise ValueError("the broadcast wins over more people than there are")
        days = np.repeat(np.arange(scenario.days), each_day)
        for day, person in zip(days.tolist(), order[: len(days)].tolist(), strict=True):
            plan.add(day, person, NOBODY, BROADCAST)


def _plan_events(scenario: Scenario, people: People, plan: _Plan, rng: np.random.Generator) -> None:
    if scenario.team_events:
        block = scenario.team_events
        for team, events in enumerate(rng.poisson(block.each, scenario.teams).tolist()):
            members = np.flatnonzero(people.team == team)
            for start in rng.integers(0, scenario.days, events).tolist():
                moved = members[rng.random(len(members)) < block.share]
                for person, after in zip(moved.tolist(), rng.integers(0, block.days, len(moved)).tolist(), strict=True):
                    plan.add(start + after, person, NOBODY, EVENT)


def _plan_own(scenario: Scenario, people: People, keen: Floats, plan: _Plan, rng: np.random.Generator) -> None:
    if scenario.own:
        rate = -np.log1p(-min(scenario.own.share, 1 - 1e-9)) / scenario.days * np.exp(keen)
        day = np.maximum(people.joined, 0) + rng.exponential(1, len(people)) / rate
        for person in np.flatnonzero(day < scenario.days).tolist():
            plan.add(int(day[person]), person, NOBODY, OWN)


def keenness(scenario: Scenario, people: People, rng: np.random.Generator) -> Floats:
    """The log of everybody's own rate of adopting: a team's, and a person's on top."""
    if not scenario.own:
        return np.zeros(len(people))
    team = rng.normal(0, 1, scenario.teams) * scenario.own.team_spread
    person = rng.normal(0, 1, len(people)) * scenario.own.personal_spread
    return team[people.team] + person


def _draw(block: Branching | None, contacts: Ints, rng: np.random.Generator) -> tuple[list[int], list[int], list[int]]:
    """For everybody, should they adopt, where their attempts begin and end, and of each attempt its wait and its target."""
    count = len(contacts)
    if block is None or block.reproduction == 0:
        return [0] * (count + 1), [], []
    mean: float | Floats = block.reproduction
    if np.isfinite(block.dispersion):
        mean = rng.gamma(block.dispersion, block.reproduction / block.dispersion, count)
    tries = rng.poisson(mean, count)
    ends = np.concatenate([[0], np.cumsum(tries)])
    shape, scale = (block.wait_mean / block.wait_sd) ** 2, block.wait_sd**2 / block.wait_mean
    wait = np.maximum(1, np.rint(rng.gamma(shape, scale, ends[-1]))).astype(np.int64)
    who = np.repeat(np.arange(count), tries)
    if contacts.shape[1] == 0:
        target = rng.integers(0, count, ends[-1])
    else:
        target = contacts[who, rng.integers(0, contacts.shape[1], ends[-1])]
    return ends.tolist(), wait.tolist(), target.tolist()


def _run(scenario: Scenario, people: People, contacts: Ints, plan: _Plan, willing: Flags, rng: np.random.Generator) -> Adoption:
    count, block = len(people), scenario.branching
    ends, waits, targets = _draw(block, contacts, rng)
    fresh = rng.permutation(count).tolist() if block and not block.depletion else []
    replace = bool(fresh)
    joined, left, will = people.joined.tolist(), people.left.tolist(), willing.tolist()
    when, parent, kind = [NEVER] * count, [NOBODY] * count, [-1] * count
    tried, won = [0] * scenario.days, [0] * scenario.days
    for day, attempts in enumerate(plan.days):
        tried[day] = sum(how == PEER for _, _, how in attempts)
        for person, source, how in attempts:
            if person < 0 or when[person] != NEVER or not joined[person] <= day < left[person] or not will[person]:
                if not replace or how != PEER:
                    continue
                person = _somebody(fresh, when, joined, left, day)  # noqa: PLW2901
            when[person], parent[person], kind[person] = day, source, how
            won[day] += how == PEER
            for n in range(ends[person], ends[person + 1]):
                plan.add(day + waits[n], targets[n], person, PEER)
    return Adoption(*(np.array(numbers, dtype=np.int64) for numbers in (when, parent, kind, tried, won)))


def _somebody(fresh: list[int], when: list[int], joined: list[int], left: list[int], day: int) -> int:
    """The next person of a random order who is there and has not adopted. Raises ValueError where there is none."""
    while fresh:
        person = fresh.pop()
        if when[person] == NEVER and joined[person] <= day < left[person]:
            return person
    raise ValueError("without depletion the spread has outgrown the staff: more staff, fewer weeks or fewer seeds")


def along_curve(scenario: Scenario, people: People, following: Ints, rng: np.random.Generator) -> Adoption:
    """Adoption along the scenario's curve: weekly counts around its increments, the rest later; people and days by lot."""
    block = scenario.saturation
    if block is None:
        raise ValueError("the scenario has no saturation curve")
    there = rng.permutation(np.flatnonzero((people.joined <= 0) & (people.left == NEVER)))
    total = min(round(block.ceiling * scenario.staff), len(there))
    expected = np.diff(reached(scenario, np.arange(scenario.weeks + 1)), append=1.0)
    if block.unevenness:  # of when, not of how many in the end
        shape = block.unevenness**-2
        expected[:-1] *= rng.gamma(shape, 1 / shape, scenario.weeks)
    weekly = rng.multinomial(total, expected / expected.sum())[:-1]
    week = np.repeat(np.arange(scenario.weeks), weekly)
    day = np.full(len(people), NEVER, dtype=np.int64)
    planned = 7 * week + rng.integers(0, 5, len(week))
    moved = following[planned]
    day[there[: len(week)]] = np.where(moved < 7 * week + 7, moved, planned)  # a week without a later working day keeps its own
    kind = np.where(day < NEVER, CURVE, -1)
    nothing = np.zeros(scenario.days, dtype=np.int64)
    return Adoption(day, np.full(len(people), NOBODY, dtype=np.int64), kind, nothing, nothing)


def reached(scenario: Scenario, week: Ints) -> Floats:
    """The share of the ceiling that the curve has reached after so many weeks; `seen` at the end, at most 0.995.

    Logistic: 1 / (1 + exp(-x)), x linear from logit(started) to logit(seen).
    Bass: (1 - e) / (1 + (q/p) e), e = exp(-(p + q) t), t scaled so that the end has `seen`.
    """
    block = scenario.saturation
    if block is None:
        raise ValueError("the scenario has no saturation curve")
    seen = min(block.seen, 0.995)
    passed = np.asarray(week, dtype=np.float64) / scenario.weeks
    if block.kind == "logistic":
        low, high = (np.log(s / (1 - s)) for s in (min(block.started, seen / 2), seen))
        line: Floats = 1 / (1 + np.exp(-(low + (high - low) * passed)))
        return line
    ratio = block.imitation / block.innovation
    last = -np.log((1 - seen) / (1 + seen * ratio))
    fallen = np.exp(-last * passed)
    curve: Floats = (1 - fallen) / (1 + ratio * fallen)
    return curve
