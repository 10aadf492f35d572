"""What is read of texts, what people answer in surveys, who is away, and the registers.

Belongs here: everything beside the acts, in columns. Does not: pseudonyms or Arrow (tables.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.simulate.events.doings import ASK, Acts
from pipeline.simulate.events.people import NEVER, Flags, Floats, Ints, People
from pipeline.simulate.events.scenario import Scenario

LANGUAGES = ("en", "cy", "other")
LANGUAGE_SHARES = (0.92, 0.06, 0.02)
THEMES = ("digital", "learning", "offices", "customers", "jobs", "pay")
ITEMS = ("capability", "confidence", "home", "work", "access")
WAVE_WEEKS, RESPONSE = 26, 0.5
ABSENCE_DAYS = 25.0  # a year: leave and illness, in stretches of a working week


@dataclass(frozen=True)
class Texts:
    """What was read of each contribution: `row` is its place among the acts; NaN tone: not scored; theme -1: none."""

    row: Ints
    language: Ints
    tone: Floats
    is_question: Flags
    words: Ints
    theme: Ints


@dataclass(frozen=True)
class Answers:
    """One row an answer: person, minute, item by number, 0 to 100."""

    person: Ints
    minute: Ints
    item: Ints
    answer: Floats


def read_texts(done: Acts, rng: np.random.Generator) -> Texts:
    """The reading of every contribution; its tone has a person's own level."""
    row = np.flatnonzero(done.contributory)
    person = done.person[row]
    level = rng.normal(0.12, 0.15, int(done.person.max(initial=0)) + 1)
    tone: Floats = np.round(np.clip(level[person] + rng.normal(0, 0.35, len(row)), -1, 1), 4).astype(np.float64)
    tone[rng.random(len(row)) < 0.22] = np.nan
    theme = np.where(rng.random(len(row)) < 0.35, rng.integers(0, len(THEMES), len(row)), -1)
    language = rng.choice(len(LANGUAGES), len(row), p=np.array(LANGUAGE_SHARES))
    tone[language != 0] = np.nan
    words = np.maximum(1, rng.lognormal(3, 0.8, len(row))).astype(np.int64)
    return Texts(row, language, tone, (done.verb[row] == ASK) | (rng.random(len(row)) < 0.05), words, theme)


def answer_surveys(scenario: Scenario, people: People, rng: np.random.Generator) -> Answers:
    """A wave every half year: every other person answers all items, teams differ."""
    team = rng.normal(0, 6, (scenario.teams, len(ITEMS)))
    parts: list[tuple[Ints, Ints, Ints, Floats]] = []
    for day in range(min(7 * WAVE_WEEKS, scenario.days) - 21, scenario.days, 7 * WAVE_WEEKS):
        there = np.flatnonzero((people.joined <= day) & (people.left > day))
        person = there[rng.random(len(there)) < RESPONSE]
        minute = (day + rng.integers(0, 14, len(person))) * 1440 + rng.integers(480, 1080, len(person))
        score = 55 + team[people.team[person]] + rng.normal(0, 15, (len(person), 1)) + rng.normal(0, 12, (len(person), len(ITEMS)))
        parts.append((
            np.repeat(person, len(ITEMS)), np.repeat(minute, len(ITEMS)), np.tile(np.arange(len(ITEMS)), len(person)),
            np.round(np.clip(score, 0, 100).ravel()),
        ))  # fmt: skip
    columns = [np.concatenate([part[n] for part in parts]) for n in range(4)]
    return Answers(*columns)


def be_away(scenario: Scenario, people: People, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Person and day of each working day on leave, in whole weeks."""
    weeks = rng.poisson(ABSENCE_DAYS / 5 * scenario.weeks / 52, len(people))
    person = np.repeat(np.arange(len(people)), weeks)
    pairs = np.unique(np.stack([person, rng.integers(0, scenario.weeks, len(person))], axis=1), axis=0)
    person = np.repeat(pairs[:, 0], 5)
    day = (7 * pairs[:, 1][:, None] + np.arange(5)).ravel()
    there = (day >= people.joined[person]) & (day < people.left[person])
    return person[there], day[there]


def held(days: Ints, scenario: Scenario) -> npt.NDArray[np.datetime64]:
    """Dates of day numbers; what never ends, ends in the year 9999, and what began before day 0, on day 0."""
    base = np.datetime64(scenario.first_day, "D")
    dates = base + np.maximum(np.minimum(days, scenario.days + 400), 0).astype("timedelta64[D]")
    dates[days >= NEVER] = np.datetime64("9999-12-31", "D")
    return dates
