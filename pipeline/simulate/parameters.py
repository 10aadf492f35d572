"""What may be chosen about a simulated department beyond its size: one block for each mechanism.

Belongs here: the blocks of a parameters file, their defaults, what they mean and their bounds. Does not: the size and
calendar (department.py), or what the mechanisms do.

A file of parameters is TOML: the keys of Department at the top, then a table a block, as [spread] or [faults]. What is
not given keeps its default; a key that nobody knows is an error. docs/simulated-department.md shows one.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Source = Literal["directory", "network", "intranet", "webchat", "training", "champions", "absences", "survey"]
"""The sources of a department, as `faults` calls them. `webchat` is the transcripts and the Teams questions."""

Share = Annotated[float, Field(ge=0, le=1)]
Weeks = Annotated[int, Field(ge=0)]


class Block(BaseModel):
    """A table of a parameters file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Spread(Block):
    """[spread] How the habit of taking part goes from one to the next."""

    reproduction: float = Field(
        default=2.8, ge=0, le=100, description="people one adopter would win over if all contacts were willing"
    )
    dispersion: float = Field(
        default=0.8, ge=0.001, le=1000, description="k of the negative binomial: small means few win over many"
    )
    generation_days: float = Field(
        default=20, ge=0.1, le=1000, description="mean days from one's beginning to that of somebody won over"
    )
    generation_spread_days: float = Field(
        default=11, ge=0.1, le=1000, description="standard deviation of these days (a gamma distribution)"
    )
    begins_week: Weeks | None = Field(
        default=None, description="week in which champions begin and winning over starts; none: 36 weeks before the end"
    )
    pioneers: Share = Field(
        default=0.06, description="share of staff who write much and begin in the first weeks because of nobody, one a team"
    )
    alone_a_year: Share = Field(default=0.04, description="share of staff who begin within a year because of nobody")
    never_willing: Share = Field(default=0.28, description="share of staff who never begin")
    hidden_edges: Share = Field(default=0.3, description="share of those won over whose first message does not show by whom")
    broadcasts: int = Field(
        default=3, ge=0, le=1000, description="all-staff broadcasts, evenly spread over the time of winning over"
    )
    broadcast_share: Share = Field(default=0.006, description="share of staff whom one broadcast brings to begin")
    only_broadcasts: bool = Field(
        default=False, description="a world without any winning over (R = 0): a broadcast every second week, nothing else spreads"
    )
    lapse: Share = Field(default=0.15, description="share of adopters who stop again")
    lapse_days: float = Field(default=68, ge=28, le=10_000, description="mean days until they stop; none stops before 28")
    lagging_directorates: int | None = Field(
        default=None, ge=0, description="directorates that are hardly reached, on any channel; none: a quarter of them"
    )
    lagging: Share = Field(default=0.3, description="what is left there of being won over, reading and writing")


class Champions(Block):
    """[champions] Who begins first, teaches others, and stirs the team."""

    number: int | None = Field(default=None, ge=0, description="champions; none: 70 of 3,000 staff")
    colleagues: int = Field(default=10, ge=0, le=60, description="colleagues whom each sets out to train")
    waves: int = Field(default=5, ge=1, le=260, description="champions begin in so many waves, the same number in each")
    weeks_between: int = Field(default=6, ge=1, le=260, description="weeks from one wave to the next; less where there is no room")
    assignment: Literal["random", "rising teams"] = Field(
        default="random", description="whose teams get one: any, or those whose activity was rising anyway"
    )
    wins: float = Field(default=1.6, ge=0, le=100, description="times as many people as an adopter that a champion wins over")
    effect: Share = Field(
        default=0.08, description="share of team-mates who write in a month because of their champion and would not otherwise"
    )
    spillover: Share = Field(default=0.0, description="share of that effect which reaches the other teams of the directorate")


class Absence(Block):
    """[absence] Who is away, and who could not take part."""

    days_a_year: float = Field(default=25, ge=0, le=120, description="mean days of leave and sickness of each a year")
    long_share: Share = Field(default=0.02, description="share of staff with one absence of months: parents, illness, loans")
    no_computer: Share = Field(default=0.01, description="share of staff who have no computer for the whole time")
    teams: int | None = Field(
        default=None, ge=0, description="teams that are all away in the last quarter, called to other duties; none: 2 of 209"
    )


