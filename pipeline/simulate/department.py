"""The parameters of a simulated department, its calendar, and its dice.

Belongs here: what a caller may choose, the days that follow from it, and the only source of chance.
Does not: anything about people (organisation.py) or what they do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

ZONE = "Europe/London"
ANCHOR = date(2024, 1, 1)
DEFAULT_SEED = 7

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
T = TypeVar("T")


class Department(BaseModel):
    """How large, how long, how talkative. What is not given scales with `staff` and `weeks`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(DEFAULT_SEED, ge=0)
    staff: int = Field(3000, ge=40, description="people on the roster on the first day")
    weeks: int = Field(26, ge=1, description="whole weeks, Monday to Sunday")
    teams: int = Field(209, ge=4)
    directorates: int = Field(8, ge=3)
    champions: int = Field(70, ge=1, description="people who start first and teach others")
    messages: int = Field(40_000, ge=100, description="network messages of every kind, private ones included")
    log_lines: int = Field(1_000_000, ge=1000, description="lines of intranet access log, unreadable ones included")
    statements: int = Field(30_000, ge=100, description="xAPI statements stored, voided ones included")
    reproduction: float = Field(2.6, ge=0, description="people one adopter wins over if all are willing")
    dispersion: float = Field(0.8, gt=0, description="k of the negative binomial: small means few win over many")

    @model_validator(mode="before")
    @classmethod
    def _scale(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        size = float(given.get("staff", 3000)) / 3000
        volume = size * float(given.get("weeks", 26)) / 26
        teams = int(given.get("teams", max(6, round(209 * size))))
        scaled = {
            "teams": teams, "directorates": min(8, max(3, teams // 3)), "champions": max(3, round(70 * size)),
            "messages": max(600, round(40_000 * volume)), "log_lines": max(5000, round(1_000_000 * volume)),
            "statements": max(600, round(30_000 * volume)),
        }  # fmt: skip
        return {**scaled, **given}

    @model_validator(mode="after")
    def _fits(self) -> Department:
        if self.teams * 3 > self.staff or self.directorates > self.teams or self.champions > self.staff // 4:
            raise ValueError("too many teams, directorates or champions for so few staff")
        return self

    @property
    def days(self) -> int:
        """Days in the calendar."""
        return 7 * self.weeks

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


class Clock:
    """Local days of the calendar as UTC instants (seconds since 1970), clock changes included."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self._zone = ZoneInfo(ZONE)
        days = [department.day(n) for n in range(department.days)]
        noons = [datetime.combine(d, time(12), self._zone) for d in days]
        self._noon = np.array([int(n.timestamp()) for n in noons], dtype=np.int64)
        holidays = {h for year in {d.year for d in days} for h in bank_holidays(year)}
        self.working: Flags = np.array([d.weekday() < 5 and d not in holidays for d in days])
        hours = range(-24, 24 * (department.days + 1))
        start = datetime.combine(days[0], time(), UTC)
        offsets = [self._offset(start + timedelta(hours=h)) for h in hours]
        self._hour_zero = int(start.timestamp()) - 24 * 3600
        self._offsets = np.array(offsets, dtype=np.int64)

    def _offset(self, moment: datetime) -> int:
        shift = moment.astimezone(self._zone).utcoffset()
        return 0 if shift is None else int(shift.total_seconds())

    def instant(self, day: npt.ArrayLike, seconds: npt.ArrayLike) -> Ints:
        """UTC seconds of a wall-clock time (seconds since midnight) on a day number."""
        moment: Ints = self._noon[np.asarray(day)] + np.asarray(seconds, dtype=np.int64) - 12 * 3600
        return moment

    def offset(self, instant: npt.ArrayLike) -> Ints:
        """Seconds by which the wall clock is ahead of UTC."""
        ahead: Ints = self._offsets[(np.asarray(instant) - self._hour_zero) // 3600]
        return ahead

    @property
    def end(self) -> int:
        """UTC seconds of the last second of the last day."""
        return int(self.instant(self.department.days - 1, 24 * 3600 - 1))


def bank_holidays(year: int) -> list[date]:
    """Bank holidays of England and Wales between January and August."""
    golden, century = year % 19, year // 100
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    days = moon - weekday
    month = 3 + (days + 40) // 44
    easter = date(year, month, days + 28 - 31 * (month // 4))
    new_year = date(year, 1, 1)
    early_may = date(year, 5, 1) + timedelta(days=-date(year, 5, 1).weekday() % 7)
    spring = date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday())
    substitute = new_year + timedelta(days={5: 2, 6: 1}.get(new_year.weekday(), 0))
    return [substitute, easter - timedelta(days=2), easter + timedelta(days=1), early_may, spring]
