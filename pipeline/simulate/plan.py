"""Who writes on which day: the announcements, everybody's first days, what champions stir, and what the keen write anyway.

Belongs here: the plan of a day's writers, and how likely each was to write. Does not: what they write (network.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.department import Floats, Ints
from pipeline.simulate.organisation import NEVER
from pipeline.simulate.spread import Spread, World

AT_ONCE = 4096  # people whose days are weighed together: memory stays small for the largest department
WEEKEND = 0.05
WORKING_DAYS_A_MONTH = 20


@dataclass(frozen=True)
class Plan:
    """Room for each message: who, on which day, what for ("" leaves it open); and what the open ones rest on.

    `account_from` is the day from which each has an account, NEVER for none: most from the first day, others from the day
    on which they take up the network or are stirred.
    """

    person: Ints
    day: Ints
    purpose: list[str]
    account_from: Ints
    rate: float  # open messages for one expected contributory day

    def unstirred(self, state: Spread) -> Ints:
        """The day from which each would have an account where `state` takes part and no champion stirs anybody."""
        day: Ints = np.where(self.account_from == 0, 0, state.taken_up)
        return day


def plan(world: World, comms: list[int], rng: np.random.Generator) -> Plan:
    """As many places as the department asks for messages, planned ones first."""
    department, people, state, working = world.department, world.people, world.spread, world.clock.working
    who: list[int] = []
    when: list[int] = []
    for day in sorted({*state.broadcasts, *range(0, department.days, 7)}):
        there = [p for p in comms if people.present(day)[p]]
        if there and working[day]:
            who.append(there[len(who) % len(there)])
            when.append(day)
    announced = len(who)
    begin, first = first_days(world, state)
    stirred, on = _stirred(world, rng)
    room = department.messages // 2
    person = np.concatenate([np.array(who, dtype=np.int64), begin, stirred])[:room]
    days = np.concatenate([np.array(when, dtype=np.int64), first, on])[:room]
    purpose = (["announcement"] * announced + ["first days"] * len(begin) + ["stirred"] * len(stirred))[:room]
    account_from = np.where(rng.random(len(people)) < 0.8, 0, state.taken_up)
    account_from[comms] = 0
    np.minimum.at(account_from, person, np.maximum(days, 1))
    more, later, total = _open(world, account_from, department.messages - len(person), rng)
    return Plan(
        np.concatenate([person, more]), np.concatenate([days, later]), purpose + [""] * len(more), account_from,
        len(more) / total if total else 0.0,
    )  # fmt: skip


def first_days(world: World, state: Spread) -> tuple[Ints, Ints]:
    """Whoever begins writes on that day and on two more working days soon after: (person, day)."""
    workdays = np.flatnonzero(world.clock.working)
    starters = np.flatnonzero(state.taken_up < world.department.days)
    place = np.searchsorted(workdays, state.taken_up[starters])
    drawn = world.department.chance("first days").geometric(0.4, (len(state.taken_up), 2))
    gaps = np.cumsum(drawn[starters], axis=1)
    places = np.concatenate([place[:, None], place[:, None] + gaps], axis=1).ravel()
    person = np.repeat(starters, 3)
    fits = places < len(workdays)
    person, day = person[fits], workdays[places[fits]]
    here = (day <= world.people.left[person]) & ~world.away[person, day]
    return person[here], day[here]


def stirred_from(world: World) -> tuple[Ints, Ints]:
    """The day from which each team has had a champion, and each team that never has one a champion in its directorate.

    A champion who moves is the new team's from then on; what was stirred in the old one goes on.
    """
    people, begun = world.people, world.spread.begun
    own = np.full(len(people.team_names), NEVER)
    champions = np.flatnonzero(begun < NEVER)
    np.minimum.at(own, people.team_at(champions, begun[champions]), begun[champions])
    for moved, person, to in people.moves:
        if begun[person] < moved:
            own[to] = min(int(own[to]), moved)
    directorate = np.full(len(people.directorate_names), NEVER)
    np.minimum.at(directorate, people.team_directorate, own)
    return own, np.where(own < NEVER, NEVER, directorate[people.team_directorate])


def stirring(world: World) -> tuple[float, float]:
    """Messages a working day that a champion brings out of each team-mate, and of others in the directorate."""
    chosen = world.department.champions
    own = -float(np.log1p(-min(chosen.effect, 0.99))) / WORKING_DAYS_A_MONTH
    return own, own * chosen.spillover


def _stirred(world: World, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """What is written because of a champion by those who would not have otherwise."""
    people, state = world.people, world.spread
    workdays = np.flatnonzero(world.clock.working)
    persons: list[Ints] = []
    days: list[Ints] = []
    for since, rate in zip(stirred_from(world), stirring(world), strict=True):
        anybody = np.repeat(np.arange(len(people)), rng.poisson(rate * len(workdays), len(people)))
        anytime = workdays[rng.integers(0, len(workdays), len(anybody))]
        begun = anytime >= since[people.team_at(anybody, anytime)]
        persons.append(anybody[begun])
        days.append(anytime[begun])
    person, day = np.concatenate(persons), np.concatenate(days)
    here = (day >= people.started[person]) & (day <= people.left[person]) & ~world.away[person, day] & ~state.champion[person]
    here &= ~(state.quiet_team[people.team[person]] & (day >= state.quiet_from))
    order = rng.permutation(np.flatnonzero(here))
    return person[order], day[order]


def expected(world: World, state: Spread, account_from: Ints, who: slice) -> Floats:
    """Contributory days that people would have of themselves, people x days; none before they have an account."""
    able = np.arange(world.department.days) >= account_from[who, None]
    active = state.active(world.people, world.department.days, world.away, who, world.department.spread.lagging)
    return active * able * np.where(world.clock.working, 1.0, WEEKEND)


def _open(world: World, account_from: Ints, many: int, rng: np.random.Generator) -> tuple[Ints, Ints, float]:
    """Who else writes when, drawn by what each is expected to write; and the sum of all that is expected."""
    count, days = len(account_from), world.department.days
    chunks = [slice(n, min(n + AT_ONCE, count)) for n in range(0, count, AT_ONCE)]
    sums = np.array([float(expected(world, world.spread, account_from, c).sum()) for c in chunks])
    persons, on = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for chunk, n in zip(chunks, rng.multinomial(many, sums / sums.sum()).tolist(), strict=True):
        total = np.cumsum(expected(world, world.spread, account_from, chunk))
        cells = np.searchsorted(total, rng.random(n) * total[-1], side="right")
        persons.append(chunk.start + cells // days)
        on.append(cells % days)
    return np.concatenate(persons), np.concatenate(on), float(sums.sum())
