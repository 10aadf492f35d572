"""What people do: posts and replies from their adoption on, chats, page views, courses, in columns.

Belongs here: acts as arrays of person numbers and minutes. Does not: pseudonyms or Arrow (tables.py), what is read of a
text (records.py).

Volumes for 100,000 people and a year: about 14 million acts, of these 12 million page views and 1 million contributions:
0.16 on an adopter's working day, 0.004 on anybody else's, 0.05 on average over those who contribute at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.events.observe import ATTRIBUTED
from pipeline.simulate.events.people import NEVER, Flags, Floats, Ints, People
from pipeline.simulate.events.scenario import Scenario
from pipeline.simulate.events.spread import SEED, Adoption

VERBS = ("post", "reply", "react", "ask", "answer", "read", "learn", "teach", "attend", "mention", "invite")
POST, REPLY, REACT, ASK, ANSWER, READ, LEARN, TEACH, _, MENTION, INVITE = range(len(VERBS))
SOURCES = (("wall", "network"), ("talk", "chat"), ("pages", "intranet"), ("school", "learning"))
WALL, TALK, PAGES, SCHOOL = range(len(SOURCES))

KEEN, SHY = 0.16, 0.004  # contributions on a working day, after adoption and before it or without it
CHATS = 0.1  # share of contributions that are made in the chat
VIEWS, REACTIONS = 0.5, 0.08  # page views and reactions on a working day: of anybody, of adopters
COURSES = 3.0  # courses a year, every other one mandatory
PAGES_THERE, COURSES_THERE = 2000, 60
FIRST_DAYS = (0, 1, 4)  # an adopter contributes on these days after adoption: the third makes the adopter
MIX = ((POST, 0.22), (REPLY, 0.55), (ASK, 0.08), (ANSWER, 0.07), (MENTION, 0.08))
NOTHING = -1


@dataclass(frozen=True)
class Acts:
    """One row an act: `minute` counts from the start of day 0; NOTHING where there is no object, thread or addressee."""

    source: Ints
    verb: Ints
    person: Ints
    minute: Ints
    object: Ints
    thread: Ints
    toward: Ints
    mandatory: Flags

    def __len__(self) -> int:
        return len(self.person)

    @property
    def contributory(self) -> Flags:
        """Posts, replies, questions, answers and mentions."""
        return np.isin(self.verb, (POST, REPLY, ASK, ANSWER, MENTION))


def acts(
    source: int, verb: int, person: Ints, minute: Ints, *,
    object: Ints | None = None, thread: Ints | None = None, toward: Ints | None = None, mandatory: Flags | None = None,
) -> Acts:  # fmt: skip
    """Acts of one kind at one source; what is not given is nothing."""
    size = len(person)
    none = np.full(size, NOTHING, dtype=np.int64)
    return Acts(
        none * 0 + source, none * 0 + verb, person, minute, none if object is None else object,
        none if thread is None else thread, none if toward is None else toward,
        np.zeros(size, dtype=bool) if mandatory is None else mandatory,
    )  # fmt: skip


def together(parts: list[Acts]) -> Acts:
    """All acts in order of time, source and person."""
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Acts.__dataclass_fields__}
    order = np.lexsort((whole["person"], whole["source"], whole["minute"]))
    return Acts(**{name: column[order] for name, column in whole.items()})


def act(scenario: Scenario, people: People, true: Adoption, traced: Ints, following: Ints, rng: np.random.Generator) -> Acts:
    """Everything that everybody does. `traced` holds rows (person, source on record) of those who follow somebody."""
    working = np.flatnonzero(following[: scenario.days] == np.arange(scenario.days))
    wall = _contribute(scenario, people, true, traced, working, rng)
    parts = [wall, _react(scenario, people, true, wall, working, rng), _view(scenario, people, working, rng)]
    parts += [_learn(scenario, people, working, rng), *_teach(true, traced, rng)]
    return together(parts)


def days_there(people: People, working: Ints, since: Ints, until: Ints) -> tuple[Ints, Ints]:
    """For everybody the first and the end position in `working` of the days from `since` up to, not including, `until`."""
    first = np.searchsorted(working, np.maximum(since, people.joined))
    end = np.searchsorted(working, np.minimum(until, people.left))
    return first, np.maximum(first, end)


def scatter(rate: Floats, first: Ints, end: Ints, working: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Poisson events of everybody, `rate` on each of their days: the people and the days."""
    count = rng.poisson(rate * (end - first))
    person = np.repeat(np.arange(len(count)), count)
    at = first[person] + (rng.random(len(person)) * (end - first)[person]).astype(np.int64)
    return person, working[at]


def at_work(day: Ints, rng: np.random.Generator) -> Ints:
    """Minutes within the working hours of these days, 8 to 18 o'clock."""
    return day * 1440 + rng.integers(8 * 60, 18 * 60, len(day))


