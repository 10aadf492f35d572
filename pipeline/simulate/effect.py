"""What champions did to their teams: how likely everybody was to write in a block, with champions and without.

Belongs here: the true effect on writing in public, from the same world told twice. Does not: on doing anything at all
(activity.py), or an estimate of it (pipeline/estimate).

The likelihood that somebody writes in public in a block of 28 days follows from the plan: those in their first days do;
what is open comes with a rate; what a champion stirs comes with another. Without champions nobody is stirred, and who
takes part follows from the same dice (spread.py), so that the difference is the whole effect, by way of winning over too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.department import Flags, Floats, Ints
from pipeline.simulate.network import Network
from pipeline.simulate.organisation import NEVER
from pipeline.simulate.plan import AT_ONCE, expected, first_days, stirred_from, stirring
from pipeline.simulate.spread import Spread, World, spread


@dataclass(frozen=True)
class Writing:
    """Public messages that each is expected to write in each block, people x blocks; infinite where it is certain.

    `as_it_was`; `unstirred` with whoever takes part and has an account as it was, but nobody stirred; `without` any
    champion, where `otherwise` takes part.
    """

    as_it_was: Floats
    unstirred: Floats
    without: Floats
    otherwise: Spread


@dataclass(frozen=True)
class Effect:
    """By team and block of 28 days: people on the roster, and how many of them are expected to write in public.

    The direct effect is `active - unstirred`, the whole one `active - without`.
    """

    blocks: list[int]  # first day number of each
    since: Ints  # of each team: the day from which it has had a champion, NEVER for none
    people: Ints  # teams x blocks, as the next three
    active: Floats
    unstirred: Floats
    without: Floats


def write_twice(world: World, talk: Network) -> Writing:
    """What is expected of everybody, as it was and without champions."""
    otherwise = spread(world.department, world.people, world.clock, world.absences, champions=False)
    own = _of_themselves(world, talk, world.spread, talk.plan.account_from)
    without = _of_themselves(world, talk, otherwise, talk.plan.unstirred(otherwise))
    return Writing(own + _stirred(world), own, without, otherwise)


def effect(world: World, written: Writing) -> Effect:
    """The expected number of writers in each team and block, as it was and without champions."""
    rows = (written.as_it_was, written.unstirred, written.without)
    since, _ = stirred_from(world)
    here, *sums = by_team(world, [likely(messages) for messages in rows])
    return Effect(world.department.blocks, since, here.astype(np.int64), *sums)


def likely(expected: Floats) -> Floats:
    """The chance of one or more where so many are expected, each by itself."""
    chance: Floats = -np.expm1(-expected)
    return chance


def by_team(world: World, chances: list[Floats]) -> list[Floats]:
    """People of each team and block (teams x blocks), and for each of the chances (people x blocks) their sum over these.

    A person counts for the team of the block's first day, and only where they are on the roster then.
    """
    people, blocks = world.people, world.department.blocks
    sums = [np.zeros((len(people.team_names), len(blocks))) for _ in range(1 + len(chances))]
    for place, day in enumerate(blocks):
        here, team = people.present(day), people.team_on(day)
        columns = [np.ones(len(people)), *(chance[:, place] for chance in chances)]
        for total, column in zip(sums, columns, strict=True):
            total[:, place] = np.bincount(team[here], weights=column[here], minlength=len(total))
    return sums


def in_blocks(world: World, daily: Floats) -> Floats:
    """Sums of daily numbers (people x days) over the blocks."""
    whole = daily[:, world.department.days % 28 :]
    summed: Floats = whole.reshape(len(whole), -1, 28).sum(axis=2)
    return summed


def _of_themselves(world: World, talk: Network, state: Spread, account_from: Ints) -> Floats:
    """Of themselves, where `state` takes part and each has an account from a day on; those in their first days do write."""
    found = np.zeros((len(world.people), len(world.department.blocks)))
    for who in _chunks(world):
        found[who] = in_blocks(world, expected(world, state, account_from, who)) * talk.plan.rate * talk.open_share
    found[_began(world, state)] = np.inf
    return found


def _stirred(world: World) -> Floats:
    """What a champion brings out of each; of champions themselves nothing."""
    people, state = world.people, world.spread
    since, near = stirred_from(world)
    own, others = stirring(world)
    day = np.arange(world.department.days)
    found = np.zeros((len(people), len(world.department.blocks)))
    for who in _chunks(world):
        team = people.team[who]
        daily = own * (day >= since[team][:, None]) + others * (day >= near[team][:, None])
        for moved, person, to in people.moves:
            if who.start <= person < who.stop:
                daily[person - who.start, moved:] = own * (day[moved:] >= since[to]) + others * (day[moved:] >= near[to])
        there = world.clock.working & ~world.away[who] & (day >= people.started[who, None]) & (day <= people.left[who, None])
        there &= ~(state.quiet_team[team][:, None] & (day >= state.quiet_from)) & ~state.champion[who, None]
        found[who] = in_blocks(world, daily * there)
    return found


def _chunks(world: World) -> list[slice]:
    count = len(world.people)
    return [slice(start, min(start + AT_ONCE, count)) for start in range(0, count, AT_ONCE)]


def _began(world: World, state: Spread) -> Flags:
    """Who is in the first days of taking part in which block: people x blocks."""
    flags: Flags = np.zeros((len(world.people), len(world.department.blocks)), dtype=bool)
    person, day = first_days(world, state)
    block = (day - world.department.days % 28) // 28
    inside = block >= 0
    flags[person[inside], block[inside]] = True
    return flags


def never(since: Ints) -> Flags:
    """Which teams never have a champion."""
    found: Flags = since >= NEVER
    return found
