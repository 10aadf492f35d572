"""A simulated department's size and days, and its dice.

Belongs here: what a caller may choose, the days that follow from it, and the only source of chance.
Does not: hours (clock.py), the blocks of further parameters (parameters.py), people (organisation.py) or what they do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.problems import ConfigError
from pipeline.simulate.parameters import (
    Absence,
    Champions,
    Faults,
    Replies,
    Silence,
    Source,
    Spread,
    Survey,
    Texts,
)
from pipeline.toml import NotToml, read_toml

ZONE = "Europe/London"
ANCHOR = date(2024, 1, 1)
DEFAULT_SEED, DEFAULT_STAFF, DEFAULT_WEEKS = 7, 3000, 78

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
T = TypeVar("T")


class Department(BaseModel):
    """How large, how long, how talkative, and a block for each mechanism. What is not given scales with size and weeks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(DEFAULT_SEED, ge=0)
    staff: int = Field(DEFAULT_STAFF, ge=40, le=100_000, description="people on the roster on the first day")
    weeks: int = Field(DEFAULT_WEEKS, ge=1, le=260, description="whole weeks, Monday to Sunday; silence needs 64")
    teams: int = Field(209, ge=4)
    directorates: int = Field(8, ge=3, le=8)
    messages: int = Field(50_000, ge=100, le=10_000_000, description="network messages of every kind, private ones included")
    log_lines: int = Field(1_000_000, ge=1000, le=200_000_000, description="lines of intranet access log, unreadable ones included")
    statements: int = Field(45_000, ge=100, le=10_000_000, description="xAPI statements stored, voided ones included")
    spread: Spread = Spread()
    champions: Champions = Champions()
    absence: Absence = Absence()
    silence: Silence = Silence()
    faults: Faults = Faults()
    texts: Texts = Texts()
    replies: Replies = Replies()
    survey: Survey = Survey()

    @model_validator(mode="before")
    @classmethod
    def _scale(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        try:
            size = float(given.get("staff", DEFAULT_STAFF)) / DEFAULT_STAFF
            volume = size * float(given.get("weeks", DEFAULT_WEEKS)) / DEFAULT_WEEKS
            teams = int(given.get("teams", max(6, round(209 * size))))
            scaled = {
                "teams": teams, "directorates": min(8, max(3, teams // 3)),
                "messages": max(1500, round(50_000 * volume)), "log_lines": max(30_000, round(1_000_000 * volume)),
                "statements": max(1500, round(45_000 * volume)),
            }  # fmt: skip
        except (TypeError, ValueError, OverflowError):
            return given  # what is no number is told by the field itself
        return {**scaled, **given}

    @model_validator(mode="after")
    def _fits(self) -> Department:
        if self.teams * 3 > self.staff or self.directorates > self.teams:
            raise ValueError("too many teams or directorates for so few staff")
        for key, most in (("messages", 50), ("log_lines", 1000), ("statements", 50)):
            if getattr(self, key) > most * self.staff * self.weeks:
                raise ValueError(f"{key}: at most {most} for each member of staff in a week")
        if self.champion_count > self.staff // 4:
            raise ValueError("champions.number: at most a quarter of the staff")
        if self.silence.directorates + self.lagging_count >= self.directorates:
            raise ValueError("silence.directorates and spread.lagging_directorates: one directorate must be left besides them")
        if self.quiet_teams + self.away_teams > self.teams // 2:
            raise ValueError("silence.teams and absence.teams: at most half of the teams")
        chosen: dict[str, int | None] = {
            "spread.begins_week": self.spread.begins_week, "silence.from_week": self.silence.from_week,
            "faults.jump.week": self.faults.jump.week if self.faults.jump else None,
            **{f"faults.outages.{n}.to_week": o.to_week for n, o in enumerate(self.faults.outages)},
        }  # fmt: skip
        for key, week in chosen.items():
            if week is not None and week >= self.weeks:
                raise ValueError(f"{key}: there are {self.weeks} weeks, counted from 0")
        return self

    @property
    def champion_count(self) -> int:
        """How many champions there are."""
        given = self.champions.number
        return max(3, round(70 * self.staff / DEFAULT_STAFF)) if given is None else given

    @property
    def lagging_count(self) -> int:
        """How many directorates lag."""
        given = self.spread.lagging_directorates
        return max(1, self.directorates // 4) if given is None else given

    @property
    def quiet_teams(self) -> int:
        """How many teams fall quiet beside whole directorates."""
        return round(6 * self.teams / 209) if self.silence.teams is None else self.silence.teams

    @property
    def away_teams(self) -> int:
        """How many teams are called away."""
        return round(2 * self.teams / 209) if self.absence.teams is None else self.absence.teams

    @property
    def begins(self) -> int:
        """The day number on which champions begin and winning over starts."""
        given = self.spread.begins_week
        return 7 * (max(0, self.weeks - 36) if given is None else given)

    @property
    def quiet_from(self) -> int:
        """The day number from which those who fall quiet do."""
        given = self.silence.from_week
        return 7 * (max(1, self.weeks - 12, self.weeks * 3 // 5) if given is None else given)

    @property
    def days(self) -> int:
        """Days in the calendar."""
        return 7 * self.weeks

    @property
    def blocks(self) -> list[int]:
        """First day numbers of the complete blocks of 28 days; the calendar ends with one."""
        return list(range(self.days % 28, self.days, 28))

    @property
    def last_day(self) -> date:
        """A Sunday that ends a 28-day block; 2026-07-12 for the default seed."""
        blocks = 33 + (self.seed - DEFAULT_SEED) % 13
        return ANCHOR + timedelta(days=28 * blocks - 1)

    @property
    def first_day(self) -> date:
        """The Monday on which everything begins."""
        return self.last_day - timedelta(days=self.days - 1)

    @property
    def today(self) -> date:
        """The day after the last: the morning on which a night reads all of it."""
        return self.last_day + timedelta(days=1)

    def day(self, number: int) -> date:
        """The date of a day number, 0 for the first."""
        return self.first_day + timedelta(days=int(number))

    def chance(self, purpose: str) -> np.random.Generator:
        """A generator of its own for each purpose, so that one source can change without moving the others."""
        digest = hashlib.sha256(f"{self.seed}/{purpose}".encode()).digest()
        return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))

    def shown_until(self, source: Source) -> int:
        """The first day number of which a source shows nothing yet."""
        return self.days - self.faults.lag_days.get(source, 0)

    def lost_days(self, source: Source) -> Flags:
        """The days of which a source has nothing, because it was down."""
        week = np.arange(self.days) // 7
        lost: Flags = np.zeros(self.days, dtype=bool)
        for outage in self.faults.outages:
            if outage.source == source:
                lost |= (week >= outage.from_week) & (week <= outage.to_week)
        return lost


def parameters(file: Path | None, **chosen: int | None) -> Department:
    """The department of a parameters file; what is `chosen` beside it wins. Raises ConfigError naming file and key."""
    table: dict[str, Any] = {}
    if file:
        try:
            table = read_toml(file)
        except OSError as error:
            raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
        except NotToml as error:
            raise ConfigError(f"{file} is not TOML: {error}") from error
    table |= {key: value for key, value in chosen.items() if value is not None}
    try:
        return Department.model_validate(table)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(map(str, fault["loc"]))[:80]
        told = fault["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{file or 'the department'}: {key + ': ' if key else ''}{told}") from error


class Dice:
    """Single draws at the price of a list: numpy is quick at blocks and slow at one number."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._block: list[float] = []

    def roll(self) -> float:
        """A uniform number in [0, 1)."""
        if not self._block:
            self._block = self._rng.random(8192).tolist()
        return self._block.pop()

    def below(self, n: int) -> int:
        """An integer in [0, n)."""
        return int(self.roll() * n)

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, all alike."""
        return choices[int(self.roll() * len(choices))]

    def normal(self) -> float:
        """A standard normal number."""
        return float(np.sqrt(-2 * np.log1p(-self.roll())) * np.cos(2 * np.pi * self.roll()))

    def wait(self, mean: float) -> float:
        """An exponential waiting time."""
        return -mean * float(np.log1p(-self.roll()))
