"""How the habit spreads: who takes up the network, on which day, and because of whom.

Belongs here: the contact graph and the branching process over it, with its parameters known to the truth.
Does not: what people then write (plan.py, network.py).

Champions begin in waves. Whoever has taken up the network wins over a negative binomial number of contacts (mean
`reproduction`, dispersion `dispersion`), each after a gamma waiting time; a contact who already takes part, has left or
would never take part is an attempt without effect. Broadcasts bring some people in without any contact, and a few begin
alone. Everybody's fate comes from dice of their own, so that the same world can be told without its champions.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from pipeline.simulate.absence import Absences, absent
from pipeline.simulate.clock import Clock
from pipeline.simulate.department import Department, Flags, Floats, Ints
from pipeline.simulate.organisation import NEVER, People, found

TEAMMATES, COLLEAGUES, ANYBODY = 6, 6, 8
KEEN, CHAMPION_KEEN, IDLE = 0.28, 0.55, 0.005  # expected contributory days a day
TREND = 0.8  # standard deviation of the teams' own trends: the logarithm by which activity rises over the calendar
PIONEER_KEEN, PIONEER_WEEKS = 0.8, 12
WILLING_TO_RISE = 1.5  # how much likelier rising teams are to get a champion, where champions go to rising teams
BROADCAST_DAYS = 6


@dataclass
class Spread:
    """Who takes part from when (`taken_up`, NEVER: not at all), because of whom (-1: nobody), and how keenly."""

    taken_up: Ints
    source: Ints
    how: list[str]
    champion: Flags
    begun: Ints  # the day on which a champion begins, NEVER for everybody else
    pioneer: Flags
    keenness: Floats
    lapsed: Ints
    contacts: Ints
    lagging: list[int]
    quiet_team: Flags
    quiet_directorates: list[int]
    quiet_from: int
    keeps: float
    trend: Floats  # of each team
    broadcasts: list[int]

    def active(self, people: People, days: int, away: Flags, who: slice | Ints = slice(None), lagging: float = 0.3) -> Floats:
        """Expected contributory days of `who`: people x days, 0 where somebody is away; least before being won over."""
        day = np.arange(days)
        taken, lapsed = self.taken_up[who, None], self.lapsed[who, None]
        on = (day >= taken) & (day < lapsed)
        team = people.team[who]
        slow = np.isin(people.team_directorate[team], self.lagging)[:, None] & ~on
        rate: Floats = np.where(on, self.keenness[who, None], IDLE * np.where(slow, lagging, 1.0))
        rate *= np.exp(self.trend[team][:, None] * (day / days - 0.5))
        rate *= (day >= people.started[who, None]) & (day <= people.left[who, None]) & ~away[who]
        return rate * np.where(self.quiet_team[team][:, None] & (day >= self.quiet_from), self.keeps, 1.0)


@dataclass(frozen=True)
class World:
    """The department, its people, its days, and who takes part in the network: all that a source needs to know."""

    department: Department
    people: People
    clock: Clock
    absences: Absences
    spread: Spread

    @property
    def away(self) -> Flags:
        """Who is away on which day: people x days."""
        return self.absences.away

    def there(self, day: int) -> Flags:
        """Who is employed and not away on a day."""
        return self.people.present(day) & ~self.away[:, day]


def imagine(department: Department) -> World:
    """Everything that follows from the parameters before anybody has written, read or learned anything."""
    people, clock = found(department), Clock(department)
    absences = absent(department, people)
    return World(department, people, clock, absences, spread(department, people, clock, absences))


def spread(
    department: Department, people: People, clock: Clock, absences: Absences, *, champions: bool = True
) -> Spread:
    """The whole history of adoption, deterministic for a department; the same world without champions where asked."""
    state, queue = _before(department, people, clock, champions=champions)
    chosen, days = department.spread, department.days
    slow = np.isin(people.team_directorate[people.team], state.lagging)
    silent = state.quiet_team[people.team]
    willing = department.chance("willing").random(len(people)) >= chosen.never_willing
    willing |= state.champion | state.pioneer
    shape = (chosen.generation_days / chosen.generation_spread_days) ** 2
    scale = chosen.generation_spread_days**2 / chosen.generation_days
    heapq.heapify(queue)
    while queue:
        day, person, source, how = heapq.heappop(queue)
        if day >= days:
            break
        employed = people.started[person] <= day < people.left[person]
        if state.taken_up[person] != NEVER or not willing[person] or not employed:
            continue
        if state.champion[person] and how != "champion":
            continue
        if absences.away[person, day]:
            back = np.flatnonzero(~absences.away[person, day:])
            if len(back):
                heapq.heappush(queue, (_workday(clock, day + int(back[0])), person, source, how))
            continue
        state.taken_up[person], state.source[person], state.how[person] = day, source, how
        own = department.chance(f"spread of {person}")
        stops, after = own.random(), own.exponential(max(chosen.lapse_days - 28, 1e-9))
        if stops < chosen.lapse and not (state.champion[person] or state.pioneer[person]):
            state.lapsed[person] = day + 28 + int(after)
        if day < department.begins:
            continue
        mean = 0.0 if chosen.only_broadcasts else chosen.reproduction
        mean *= department.champions.wins if state.champion[person] else 1.0
        mean *= state.keeps if silent[person] and day >= state.quiet_from else 1.0
        many = int(own.poisson(own.gamma(chosen.dispersion, mean / chosen.dispersion)))
        for target in np.resize(own.permutation(state.contacts[person]), many).tolist():
            wait, hears = max(1, round(float(own.gamma(shape, scale)))), own.random()
            on = _workday(clock, day + wait)
            heard = chosen.lagging if slow[target] else 1.0
            heard *= state.keeps if silent[target] and on >= state.quiet_from else 1.0
            if hears < heard:
                heapq.heappush(queue, (on, target, person, "peer"))
    return state


def _before(
    department: Department, people: People, clock: Clock, *, champions: bool
) -> tuple[Spread, list[tuple[int, int, int, str]]]:
    """Nobody takes part yet; and who will begin without being won over: champions, by broadcasts, alone."""
    rng = department.chance("spread")
    chosen, count = department.spread, len(people)
    contacts = _contacts(people, rng)
    trend = rng.normal(0, TREND, department.teams)
    order = _champions(department, people, trend, rng)
    keen = rng.gamma(2.0, 0.5, count)
    champion = np.zeros(count, dtype=bool)
    begun = np.full(count, NEVER)
    waves = _waves(department, clock, len(order), rng)  # drawn in either world: what is drawn next is the same in both
    if champions:
        champion[order] = True
        begun[order] = waves
    quiet = list(range(department.directorates - department.silence.directorates, department.directorates))
    state = Spread(
        taken_up=np.full(count, NEVER), source=np.full(count, -1), how=[""] * count, champion=champion, begun=begun,
        pioneer=np.zeros(count, dtype=bool),
        keenness=np.clip(np.where(champion, CHAMPION_KEEN, KEEN) * keen, 0.12, 0.95), lapsed=np.full(count, NEVER),
        contacts=contacts, lagging=list(range(1, 1 + department.lagging_count)),
        quiet_team=_quiet_teams(department, people, quiet), quiet_directorates=quiet, quiet_from=department.quiet_from,
        keeps=department.silence.keeps, trend=trend, broadcasts=_broadcasts(department, clock),
    )  # fmt: skip
    queue = [(int(begun[p]), p, -1, "champion") for p in np.flatnonzero(champion).tolist()]
    for day in state.broadcasts:
        reached = rng.choice(count, max(1, round(count * chosen.broadcast_share)), replace=False).tolist()
        after = rng.integers(0, BROADCAST_DAYS, len(reached)).tolist()
        queue += [(_workday(clock, day + n), p, -1, "broadcast") for p, n in zip(reached, after, strict=True)]
    if chosen.alone_a_year and not chosen.only_broadcasts:
        alone = np.maximum(people.started, 0) + rng.exponential(365 / chosen.alone_a_year, count).astype(np.int64)
        alone[order] = NEVER  # also in the world without champions, or they would differ before any has begun
        queue += [(_workday(clock, int(alone[p])), p, -1, "alone") for p in np.flatnonzero(alone < department.days).tolist()]
    if not chosen.only_broadcasts:
        pioneers = _pioneers(department, people, order)
        state.pioneer[pioneers], state.keenness[pioneers] = True, PIONEER_KEEN
        first = department.chance("pioneers begin").integers(0, min(7 * PIONEER_WEEKS, max(1, department.days // 4)), len(pioneers))
        queue += [(_workday(clock, int(on)), p, -1, "alone") for p, on in zip(pioneers.tolist(), first.tolist(), strict=True)]
    return state, queue


def _pioneers(department: Department, people: People, champions: Ints) -> Ints:
    """Who writes much from the first weeks on: one each from as many teams as there are pioneers, and no champion."""
    rng = department.chance("pioneers")
    anybody = np.setdiff1d(np.flatnonzero((people.started < 0) & (people.left == NEVER)), [people.leader, *champions])
    shuffled = rng.permutation(anybody)
    _, first_of_team = np.unique(people.team[shuffled], return_index=True)
    one_each: Ints = shuffled[rng.permutation(first_of_team)]
    return one_each[: round(department.spread.pioneers * department.staff)]


def _workday(clock: Clock, day: int) -> int:
    """The day itself or the next working day; past the end of the calendar as it is."""
    while day < len(clock.working) and not clock.working[day]:
        day += 1
    return day


def _broadcasts(department: Department, clock: Clock) -> list[int]:
    """Their days: evenly spread over the time of winning over, or every second week where nothing else spreads."""
    begins, room = department.begins, department.days - department.begins
    if department.spread.only_broadcasts:
        return [_workday(clock, day) for day in range(begins, department.days - 7, 14)]
    many = department.spread.broadcasts
    return sorted({_workday(clock, begins + int((n + 0.3) * room / many) // 7 * 7) for n in range(many)})


def _quiet_teams(department: Department, people: People, quiet: list[int]) -> Flags:
    """Every team of the directorates that fall quiet, and some of directorates that neither do nor lag."""
    home = people.team_directorate
    silent = np.isin(home, quiet)
    other = np.flatnonzero(~silent & (home > department.lagging_count))
    silent[department.chance("quiet teams").permutation(other[other > 0])[: department.quiet_teams]] = True
    return silent


def _champions(department: Department, people: People, trend: Floats, rng: np.random.Generator) -> Ints:
    """One each from as many teams as there are champions, never the chief executive; in the order of their beginning."""
    eligible = np.flatnonzero((people.started < 0) & (people.left == NEVER))
    shuffled = rng.permutation(eligible[eligible != people.leader])
    if department.champions.assignment == "rising teams":
        rising = trend[people.team[shuffled]] * WILLING_TO_RISE + rng.gumbel(0, TREND, department.teams)[people.team[shuffled]]
        shuffled = shuffled[np.argsort(-rising, kind="stable")]
    _, first_of_team = np.unique(people.team[shuffled], return_index=True)
    one_each = shuffled[np.sort(first_of_team)]
    rest = shuffled[~np.isin(shuffled, one_each)]
    return np.concatenate([one_each, rest])[: department.champion_count]


def _waves(department: Department, clock: Clock, count: int, rng: np.random.Generator) -> Ints:
    """The day on which each champion begins: in the first week of their wave."""
    waves = department.champions.waves
    room = 0.8 * (department.days - department.begins)
    apart = min(7 * department.champions.weeks_between, room / max(waves - 1, 1))
    wave = rng.permutation(np.arange(count) * waves // max(count, 1))
    days = department.begins + (wave * apart).astype(np.int64) + rng.integers(0, 5, count)
    return np.array([_workday(clock, int(day)) for day in np.minimum(days, department.days - 1)], dtype=np.int64)


def _contacts(people: People, rng: np.random.Generator) -> Ints:
    """Twenty contacts each: teammates, people of the directorate, anybody. Some come twice: closer contacts."""
    count = len(people)
    home = people.team_directorate[people.team]
    columns = [_among(people.team, rng) for _ in range(TEAMMATES)]
    columns += [_among(home, rng) for _ in range(COLLEAGUES)]
    columns += [rng.integers(0, count, count) for _ in range(ANYBODY)]
    contacts = np.stack(columns, axis=1)
    oneself = contacts == np.arange(count)[:, None]
    return np.where(oneself, (contacts + 1) % count, contacts)


def _among(group: Ints, rng: np.random.Generator) -> Ints:
    """For everybody a random member of the same group."""
    order = np.argsort(group, kind="stable")
    size = np.bincount(group)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    picked: Ints = order[start[group] + (rng.random(len(group)) * size[group]).astype(np.int64)]
    return picked
