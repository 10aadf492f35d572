"""A department whose adoptions are told as facts: who adopted when, of what kind and from whom.

Belongs here: rows of staging.adoptions and staging.exposures for the metrics of spread. Does not: how these facts are found
from acts (tests/metrics/test_spread_adoptions.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from tests.story import AS_OF, World, many

SINCE = date(2025, 12, 29)  # a Monday that begins a block of 28 days


@dataclass(frozen=True)
class Adopted:
    """One adopter by number from 1: the day, the kind, the way and the candidate sources."""

    person: int
    day: date
    kind: str = "unattributed"
    way: str | None = None
    sources: tuple[int, ...] = ()


def department(world: World, staff: int, adopted: Iterable[Adopted], *, teams: int = 1, missing: Iterable[str] = ()) -> World:
    """A roster of so many, one source that was seen since SINCE except on the missing days, and these adoptions."""
    world.seen("wall", since=SINCE.isoformat(), missing=missing)
    world.con.execute(
        """insert into each.people (person, team, directorate, valid_from, valid_to)
           select encode(name), 'Team ' || (i % ?), 'Coast', ?, date '9999-12-31'
           from (select unnest(?::varchar[]) as name, generate_subscripts(?::varchar[], 1) as i)""",
        [teams, SINCE, names := many("p", staff).split(), names],
    )
    tell(world, adopted)
    return world


def tell(world: World, adopted: Iterable[Adopted]) -> None:
    """These adoptions, and the candidates of each."""
    by_number = {one.person: one for one in adopted}
    people = [(one.person, one.day, one.day, one.kind, one.way) for one in by_number.values()]
    pairs = [
        (one.person, source, one.way or "reply", by_number[source].day, one.day)
        for one in by_number.values() for source in one.sources
    ]  # fmt: skip
    _fill(world, "staging.adoptions", "person adopted_on first_on kind way", people)
    _fill(world, "staging.exposures", "person toward way toward_adopted_on adopted_on", pairs)


def _fill(world: World, table: str, columns: str, rows: list[tuple[object, ...]]) -> None:
    """As World.given, many rows at a time."""
    world.given(table, columns)
    names = columns.split()
    made = pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)}) if rows else None
    if made is not None:
        world.con.register("made_up", made)
        world.con.execute(f"insert into {table} ({', '.join(names)}) select {', '.join(names)} from made_up")
        world.con.unregister("made_up")


def branching(reproduction: float, *, seeds: int, since: date = SINCE, hidden: float = 0.0, seed: int = 7) -> list[Adopted]:
    """Imported seeds, one a day, who win over Poisson(R) others each, after about 10 days, on a working day; some edges hidden."""
    rng = np.random.default_rng(seed)
    found = [Adopted(n + 1, since + timedelta(days=n), "imported") for n in range(seeds)]
    queue = list(found)
    while queue:
        source = queue.pop(0)
        for _ in range(int(rng.poisson(reproduction))):
            day = _working(source.day + timedelta(days=max(1, round(float(rng.gamma(2.0, 5.0))))))
            if day <= AS_OF:
                known = rng.random() >= hidden
                one = Adopted(len(found) + 1, day, "attributed" if known else "unattributed", "reply" if known else None,
                              (source.person,) if known else ())  # fmt: skip
                found.append(one)
                queue.append(one)
    return found


def _working(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


def steady(a_week: int, kind: str, *, since: date = SINCE) -> list[Adopted]:
    """So many a week, spread over its days, all of one kind."""
    days = (AS_OF - since).days + 1
    return [Adopted(n + 1, since + timedelta(days=n * 7 // a_week), kind) for n in range(days * a_week // 7)]
