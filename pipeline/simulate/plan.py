"""Who writes on which day: the announcements, everybody's first days, what champions stir, and what the keen write anyway.

Belongs here: the plan of a day's writers, and how likely each was to write. Does not: what they write (network.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.department import Flags, Floats, Ints
from pipeline.simulate.organisation import NEVER
from pipeline.simulate.spread import Spread, World

AT_ONCE = 4096  # people whose days are weighed together: memory stays small for the largest department
WEEKEND = 0.05
WORKING_DAYS_A_MONTH = 20


@dataclass(frozen=True)
class Plan:
    """Room for each message: who, on which day, what for ("" leaves it open); and what the open ones rest on."""

    person: Ints
    day: Ints
    purpose: list[str]
    accounts: Flags
    rate: float  # open messages for one expected contributory day


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
    accounts = (rng.random(len(people)) < 0.8) | (state.taken_up < department.days)
    accounts[comms] = True
    accounts[person] = True
    more, later, total = _open(world, accounts, department.messages - len(person), rng)
    return Plan(
        np.concatenate([person, more]), np.concatenate([days, later]), purpose + [""] * len(more), accounts,
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
    """The day from which each team has a champion, and each team that has none a champion in its directorate."""
    people, state = world.people, world.spread
    own = np.full(len(people.team_names), NEVER)
    np.minimum.at(own, people.team, state.begun)
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
    workdays = np.flatnonzero(world.clock.working)
    persons: list[Ints] = []
    days: list[Ints] = []
    for since, rate in zip(stirred_from(world), stirring(world), strict=True):
        begun = np.searchsorted(workdays, since[world.people.team])
        left = len(workdays) - begun
        many = rng.poisson(rate * left)
        person = np.repeat(np.arange(len(left)), many)
        persons.append(person)
        days.append(workdays[begun[person] + (rng.random(len(person)) * left[person]).astype(np.int64)])
    person, day = np.concatenate(persons), np.concatenate(days)
    people, state = world.people, world.spread
    here = (day >= people.started[person]) & (day <= people.left[person]) & ~world.away[person, day] & ~state.champion[person]
    here &= ~(state.quiet_team[people.team[person]] & (day >= state.quiet_from))
    order = rng.permutation(np.flatnonzero(here))
    return person[order], day[order]


def expected(world: World, state: Spread, who: slice) -> Floats:
    """Contributory days that people would have of themselves: people x days."""
    active = state.active(world.people, world.department.days, world.away, who, world.department.spread.lagging)
    return active * np.where(world.clock.working, 1.0, WEEKEND)


def _open(world: World, accounts: Flags, many: int, rng: np.random.Generator) -> tuple[Ints, Ints, float]:
    """Who else writes when, drawn by what each is expected to write; and the sum of all that is expected."""
    count, days = len(accounts), world.department.days
    chunks = [slice(n, min(n + AT_ONCE, count)) for n in range(0, count, AT_ONCE)]
    sums = np.array([float((expected(world, world.spread, c) * accounts[c, None]).sum()) for c in chunks])
    persons, on = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for chunk, n in zip(chunks, rng.multinomial(many, sums / sums.sum()).tolist(), strict=True):
        total = np.cumsum(expected(world, world.spread, chunk) * accounts[chunk, None])
        cells = np.searchsorted(total, rng.random(n) * total[-1], side="right")
        persons.append(chunk.start + cells // days)
        on.append(cells % days)
    return np.concatenate(persons), np.concatenate(on), float(sums.sum())
