"""A roll-out by lot: deal the order in which teams begin, keep it as a plan, and say later what beginning did.

Belongs here: the teams and their strata, the plan's two files, the analysis that goes with the plan.
Does not: how lots are dealt (estimate/randomise.py), the estimator (estimate/effect.py), the words of the verb (cli.py).

The plan names teams as they may be told (k people or more), and no person.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from pipeline.estimate import Balance, aggregate, att_gt, deal, redeal_p
from pipeline.problems import ConfigError
from pipeline.session import WAREHOUSE
from pipeline.settings import Settings
from pipeline.warehouse import SAFE, swap

PLAN, ORDER = "plan.json", "order.csv"
BLOCK = timedelta(days=28)
ANCHOR = date(2024, 1, 1)  # blocks of 28 days count from this Monday, as in staging.calendar
BASELINE = 3  # blocks that a team's activity beforehand is taken from
REDEALS = 499
FARTHEST = timedelta(days=3653)  # from the run's day to the first wave
LARGEST = 16 << 20  # bytes of a plan that are read
MEND = "restore it, or deal anew with --again"

TEAMS = """
select p.team, min(p.directorate) as directorate, count(*) as people
from staging.placements as p
where p.team is not null and p.block_start = (select max(block_start) from staging.placements)
group by p.team
order by p.team
"""
RATES = """
select m.unit as team, m.period_start, count(a.person) as active, count(*) as people
from staging.membership as m
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start
where m.unit_level = 'team' and m.period = '28 days'
group by m.unit, m.period_start
order by m.unit, m.period_start
"""


@dataclass(frozen=True)
class Place:
    """A team's place in the roll-out."""

    order: int
    wave: int
    starts_on: date
    team: str
    directorate: str
    size: str
    activity: str

    @property
    def stratum(self) -> tuple[str, str, str]:
        """What it was dealt within."""
        return self.directorate, self.size, self.activity


@dataclass(frozen=True)
class Plan:
    """A dealt roll-out: `made_for` is the run's day of the warehouse it was dealt from."""

    organisation: str
    made_for: date
    seed: int
    places: tuple[Place, ...]
    balance: tuple[Balance, ...] = ()


class _Told(BaseModel):
    """The file of a plan."""

    model_config = ConfigDict(extra="forbid", strict=True)

    organisation: str
    made_for: date
    seed: int = Field(ge=0)
    waves: list[dict[str, JsonValue]]
    places: list[Place] = Field(min_length=2)


@dataclass(frozen=True)
class Analysis:
    """What beginning did to a team's active share, in points; `low` and `high` hold 95 %; `p` is by dealing again."""

    att: float
    low: float
    high: float
    p: float
    teams: int
    missing: int
    blocks: int


def make(config: Settings, *, waves: int = 4, seed: int | None = None, start: date | None = None, again: bool = False) -> Plan:
    """Deal the teams of the newest directory into waves and write the plan to home/rollout/; gives it.

    Waves begin one block of 28 days after the other, the first with the first block on or after `start` (the day after
    the run's). Strata are directorate x size x activity, each of the last two in thirds. Without a seed the run's day is
    one. Raises ConfigError where a plan is there and `again` is not said, or there are too few teams.
    """
    path = config.home / "rollout" / PLAN
    if path.exists() and not again:
        old = read(config)
        raise ConfigError(
            f"a plan is there already ({path}, dealt with seed {old.seed}, first wave {old.places[0].starts_on}): a lot is drawn "
            "once; run `tidemark rollout --analyse`, or add --again to deal anew and lose it"
        )
    if seed is not None and seed < 0:
        raise ConfigError(f"--seed {seed}: a seed is 0 or more")
    with _warehouse(config) as con:
        organisation, as_of = con.execute("select organisation, as_of from staging.run").fetchall()[0]
        teams = con.execute(TEAMS).fetchall()
        rates = _rates(con)
    if len(teams) < 2 * waves:
        raise ConfigError(f"{len(teams)} teams of {config.k} people or more are too few for {waves} waves; take fewer with --waves")
    names, homes, sizes = (list(column) for column in zip(*teams, strict=True))
    newest = sorted({day for _, day in rates})[-BASELINE:]
    active = _filled([float(np.mean([rates[t, d] for d in newest if (t, d) in rates] or [np.nan])) for t in names])
    size, activity = _thirds(sizes, ("small", "middling", "large")), _thirds(active, ("quiet", "middling", "active"))
    strata = list(zip(homes, size, activity, strict=True))
    seed = int(f"{as_of:%Y%m%d}") if seed is None else seed
    dealt = deal(names, strata, sizes, seed, waves=waves, covariates={"active share": active})
    if start and abs(start - as_of) > FARTHEST - BLOCK:
        raise ConfigError(f"--start {start}: the first wave begins within ten years")
    first, known = _block_from(start or as_of + timedelta(days=1)), {t: n for n, t in enumerate(names)}
    places = tuple(
        Place(number, wave, first + (wave - 1) * BLOCK, team, homes[known[team]], size[known[team]], activity[known[team]])
        for number, (team, wave) in enumerate(zip(dealt.units, dealt.wave, strict=True), start=1)
    )
    plan = Plan(organisation, as_of, seed, places, dealt.balance)
    _write(config.home / "rollout", plan)
    return plan


