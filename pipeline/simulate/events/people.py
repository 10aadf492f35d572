"""Who works where from when to when, who knows whom, and which days are working days.

Belongs here: what is settled before anybody adopts. Does not: adoption (spread.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.simulate.clock import bank_holidays
from pipeline.simulate.events.scenario import Scenario
from pipeline.simulate.names import GRADE_SHARES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
NEVER = 10**6


@dataclass(frozen=True)
class People:
    """Everybody who is ever on the roster, by number; days count from 0, `left` is the first day without them."""

    team: Ints
    directorate: Ints
    grade: Ints
    joined: Ints
    left: Ints

    def __len__(self) -> int:
        return len(self.team)


def found(scenario: Scenario, rng: np.random.Generator) -> People:
    """The staff of the first day, and who joins and leaves until the last."""
    share = rng.lognormal(0, scenario.roster.team_spread, scenario.teams)
    exact = share / share.sum() * (scenario.staff - 3 * scenario.teams)
    size = 3 + exact.astype(np.int64)
    size[np.argsort(np.floor(exact) - exact, kind="stable")[: scenario.staff - int(size.sum())]] += 1
    parent = np.sort(np.concatenate([
        np.arange(scenario.directorates), rng.integers(0, scenario.directorates, scenario.teams - scenario.directorates)
    ]))  # fmt: skip
    joiners = int(scenario.staff * scenario.roster.joining * (scenario.weeks - 1))
    leavers = min(int(scenario.staff * scenario.roster.leaving * scenario.weeks), scenario.staff)
    team = np.concatenate([np.repeat(np.arange(scenario.teams), size), rng.integers(0, scenario.teams, joiners)])
    joined = np.concatenate([-rng.integers(60, 9000, scenario.staff), 7 * rng.integers(1, max(scenario.weeks, 2), joiners)])
    left = np.full(len(team), NEVER, dtype=np.int64)
    left[rng.choice(scenario.staff, leavers, replace=False)] = rng.integers(1, scenario.days + 1, leavers)
    shares = np.array(GRADE_SHARES, dtype=np.float64)
    grade = rng.choice(len(shares), size=len(team), p=shares / shares.sum())
    return People(team, parent[team], grade, joined, left)


def workdays(scenario: Scenario) -> Ints:
    """For each day, and the days after the end, the working day on which something planned for it takes place."""
    length = scenario.days + 400
    first = scenario.first_day
    holidays = {h for year in range(first.year, first.year + length // 365 + 2) for h in bank_holidays(year)}
    days = np.arange(length)
    working = days % 7 < 5
    off = np.array([(h - first).days for h in holidays])
    working[off[(off >= 0) & (off < length)]] = False
    last_working = days[working][-1]
    following: Ints = np.minimum.accumulate(np.where(working, days, last_working)[::-1])[::-1]
    return following if scenario.working_days else days


def meet(scenario: Scenario, people: People, keen: Floats, rng: np.random.Generator) -> Ints:
    """Everybody's contacts, people x contacts, by number; -1 where somebody would be their own contact."""
    wanted = scenario.contacts
    alike = scenario.own.alike if scenario.own else 0.0
    columns = [among(people.team, rng) for _ in range(wanted.teammates)]
    if alike:
        columns = [np.where(rng.random(len(people)) < alike, beside(people.team, keen, n, rng), c) for n, c in enumerate(columns)]
    columns += [among(people.directorate, rng) for _ in range(wanted.colleagues)]
    columns += [rng.integers(0, len(people), len(people)) for _ in range(wanted.anybody)]
    if not columns:
        return np.empty((len(people), 0), dtype=np.int64)
    contacts = np.stack(columns, axis=1)
    contacts[contacts == np.arange(len(people))[:, None]] = -1
    return contacts


def among(group: Ints, rng: np.random.Generator) -> Ints:
    """For everybody a random member of the same group, themselves included."""
    order = np.argsort(group, kind="stable")
    size = np.bincount(group)
    start = np.cumsum(size) - size
    picked: Ints = order[start[group] + (rng.random(len(group)) * size[group]).astype(np.int64)]
    return picked


def beside(group: Ints, keen: Floats, steps: int, rng: np.random.Generator) -> Ints:
    """For everybody the member of the same group who is next in keenness, a few steps up or down; wraps round."""
    order = np.lexsort((keen, group))
    size = np.bincount(group)
    start = np.cumsum(size) - size
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group))
    step = (1 + steps // 2) * rng.choice((-1, 1), len(group))
    picked: Ints = order[start[group] + (place - start[group] + step) % size[group]]
    return picked


def ties(scenario: Scenario, contacts: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Directed ties (ego, alter), each once, in order: ego addresses alter, so whoever has a contact is addressed by it."""
    alter = np.repeat(np.arange(len(contacts)), contacts.shape[1])
    ego = contacts.ravel()
    there = ego >= 0
    ego, alter = ego[there], alter[there]
    back = rng.random(len(ego)) < scenario.contacts.mutual
    pairs = np.unique(np.stack([np.concatenate([ego, alter[back]]), np.concatenate([alter, ego[back]])], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]
