"""How likely everybody was to do anything at all in a block of 28 days, whatever the source: with champions and without.

Belongs here: the chances that each source's own mechanism gives, put together, and their sums over teams. Does not: those
mechanisms (plan.py, chats.py, intranet.py, learning.py), or writing in public alone (effect.py).

Each source tells how many occasions are expected of everybody; those of one person come independently of each other.
Reading does not follow from who takes part, so it is the same without champions; learning, chats and writing do, and the
champions' own sessions would not have been held.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.simulate import chats, learning
from pipeline.simulate.cascade import Lesson
from pipeline.simulate.chats import Chat
from pipeline.simulate.department import Floats, Ints
from pipeline.simulate.effect import Writing, by_team, likely
from pipeline.simulate.intranet import Reading
from pipeline.simulate.learning import Event
from pipeline.simulate.network import Network
from pipeline.simulate.spread import Spread, World


@dataclass(frozen=True)
class Activity:
    """By team and block of 28 days: people on the roster, and how many of them are expected to have done something.

    `anything` on any source; `reached` of their own accord; `taking_part` by writing something that others could read.
    `without`: anything, had there been no champion. Teams x blocks. A person counts for the team of the block's first day.
    """

    people: Floats
    anything: Floats
    reached: Floats
    taking_part: Floats
    without: Floats


@dataclass(frozen=True)
class Doings:
    """Occasions that are expected of each in each block, people x blocks; infinite where something is certain."""

    said: Floats
    of_own_accord: Floats
    obliged: Floats


def activity(
    world: World, talk: Network, written: Writing, webchats: list[Chat], meetings: list[Chat], taught: list[Lesson],
    events: list[Event], reading: Reading,
) -> Activity:  # fmt: skip
    """The expected number of active people in each team and block, as it was and without champions."""

    def doings(state: Spread, account_from: Ints, messages: Floats) -> Doings:
        said = messages + chats.expected(world, talk, webchats, state, account_from)
        said += chats.expected(world, talk, meetings, state, account_from, told=1 - chats.UNPUBLISHED)
        learned, obliged = learning.expected(world, state, events)
        return Doings(said + _announced(world, talk), learned + reading.sittings, obliged)

    announced = _announced(world, talk)
    was = doings(world.spread, talk.plan.account_from, written.as_it_was + announced)
    without = doings(written.otherwise, talk.plan.unstirred(written.otherwise), written.without + announced)
    free = was.said + was.of_own_accord + _taught(world, taught)
    chances = (free + was.obliged, free, was.said, without.said + without.of_own_accord + without.obliged)
    return Activity(*by_team(world, [likely(expected) for expected in chances]))


def _announced(world: World, talk: Network) -> Floats:
    """Who announced something in which block."""
    plan = talk.plan
    announced = [n for n, why in enumerate(plan.purpose) if why == "announcement"]
    return _certain(world, list(zip(plan.person[announced].tolist(), plan.day[announced].tolist(), strict=True)))


def _taught(world: World, taught: list[Lesson]) -> Floats:
    """Who held or went to a champion's session in which block."""
    held = [lesson for lesson in taught if lesson.day < world.department.days]
    return _certain(world, [(p, lesson.day) for lesson in held for p in (lesson.champion, lesson.pupil)])


def _certain(world: World, done: list[tuple[int, int]]) -> Floats:
    """People x blocks, infinite where somebody did something on a day."""
    found = np.zeros((len(world.people), len(world.department.blocks)))
    for person, day in done:
        block = (day - world.department.days % 28) // 28
        if block >= 0:
            found[person, block] = np.inf
    return found