def read(config: Settings) -> Plan:
    """The plan that was dealt. Raises ConfigError where there is none, it cannot be read, or it is not as it was dealt."""
    path = config.home / "rollout" / PLAN
    if not path.is_file():
        raise ConfigError(f"there is no plan yet ({path}): deal one with `tidemark rollout`")
    try:
        with path.open("rb") as file:
            told = _Told.model_validate_json(file.read(LARGEST))
    except OSError as error:
        raise ConfigError(f"cannot read {path} ({error.strerror}): mend its rights or restore it") from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise ConfigError(f"{path} is not a plan as it was dealt ({where + ': ' if where else ''}{fault['msg']}): {MEND}") from None
    if wrong := _changed(told):
        raise ConfigError(f"{path} is not a plan as it was dealt ({wrong}): {MEND}")
    return Plan(told.organisation, told.made_for, told.seed, tuple(told.places))


def _changed(told: _Told) -> str:
    """What of a plan cannot have been dealt, or "". The lot is drawn again by its seed: nobody can have moved a team."""
    places, waves = told.places, len({place.wave for place in told.places})
    if twice := [team for team, times in Counter(place.team for place in places).items() if times > 1]:
        return f"{twice[0]!r} is in it twice"
    if {place.wave for place in places} != set(range(1, waves + 1)) or waves < 2:
        return "waves are not called 1, 2 and so on"
    if [place.order for place in places] != list(range(1, len(places) + 1)):
        return "teams are not in their order"
    first = min(place.starts_on for place in places)
    apart = any(place.starts_on - first != (place.wave - 1) * BLOCK for place in places) or first > date.max - FARTHEST
    if apart or (first - ANCHOR) % BLOCK or abs(first - told.made_for) > FARTHEST or told.waves != _waves(places):
        return "waves do not begin with a block of 28 days, one after the other"
    dealt = deal([place.team for place in places], [place.stratum for place in places], [0] * len(places), told.seed, waves=waves)
    if list(zip(dealt.units, dealt.wave, strict=True)) != [(place.team, place.wave) for place in places]:
        return f"the lot of seed {told.seed} falls otherwise among these teams"
    return ""