def _contribute(
    scenario: Scenario, people: People, true: Adoption, traced: Ints, working: Ints, rng: np.random.Generator
) -> Acts:
    """Posts, replies, questions, answers and mentions, each reply toward whoever opened the thread that it belongs to."""
    count, days = len(people), scenario.days
    keen = KEEN * rng.gamma(2.0, 0.5, count)
    nil = np.zeros(count, dtype=np.int64)
    shy_person, shy_day = scatter(np.full(count, SHY), *days_there(people, working, nil, np.minimum(true.day, days)), working, rng)
    person, day = scatter(keen, *days_there(people, working, true.day, nil + days), working, rng)
    first = np.flatnonzero(true.day < NEVER)
    again = np.concatenate([[first, true.day[first] + after] for after in FIRST_DAYS], axis=1)
    person, day = np.concatenate([shy_person, person, again[0]]), np.concatenate([shy_day, day, again[1]])
    opening = np.zeros(len(person), dtype=bool)
    opening[len(person) - again.shape[1] : len(person) - again.shape[1] + len(first)] = True  # the act of the adoption itself
    there = (day < days) & (day < people.left[person])
    person, day, opening = person[there], day[there], opening[there]
    minute = at_work(day, rng)
    order = np.lexsort((person, minute))
    person, minute, opening = person[order], minute[order], opening[order]
    verbs, shares = zip(*MIX, strict=True)
    verb = rng.choice(np.array(verbs), len(person), p=np.array(shares))
    follows = np.full(count, NOTHING, dtype=np.int64)
    follows[traced[:, 0]] = traced[:, 1]
    led = opening & (follows[person] >= 0)
    verb[led] = REPLY
    source = np.where((rng.random(len(person)) < CHATS) & ~led, TALK, WALL)
    thread, toward = _threads(source, verb, person, minute, rng)
    toward[led] = follows[person[led]]
    return Acts(source, verb, person, minute, np.full(len(person), NOTHING), thread, toward, np.zeros(len(person), dtype=bool))


def _threads(source: Ints, verb: Ints, person: Ints, minute: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Posts and questions open a thread; what follows joins one that was opened on average ten hours before."""
    thread = np.full(len(verb), NOTHING, dtype=np.int64)
    toward = thread.copy()
    opens = (verb == POST) | (verb == ASK)
    thread[opens] = np.arange(np.count_nonzero(opens))
    for one in (WALL, TALK):
        opened = np.flatnonzero(opens & (source == one))
        joins = np.flatnonzero(~opens & (source == one))
        before = minute[joins] - rng.exponential(600, len(joins))
        at = np.searchsorted(minute[opened], before) - 1
        kept = at >= 0
        found = opened[at[kept]]
        thread[joins[kept]] = thread[found]
        toward[joins[kept]] = np.where(person[found] == person[joins[kept]], NOTHING, person[found])
    return thread, toward


def _react(scenario: Scenario, people: People, true: Adoption, wall: Acts, working: Ints, rng: np.random.Generator) -> Acts:
    last = np.full(len(people), scenario.days)
    person, day = scatter(np.full(len(people), REACTIONS), *days_there(people, working, true.day, last), working, rng)
    minute = at_work(day, rng)
    at = np.searchsorted(wall.minute, minute) - 1
    kept = at >= 0
    return acts(WALL, REACT, person[kept], minute[kept], thread=wall.thread[at[kept]],
                toward=np.where(wall.person[at[kept]] == person[kept], NOTHING, wall.person[at[kept]]))  # fmt: skip


def _view(scenario: Scenario, people: People, working: Ints, rng: np.random.Generator) -> Acts:
    nil = np.zeros(len(people), dtype=np.int64)
    rate = VIEWS * rng.gamma(1.0, 1.0, len(people))
    person, day = scatter(rate, *days_there(people, working, nil, nil + scenario.days), working, rng)
    page = np.minimum(rng.pareto(1.0, len(person)) * 5, PAGES_THERE - 1).astype(np.int64)
    return acts(PAGES, READ, person, at_work(day, rng), object=page)


def _learn(scenario: Scenario, people: People, working: Ints, rng: np.random.Generator) -> Acts:
    nil = np.zeros(len(people), dtype=np.int64)
    rate = np.full(len(people), COURSES / 253)
    person, day = scatter(rate, *days_there(people, working, nil, nil + scenario.days), working, rng)
    course = rng.integers(0, COURSES_THERE, len(person))
    return acts(SCHOOL, LEARN, person, at_work(day, rng), object=course, mandatory=course % 2 == 0)


def _teach(true: Adoption, traced: Ints, rng: np.random.Generator) -> list[Acts]:
    """Seeds learn by order the day before they start, and teach those whom they are on record to have won over; others invite."""
    seeds = np.flatnonzero(true.kind == SEED)
    ordered = acts(SCHOOL, LEARN, seeds, at_work(np.maximum(true.day[seeds] - 1, 0), rng),
                   object=np.zeros(len(seeds), dtype=np.int64), mandatory=np.ones(len(seeds), dtype=bool))  # fmt: skip
    colleague, teacher = traced[:, 0], traced[:, 1]
    day = np.maximum(true.day[colleague] - 1, 0)
    taught = true.kind[teacher] == SEED
    asked = ~taught & (rng.random(len(teacher)) < 0.3)
    return [
        ordered,
        acts(SCHOOL, TEACH, teacher[taught], at_work(day[taught], rng), toward=colleague[taught]),
        acts(WALL, INVITE, teacher[asked], at_work(day[asked], rng), toward=colleague[asked]),
    ]


def traces(pairs: Ints, kind: Ints, person: Ints) -> Ints:
    """Of everybody seen as attributed the first source on record: rows (person, source)."""
    attributed = pairs[kind[pairs[:, 0]] == ATTRIBUTED] if len(pairs) else pairs
    _, first = np.unique(attributed[:, 0], return_index=True)
    found: Ints = person[attributed[first]] if len(first) else np.empty((0, 2), dtype=np.int64)
    return found
