"""The parameters of a replication: one block for each mechanism, a block that is not given is off.

Belongs here: what a caller may choose, its limits, reading it from TOML. Does not: any chance (the modules beside this).
"""

from __future__ import annotations

import math
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LAST_DAY = date(2026, 7, 12)  # a Sunday that ends a block of 28 days
Share = Annotated[float, Field(ge=0, le=1)]


class Block(BaseModel):
    """A group of parameters; an unknown name is refused, so that a slip of the pen is not a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Roster(Block):
    """Who is employed when."""

    team_spread: float = Field(default=0.55, ge=0, le=2, description="standard deviation of the log of team sizes")
    joining: Share = Field(default=0.0022, description="share of the staff who join each week")
    leaving: Share = Field(default=0.0024, description="share of the staff who leave each week")


class Contacts(Block):
    """How many contacts each has, and among whom; `mutual` is the share of ties that go both ways."""

    teammates: int = Field(default=5, ge=0)
    colleagues: int = Field(default=3, ge=0, description="people of the same directorate")
    anybody: int = Field(default=2, ge=0)
    mutual: Share = 0.5


class Branching(Block):
    """Each adopter tries to win over NB(mean `reproduction`, k `dispersion`) contacts, each after a gamma wait in days.

    With `depletion` an attempt at someone who has adopted, has left or is unwilling is lost: `reproduction` is then the
    intrinsic number. Without it every attempt wins over somebody fresh: it is the effective number as well.
    """

    reproduction: float = Field(default=1.2, ge=0, le=20)
    dispersion: float = Field(default=math.inf, gt=0, description="k; infinite is Poisson")
    wait_mean: float = Field(default=10.0, gt=0)
    wait_sd: float = Field(default=7.0, gt=0)
    depletion: bool = True
    unwilling: Share = Field(default=0.0, description="share of the staff whom nobody can win over")


class Seeds(Block):
    """People who start by decision, evenly over the first weeks: champions of a roll-out, say."""

    people: int = Field(default=70, ge=0)
    weeks: int = Field(default=8, ge=1)


class Broadcast(Block):
    """A steady message from above that wins over so many a week, whatever colleagues do."""

    weekly: float = Field(default=40.0, ge=0)
    noted: Share = Field(default=0.9, description="share of them of whom the exposure to the broadcast is recorded")


class TeamEvents(Block):
    """Occasions at which a share of a team adopts within days: alike in time, without anyone following anyone."""

    each: float = Field(default=1.0, ge=0, description="expected events of a team over the whole time")
    share: Share = 0.3
    days: int = Field(default=10, ge=1)


class Own(Block):
    """People who adopt by themselves; keen teams earlier: homophily, since ties stay mostly within a team."""

    share: Share = Field(default=0.4, description="share of an average team that adopts by itself in the whole time")
    team_spread: float = Field(default=0.8, ge=0, description="standard deviation of the log rate among teams")
    personal_spread: float = Field(default=0.0, ge=0, description="the same among the members of a team")
    alike: Share = Field(default=0.0, description="share of ties within a team that join people of like keenness")


class Talk(Block):
    """Ties that adopters form because of when they began, beside those of contacts: no ground for any influence."""

    each: float = Field(default=8.0, gt=0, description="ties that an adopter forms on average")
    within: int = Field(default=10_000, ge=1, description="days within which two began who talk to each other")
    uneven: float = Field(default=1.0, gt=0, description="squared coefficient of variation of how much each says, and is heard")
    fame_days: float = Field(default=math.inf, gt=0, description="who began so many days earlier is heard e times as much")


class Saturation(Block):
    """Adoption along a known curve up to `ceiling`, of which the share `seen` is over at the end."""

    kind: Literal["logistic", "bass"] = "logistic"
    ceiling: Share = Field(default=0.6, description="share of the staff who will have adopted in the end")
    seen: float = Field(default=0.4, gt=0, le=1)
    started: float = Field(default=0.01, gt=0, lt=0.5, description="share of the ceiling over before day 0; logistic only")
    innovation: float = Field(default=0.03, gt=0, description="p of the Bass curve")
    imitation: float = Field(default=0.38, ge=0, description="q of the Bass curve")
    unevenness: float = Field(default=0.0, ge=0, description="coefficient of variation of a week beyond chance")


class Observation(Block):
    """What the systems see of it."""

    hidden: Share = Field(default=0.0, description="share of true edges of which no trace is left")
    rivals: float = Field(default=0.0, ge=0, description="mean number of further candidates beside the true source")
    mistaken: Share = Field(default=0.0, description="share of those whom nobody won over who seem to follow some adopter")


class Outage(Block):
    """A connector that records the share `before` of all adoptions up to a week, and `after` from then on."""

    week: int = Field(ge=1)
    before: Share = 0.3
    after: Share = 0.9


class Scenario(Block):
    """A whole replication. The same scenario gives the same bytes."""

    seed: int = Field(default=7, ge=0)
    staff: int = Field(default=3000, ge=300, le=100_000, description="people on the roster on the first day")
    teams: int = Field(default=0, ge=0, description="0: one for fourteen people")
    directorates: int = Field(default=8, ge=1)
    weeks: int = Field(default=78, ge=1, le=520, description="whole weeks, Monday to Sunday")
    working_days: bool = Field(default=True, description="whether adoption waits for a working day")
    roster: Roster = Roster()
    contacts: Contacts = Contacts()
    seeds: Seeds | None = None
    branching: Branching | None = None
    broadcast: Broadcast | None = None
    team_events: TeamEvents | None = None
    own: Own | None = None
    talk: Talk | None = None
    saturation: Saturation | None = None
    observation: Observation = Observation()
    outage: Outage | None = None

    @model_validator(mode="before")
    @classmethod
    def _scale(cls, given: object) -> object:
        if isinstance(given, dict) and not given.get("teams"):
            return {**given, "teams": max(1, int(given.get("staff", 3000)) // 14)}
        return given

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.teams * 3 > self.staff or self.directorates > self.teams:
            raise ValueError("too many teams or directorates for so few staff: a team has 3 people or more")
        if self.outage and self.outage.week >= self.weeks:
            raise ValueError("the outage ends after the last week")
        if self.saturation and (self.branching or self.own or self.team_events or self.broadcast or self.seeds):
            raise ValueError("a saturation curve says who adopts when: no other mechanism goes with it")
        return self

    @property
    def days(self) -> int:
        """Days of the calendar; day 0 is a Monday."""
        return 7 * self.weeks

    @property
    def first_day(self) -> date:
        """The date of day 0; the last day is Sunday 12 July 2026, which ends a block of 28 days."""
        return LAST_DAY - timedelta(days=self.days - 1)


def read_scenario(path: Path) -> Scenario:
    """A scenario from a TOML file. Raises ValueError naming an unknown or impossible parameter."""
    return Scenario.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