def analyse(config: Settings, *, redeals: int = REDEALS) -> Analysis:
    """Whether teams that have begun take part more than those still waiting lead to expect.

    Each wave is a cohort from its first block on, compared with waves that have not begun, by the plan and not by what
    happened to each team. p comes from dealing the same teams again within the same strata, with the plan's seed. Raises
    ConfigError where no wave has a whole block yet, or none is left to compare with.
    """
    plan = read(config)
    with _warehouse(config) as con:
        rates = _rates(con)
    starts = {place.wave: place.starts_on for place in plan.places}
    blocks = sorted({day for _, day in rates if day >= starts[1] - BASELINE * BLOCK})
    whole = [day for day in blocks if day >= starts[1]]
    if not any((place.team, day) in rates for place in plan.places for day in blocks):
        raise ConfigError("no team of the plan is told of any more: they were renamed or merged, and there is nobody to compare")
    if whole and blocks[0] >= starts[1]:
        raise ConfigError(f"nothing is known from before the first wave began on {starts[1]}: there is no change to compare")
    if not whole:
        ends = starts[1] + BLOCK - timedelta(days=1)
        raise ConfigError(f"too early: the first wave begins on {starts[1]}, and its first block of 28 days ends on {ends}")
    number = {day: 1 + (day - blocks[0]) // BLOCK for day in blocks}
    begins = np.array([0.0, *(1 + (starts[wave] - blocks[0]) / BLOCK for wave in sorted(starts))])
    units = [place.team for place in plan.places]
    rows = [(n, number[day], rates[team, day]) for n, team in enumerate(units) for day in blocks if (team, day) in rates]
    present = {n for n, _, _ in rows}
    unit, period, outcome = (np.array(column) for column in zip(*rows, strict=True))

    def effect(wave: NDArray[np.int64]) -> Any:
        found = att_gt(unit, period, begins[wave][unit], outcome, control="notyet", base="universal", unbalanced="pairs")
        return aggregate(found, "simple")

    wave = np.array([place.wave for place in plan.places])
    try:
        told = effect(wave)
    except ValueError:
        raise ConfigError("every wave has begun with the first: there is no team left to compare with") from None
    strata = [place.stratum for place in plan.places]
    p = redeal_p(lambda dealt: float(effect(dealt).att), units, strata, wave, draws=redeals, seed=plan.seed)
    low, high = told.att - 1.96 * told.se, told.att + 1.96 * told.se
    return Analysis(100 * told.att, 100 * low, 100 * high, p, len(present), len(units) - len(present), len(whole))


def plan_lines(plan: Plan) -> Iterator[str]:
    """The order, the waves and how alike they are, for people."""
    yield f"{'':>4} {'wave':>4}  {'begins':10}  {'team':40} {'directorate':30} size, activity"
    for place in plan.places:
        told = f"{place.team:40} {place.directorate:30} {place.size}, {place.activity}"
        yield f"{place.order:>4} {place.wave:>4}  {place.starts_on}  {told}"
    yield ""
    yield f"{'wave':>4} {'teams':>5}  {'':12} {'mean':>7} {'others':>7}  difference in standard deviations"
    for row in plan.balance:
        yield f"{row.wave:>4} {row.units:>5}  {row.covariate:12} {row.mean:>7.2f} {row.mean_rest:>7.2f}  {row.difference:+.2f}"


def analysis_lines(found: Analysis) -> Iterator[str]:
    """What the experiment says, in plain words."""
    way = "more" if found.att >= 0 else "less"
    yield (
        f"Teams that have begun are {abs(found.att):.1f} points {way} active than teams still waiting lead to expect "
        f"(95 %: {found.low:+.1f} to {found.high:+.1f}), after {found.blocks} blocks of 28 days."
    )
    sure = "more than the lot alone explains" if found.p <= 0.05 else "the lot alone could explain that"
    yield f"p = {found.p:.3f} by dealing the same teams again: {sure}."
    yield f"{found.teams} teams are compared" + (f"; {found.missing} of the plan are no longer told of." if found.missing else ".")
    yield "Who began was drawn by lot: rising teams did not volunteer. If teams that wait were reached too, the effect is larger."


def _warehouse(config: Settings) -> duckdb.DuckDBPyConnection:
    path = config.home / WAREHOUSE
    if not path.is_file():
        raise ConfigError(f"there is no {WAREHOUSE} yet: run `tidemark nightly` (or `tidemark demo`)")
    return duckdb.connect(str(path), read_only=True, config={**SAFE, "enable_external_access": "false"})


def _rates(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, date], float]:
    """Active share of each team in each block."""
    return {(team, day): active / people for team, day, active, people in con.execute(RATES).fetchall()}


def _filled(values: list[float]) -> list[float]:
    """A team that is new counts as the middle one."""
    known = [value for value in values if not np.isnan(value)]
    middle = float(np.median(known)) if known else 0.0
    return [middle if np.isnan(value) else value for value in values]


def _thirds(values: list[float], words: tuple[str, str, str]) -> list[str]:
    low, high = np.quantile(np.array(values, dtype=np.float64), [1 / 3, 2 / 3])
    return [words[0] if value <= low else words[1] if value <= high else words[2] for value in values]


def _waves(places: Iterable[Place]) -> list[dict[str, JsonValue]]:
    starts = {place.wave: place.starts_on.isoformat() for place in places}
    return [{"wave": wave, "starts_on": day} for wave, day in starts.items()]


def _block_from(day: date) -> date:
    return day + timedelta(days=-(day - ANCHOR).days % BLOCK.days)


def _write(folder: Path, plan: Plan) -> None:
    from pipeline.report.export import neutral

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    places = [
        {"order": p.order, "wave": p.wave, "starts_on": p.starts_on.isoformat(), "team": p.team, "directorate": p.directorate,
         "size": p.size, "activity": p.activity} for p in plan.places
    ]  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(places[0])
    writer.writerows([neutral(cell) if isinstance(cell, str) else cell for cell in row.values()] for row in places)
    told = {
        "organisation": plan.organisation, "made_for": plan.made_for.isoformat(), "seed": plan.seed,
        "waves": _waves(plan.places), "places": places,
    }  # fmt: skip
    for name, content in ((ORDER, text.getvalue()), (PLAN, json.dumps(told, indent=1, ensure_ascii=False) + "\n")):
        aside = folder / f".{name}.{os.getpid()}"
        aside.touch(mode=0o600)
        aside.write_text(content, encoding="utf-8")
        swap(aside, folder / name)
