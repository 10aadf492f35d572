"""Who is away when, and why: leave, illness, months elsewhere, no computer; the register that HR keeps of it.

Belongs here: absences and their register. Does not: joiners and leavers (organisation.py), or who keeps silent though
present (spread.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.simulate.department import Department, Flags, Ints
from pipeline.simulate.organisation import People

SHORT = (("sick", 2, 0.4), ("leave", 5, 0.4), ("leave", 12, 0.2))  # why, calendar days, share of stretches
WORKING_DAYS = 4.4  # of the mean stretch
MONTHS = ("parental leave", "sick", "loan to another department")
QUARTER = 91
HEADER = "person,from,to,why"


@dataclass(frozen=True)
class Absences:
    """Stretches of absence as (person, first day, last day, why), and who is away on which day: people x days."""

    stretches: list[tuple[int, int, int, str]]
    away: Flags
    teams: list[int]


def absent(department: Department, people: People) -> Absences:
    """Every absence within the calendar. The chief executive's first three are never away."""
    rng = department.chance("absence")
    chosen, days, count = department.absence, department.days, len(people)
    found: list[tuple[int, int, int, str]] = []
    teams = _teams_away(department, people, rng)
    quarter = max(0, days - QUARTER)
    found += [(p, quarter, days - 1, "other duties") for p in np.flatnonzero(np.isin(people.team, teams)).tolist()]
    without = rng.random(count) < chosen.no_computer
    found += [(p, 0, days - 1, "no computer") for p in np.flatnonzero(without).tolist()]
    for person in np.flatnonzero(rng.random(count) < chosen.long_share).tolist():
        first = int(rng.integers(-60, days))
        found.append((person, first, first + int(rng.integers(60, 270)), MONTHS[int(rng.integers(len(MONTHS)))]))
    many = rng.poisson(chosen.days_a_year / WORKING_DAYS * days / 365, count)
    who = np.repeat(np.arange(count), many)
    kind = rng.choice(len(SHORT), len(who), p=[share for _, _, share in SHORT])
    begin = rng.integers(0, days, len(who))
    monday = begin - begin % 7  # leave is taken by the week, illness comes when it comes
    begin = np.where(kind == 0, begin, monday)
    length = np.array([long for _, long, _ in SHORT])[kind] - (kind == 0) * rng.integers(0, 2, len(who))
    short = zip(who.tolist(), begin.tolist(), (begin + length - 1).tolist(), kind.tolist(), strict=True)
    found += [(p, first, last, SHORT[k][0]) for p, first, last, k in short]
    stretches = _apart([one for one in found if one[0] > 2], people, days)
    return Absences(stretches, _matrix(stretches, count, days), teams)


def _teams_away(department: Department, people: People, rng: np.random.Generator) -> list[int]:
    """Teams of the middle directorates: neither those that lag nor those that fall quiet."""
    last = department.directorates - department.silence.directorates
    middle = np.flatnonzero((people.team_directorate > department.lagging_count) & (people.team_directorate < last))
    return sorted(rng.permutation(middle[middle > 0])[: department.away_teams].tolist())


def _apart(found: list[tuple[int, int, int, str]], people: People, days: int) -> list[tuple[int, int, int, str]]:
    """Within the calendar and the employment, and no two of one person at once: the longer one stays."""
    kept: list[tuple[int, int, int, str]] = []
    reached: tuple[int, int] = (-1, -1)
    for person, begin, end, why in sorted(found, key=lambda one: (one[0], one[1], -one[2], one[3])):
        first = max(begin, int(people.started[person]), 0)
        last = min(end, int(people.left[person]), days - 1)
        if reached[0] == person and first <= reached[1]:
            first = reached[1] + 1
        if first <= last:
            kept.append((person, first, last, why))
            reached = (person, last)
    return kept


def _matrix(stretches: list[tuple[int, int, int, str]], count: int, days: int) -> Flags:
    edges = np.zeros((count, days + 1), dtype=np.int8)
    if stretches:
        person, first, last = (np.array([one[n] for one in stretches], dtype=np.int64) for n in range(3))
        np.add.at(edges, (person, first), 1)
        np.add.at(edges, (person, last + 1), -1)
    away: Flags = np.cumsum(edges, axis=1, dtype=np.int8)[:, :days] > 0
    return away


def write_register(department: Department, people: People, absences: Absences, path: Path) -> None:
    """`person,from,to,why`, the person by staff number; what has no end yet has none in the register."""
    rng = department.chance("absence register")
    shown = department.shown_until("absences")
    lines: list[str] = [HEADER]
    for person, first, last, why in absences.stretches:
        if first >= shown:
            continue
        end = "" if last >= department.days - 1 else department.day(last).isoformat()
        line = f"{people.staff_id[person]},{department.day(first).isoformat()},{end},{why}"
        lines += [line] * (1 + int(rng.random() < department.faults.duplicates))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def days_present(people: People, away: Flags, working: Flags, first: int, last: int) -> Ints:
    """Working days of each person within [first, last] on which they were employed and not away."""
    day = np.arange(first, last + 1)
    there = (day >= people.started[:, None]) & (day <= people.left[:, None]) & ~away[:, first : last + 1]
    days: Ints = (there & working[first : last + 1]).sum(axis=1)
    return days
