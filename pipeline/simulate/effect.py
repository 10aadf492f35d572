"""What champions did to their teams: how likely everybody was to write in a block, with champions and without.

Belongs here: the true effect, from the same world told twice. Does not: an estimate of it (pipeline/estimate).

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
class Effect:
    """By team and block of 28 days: people on the roster, and how many of them are expected to write in public.

    `stirred` is with whoever takes part as it was, but nobody stirred: the direct effect is `active - stirred`.
    """

    blocks: list[int]  # first day number of each
    since: Ints  # of each team: the day from which it has a champion, NEVER for none
    people: Ints  # teams x blocks, as the next three
    active: Floats
    unstirred: Floats
    without: Floats


def blocks_of(world: World) -> list[int]:
    """First day numbers of the complete blocks of 28 days; the calendar ends with one."""
    return list(range(world.department.days % 28, world.department.days, 28))


def effect(world: World, talk: Network) -> Effect:
    """The expected number of writers in each team and block, as it was and without champions."""
    department, people, blocks = world.department, world.people, blocks_of(world)
    otherwise = spread(department, people, world.clock, world.absences, champions=False)
    since, near = stirred_from(world)
    teams = len(people.team_names)
    shape = (teams, len(blocks))
    sums = [np.zeros(shape) for _ in range(3)]
    here = np.zeros(shape, dtype=np.int64)
    begun, begun_otherwise = (_began(world, state) for state in (world.spread, otherwise))
    for start in range(0, len(people), AT_ONCE):
        who = slice(start, min(start + AT_ONCE, len(people)))
        team = people.team[who]
        stirs = _stirs(world, since, near, who)
        worlds = ((world.spread, begun, stirs), (world.spread, begun, 0.0 * stirs), (otherwise, begun_otherwise, 0.0 * stirs))
        rates = {id(state): _rates(world, talk, state, who) for state, _, _ in worlds}
        employed = np.stack([people.present(day)[who] for day in blocks], axis=1) if blocks else np.zeros((len(team), 0), bool)
        np.add.at(here, team, employed.astype(np.int64))
        for total, (state, first, more) in zip(sums, worlds, strict=True):
            quiet = np.exp(-rates[id(state)] - more) * ~first[who]
            np.add.at(total, team, (1 - quiet) * employed)
    return Effect(blocks, since, here, *sums)


def _in_blocks(world: World, daily: Floats) -> Floats:
    lead = world.department.days % 28
    whole = daily[:, lead:]
    summed: Floats = whole.reshape(len(whole), -1, 28).sum(axis=2)
    return summed


def _rates(world: World, talk: Network, state: Spread, who: slice) -> Floats:
    """Public messages that each is expected to write of themselves in each block."""
    own = expected(world, state, who) * talk.accounts[who, None]
    return _in_blocks(world, own) * talk.plan.rate * talk.open_share


def _stirs(world: World, since: Ints, near: Ints, who: slice) -> Floats:
    """Messages that a champion brings out of each in each block; of champions themselves none."""
    people, state = world.people, world.spread
    day = np.arange(world.department.days)
    team = people.team[who]
    there = world.clock.working & ~world.away[who] & (day >= people.started[who, None]) & (day <= people.left[who, None])
    there &= ~(state.quiet_team[team][:, None] & (day >= state.quiet_from)) & ~state.champion[who, None]
    own, others = stirring(world)
    daily = own * (day >= since[team][:, None]) + others * (day >= near[team][:, None])
    return _in_blocks(world, daily * there)


def _began(world: World, state: Spread) -> Flags:
    """Who is in the first days of taking part in which block: people x blocks."""
    blocks = blocks_of(world)
    flags: Flags = np.zeros((len(world.people), len(blocks)), dtype=bool)
    person, day = first_days(world, state)
    block = (day - world.department.days % 28) // 28
    inside = block >= 0
    flags[person[inside], block[inside]] = True
    return flags


def never(since: Ints) -> Flags:
    """Which teams never have a champion."""
    found: Flags = since >= NEVER
    return found