class Silence(Block):
    """[silence] Who falls quiet: present as before, and no longer heard."""

    directorates: int = Field(default=1, ge=0, description="directorates that fall quiet whole")
    teams: int | None = Field(default=None, ge=0, description="further teams that fall quiet, elsewhere; none: 6 of 209")
    from_week: Weeks | None = Field(default=None, description="week in which they do; none: 12 weeks before the end")
    keeps: Share = Field(default=0.04, description="share of their writing that is left; reading stays as it was")


class Outage(Block):
    """[[faults.outages]] Weeks of which a source has nothing, and answers 503 while it is asked on a day of them."""

    source: Source
    from_week: Weeks
    to_week: Weeks = Field(description="last week of it, itself included")

    @model_validator(mode="after")
    def _in_order(self) -> Outage:
        if self.to_week < self.from_week:
            raise ValueError("to_week is before from_week")
        return self


class Jump(Block):
    """[faults.jump] A source that held part of what happened until a week, and more from then on."""

    source: Literal["network", "training"]
    week: Weeks
    before: Share = 0.3
    after: Share = 0.9


class Faults(Block):
    """[faults] What goes wrong between what happened and what a source tells."""

    lag_days: dict[Source, Annotated[int, Field(ge=0, le=60)]] = Field(
        default_factory=dict, description="source = days until it shows a record"
    )
    duplicates: float = Field(
        default=0.002, ge=0, le=0.2, description="share of messages, statements and absences that come twice, alike in everything"
    )
    late: Share = Field(default=0.01, description="share of training statements that arrive hours or days late")
    late_days: int = Field(default=6, ge=1, le=60, description="days of the latest of them")
    outages: list[Outage] = Field(default_factory=list, max_length=1000, description="weeks of which a source has nothing")
    jump: Jump | None = Field(default=None, description="a source whose completeness jumps")
    mismatches: Share = Field(default=0.01, description="share of network accounts under an e-mail unknown to the directory")
    clock_seconds: int = Field(default=0, ge=0, le=3600, description="transcripts' clocks are off by up to so much, either way")


class Texts(Block):
    """[texts] What is written."""

    welsh: Share = Field(default=0.04, description="share of public messages in Welsh")
    positive: Share = Field(default=0.35, description="share of public messages with a mood that are meant gladly")
    labelled: int = Field(default=200, ge=0, le=2000, description="readable posts that people of the department have labelled")


class Replies(Block):
    """[replies] How long the opener of a conversation waits for the first reply of somebody else."""

    median_hours: float = Field(
        default=5, gt=0, le=10_000, description="median of the lognormal wait; at night it lasts to the morning"
    )
    sigma: float = Field(default=1.3, gt=0, le=5, description="standard deviation of the logarithm of the wait")
    unanswered: Share = Field(default=0.15, description="share of conversations that nobody ever replies to")


class Survey(Block):
    """[survey] A survey of capability and confidence, 0 to 10, with use at home and at work, and access."""

    waves: int = Field(default=2, ge=0, le=260, description="times it is held, evenly spread")
    response_rate: Share = Field(default=0.55, description="share of those asked who answer")
    capability: list[Annotated[float, Field(ge=0, le=100)]] = Field(
        default=[55], min_length=1, description="true means of directorates, 0 to 100; one that has none varies around the last"
    )
    confidence: list[Annotated[float, Field(ge=0, le=100)]] = Field(default=[50], min_length=1, description="likewise")
    directorate_spread: float = Field(default=6, ge=0, le=100, description="standard deviation of directorates around these means")
    team_spread: float = Field(default=7, ge=0, le=100, description="standard deviation of teams around their directorate")
    person_spread: float = Field(default=18, ge=0, le=100, description="standard deviation of people around their team")
    no_access: Share = Field(default=0.12, description="share of staff whose equipment or rights hold them back at work")
