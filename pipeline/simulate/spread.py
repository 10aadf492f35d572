"""How the habit spreads: who takes up the network, on which day, and because of whom.

Belongs here: the contact graph and the branching process over it, with its parameters known to the truth.
Does not: what people then write (network.py).

Champions start on staggered days. Whoever has taken up the network wins over a negative binomial number of contacts
(mean `reproduction`, dispersion `dispersion`), each after a gamma waiting time; a contact who already takes part, has
left or would never take part is an attempt without effect. Broadcasts bring some people in without any contact.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.simulate.department import Clock, Department, Dice, Flags, Floats, Ints
from pipeline.simulate.organisation import NEVER, People, found

WAIT_DAYS, WAIT_SPREAD = 10.0, 7.0
NEVER_WILLING = 0.28
ROLL_OUT = 0.8
LAGGING, QUIET = 0.3, 0.04
TEAMMATES, COLLEAGUES, ANYBODY = 5, 3, 2


@dataclass
class Spread:
    """Who takes part from when (`taken_up`, NEVER: not at all), because of whom (-1: nobody), and how keenly."""

    taken_up: Ints
    source: Ints
    how: list[str]
    champion: Flags
    keenness: Floats
    lapsed: Ints
    contacts: Ints
    lagging: list[int]
    quiet: int
    quiet_from: int
    broadcasts: list[int]

    def active(self, people: People, days: int) -> Floats:
        """Expected contributory days: people x days, 0 where somebody is away, not yet won over or lapsed."""
        day = np.arange(days)
        on = (day >= self.taken_up[:, None]) & (day < self.lapsed[:, None])
        rate: Floats = np.where(on, self.keenness[:, None], 0.006)
        there = (day >= people.started[:, None]) & (day <= people.left[:, None])
        home = people.team_directorate[people.team]
        fell_quiet = (home == self.quiet)[:, None] & (day >= self.quiet_from)
        slow = np.isin(home, self.lagging)[:, None] & ~on
        return rate * there * np.where(fell_quiet, QUIET, 1.0) * np.where(slow, LAGGING, 1.0)


@dataclass(frozen=True)
class World:
    """The department, its people, its days, and who takes part in the network: all that a source needs to know."""

    department: Department
    people: People
    clock: Clock
    spread: Spread


def imagine(department: Department) -> World:
    """Everything that follows from the parameters before anybody has written, read or learned anything."""
    people, clock = found(department), Clock(department)
    return World(department, people, clock, spread(department, people, clock))


def spread(department: Department, people: People, clock: Clock) -> Spread:
    """The whole history of adoption, deterministic for a department."""
    rng = department.chance("spread")
    dice = Dice(rng)
    count = len(people)
    contacts = _contacts(people, rng)
    home = people.team_directorate[people.team]
    quiet = department.directorates - 1
    lagging = list(range(1, 1 + max(1, department.directorates // 4)))
    champion = np.zeros(count, dtype=bool)
    champion[_champions(department, people, rng)] = True
    unwilling = rng.random(count) < NEVER_WILLING
    unwilling[champion] = False
    keen = np.where(champion, 0.55, 0.28) * rng.gamma(2.0, 0.5, count)
    state = Spread(
        taken_up=np.full(count, NEVER), source=np.full(count, -1), how=[""] * count, champion=champion,
        keenness=np.clip(keen, 0.12, 0.95), lapsed=np.full(count, NEVER), contacts=contacts, lagging=lagging,
        quiet=quiet, quiet_from=round(department.days * 0.62),
        broadcasts=sorted({_workday(clock, int((department.weeks - 1) * share) * 7) for share in (0.1, 0.4, 0.7)}),
    )  # fmt: skip

    queue: list[tuple[int, int, int, int, str]] = []
    for number, person in enumerate(np.flatnonzero(champion).tolist()):
        start = round(department.days * ROLL_OUT * number / department.champions)
        queue.append((_workday(clock, start), number, person, -1, "champion"))
    for day in state.broadcasts:
        for person in rng.choice(count, max(1, round(count * 0.006)), replace=False).tolist():
            queue.append((_workday(clock, day + dice.below(6)), len(queue), person, -1, "broadcast"))
    heapq.heapify(queue)

    order = len(queue)
    shape, scale = (WAIT_DAYS / WAIT_SPREAD) ** 2, WAIT_SPREAD**2 / WAIT_DAYS
    while queue:
        day, _, person, source, how = heapq.heappop(queue)
        if day >= department.days:
            break
        employed = people.started[person] <= day < people.left[person]
        if state.taken_up[person] != NEVER or unwilling[person] or not employed:
            continue
        if champion[person] and how != "champion":
            continue
        state.taken_up[person], state.source[person], state.how[person] = day, source, how
        if not champion[person] and dice.roll() < 0.15:
            state.lapsed[person] = day + 28 + int(dice.wait(40))
        mean = department.reproduction * (1.6 if champion[person] else 1.0)
        mean *= LAGGING if home[person] in lagging else 1.0
        if home[person] == quiet and day >= state.quiet_from:
            mean *= QUIET
        won = int(rng.poisson(rng.gamma(department.dispersion, mean / department.dispersion)))
        for _ in range(won):
            wait = max(1, round(float(rng.gamma(shape, scale))))
            target = int(contacts[person, dice.below(contacts.shape[1])])
            heapq.heappush(queue, (_workday(clock, day + wait), order, target, person, "peer"))
            order += 1
    return state


def _workday(clock: Clock, day: int) -> int:
    """The day itself or the next working day; past the end of the calendar as it is."""
    while day < len(clock.working) and not clock.working[day]:
        day += 1
    return day


def _champions(department: Department, people: People, rng: np.random.Generator) -> Ints:
    """One each from as many teams as there are champions; never the chief executive, few from lagging directorates."""
    eligible = np.flatnonzero((people.started < 0) & (people.left == NEVER))
    eligible = eligible[eligible != people.leader]
    shuffled = rng.permutation(eligible)
    _, first_of_team = np.unique(people.team[shuffled], return_index=True)
    one_each = shuffled[np.sort(first_of_team)]
    rest = shuffled[~np.isin(shuffled, one_each)]
    return np.concatenate([one_each, rest])[: department.champions]


def _contacts(people: People, rng: np.random.Generator) -> Ints:
    """Ten contacts each: teammates, people of the directorate, anybody. Some come twice: closer contacts."""
    count = len(people)
    home = people.team_directorate[people.team]
    columns = [_among(people.team, rng) for _ in range(TEAMMATES)]
    columns += [_among(home, rng) for _ in range(COLLEAGUES)]
    columns += [rng.integers(0, count, count) for _ in range(ANYBODY)]
    return np.stack(columns, axis=1)


def _among(group: Ints, rng: np.random.Generator) -> Ints:
    """For everybody a random member of the same group."""
    order = np.argsort(group, kind="stable")
    size = np.bincount(group)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    picked: Ints = order[start[group] + (rng.random(len(group)) * size[group]).astype(np.int64)]
    return picked


def truth(world: World) -> dict[str, Any]:
    """What really happened, for tests and the coverage bars."""
    department, people, state = world.department, world.people, world.spread
    adopters = np.flatnonzero(state.taken_up < department.days).tolist()
    return {
        "reproduction": department.reproduction, "dispersion": department.dispersion,
        "wait_days": WAIT_DAYS, "wait_spread_days": WAIT_SPREAD, "never_willing_share": NEVER_WILLING,
        "lagging_directorates": [people.directorate_names[d] for d in state.lagging],
        "quiet_directorate": people.directorate_names[state.quiet],
        "quiet_from": department.day(state.quiet_from).isoformat(),
        "champions": [people.staff_id[p] for p in np.flatnonzero(state.champion).tolist()],
        "taken_up": [
            {
                "staff_id": people.staff_id[p], "day": _day(department, int(state.taken_up[p])),
                "how": state.how[p],
                "because_of": people.staff_id[state.source[p]] if state.source[p] >= 0 else None,
                "lapsed": _day(department, int(state.lapsed[p])),
            }
            for p in adopters
        ],
    }  # fmt: skip


def _day(department: Department, number: int) -> str | None:
    return department.day(number).isoformat() if number < department.days else None
