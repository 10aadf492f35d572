"""The people of the department: who they are, who joins, leaves and moves, and the directory's CSV files.

Belongs here: the roster and its history. Does not: anything that people do (spread.py and the sources).
"""

from __future__ import annotations

import csv
import io
import unicodedata
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.simulate.department import Department, Dice, Flags, Ints
from pipeline.simulate.names import (
    DIRECTORATES,
    DOUBLE,
    FIRST,
    GRADE_SHARES,
    GRADES,
    LAST,
    LOCATIONS,
    WORK,
)  # fmt: skip

DOMAIN = "coastal.gov.example"
HEADER = (
    "staff_id", "name", "email", "login", "entra_id", "team", "directorate", "grade", "location", "manager_id",
    "started_on", "left_on",
)  # fmt: skip
NEVER = 10**6
NOTICE_DAYS = 28
WEEKLY = 13  # exports come every fourth week until so many weeks before the end, then each Monday
BOM_FROM_WEEK = 5


@dataclass
class People:
    """Everybody who is on the roster at some time, by number. Day numbers count from the first day, 0 the first."""

    staff_id: list[str]
    first: list[str]
    last: list[str]
    email: list[str]
    login: list[str]
    entra: list[str]
    phone: list[str]
    team: Ints
    grade: Ints
    location: Ints
    started: Ints
    left: Ints
    team_names: list[str]
    team_directorate: Ints
    directorate_names: list[str]
    moves: list[tuple[int, int, int]] = field(default_factory=list)
    known_entra: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __len__(self) -> int:
        return len(self.staff_id)

    def name(self, person: int) -> str:
        """First and last name."""
        return f"{self.first[person]} {self.last[person]}"

    def team_on(self, day: int) -> Ints:
        """Everybody's team on a day."""
        team = self.team.copy()
        for moved, person, to in self.moves:
            if moved <= day:
                team[person] = to
        return team

    def team_at(self, person: Ints, day: Ints) -> Ints:
        """The team of each of these people, on a day of their own."""
        team = self.team[person]
        order = np.argsort(person, kind="stable")
        ranked = person[order]
        for moved, who, to in self.moves:
            own = order[np.searchsorted(ranked, who) : np.searchsorted(ranked, who, side="right")]
            team[own[day[own] >= moved]] = to
        return team

    def directorate_on(self, day: int) -> Ints:
        """Everybody's directorate on a day."""
        return self.team_directorate[self.team_on(day)]

    def present(self, day: int) -> Flags:
        """Who is employed on a day."""
        return (self.started <= day) & (self.left >= day)

    @property
    def leader(self) -> int:
        """The chief executive."""
        return 0


def found(department: Department) -> People:
    """The department as it is on its first day, and everything that HR will do to it until the last."""
    rng = department.chance("organisation")
    dice = Dice(rng)
    sizes, parents = _teams(department, rng)
    joiners = int(department.staff * 0.0022 * (department.weeks - 1))
    total = department.staff + joiners
    team = np.concatenate([np.repeat(np.arange(department.teams), sizes), rng.integers(0, department.teams, joiners)])
    started = np.concatenate(
        [-rng.integers(60, 9000, department.staff), 7 * rng.integers(1, max(department.weeks, 2), joiners)]
    )
    left = np.full(total, NEVER)
    anybody = np.arange(3, department.staff)  # the chief executive's office stays
    leavers = rng.choice(anybody, int(department.staff * 0.0024 * department.weeks), replace=False)
    left[leavers] = rng.integers(3, department.days + 20, len(leavers))
    grade = rng.choice(len(GRADES), size=total, p=np.array(GRADE_SHARES) / sum(GRADE_SHARES))
    for number in range(department.teams):
        members = np.flatnonzero(team == number)
        grade[members[0]] = max(int(grade[members].max()), 4)
    grade[0] = len(GRADES) - 1
    first, last, email, login = _identities(total, dice)
    people = People(
        staff_id=[f"C{100_000 + 7 * n + dice.below(6)}" for n in range(total)],
        first=first, last=last, email=email, login=login,
        entra=[str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(total)],
        phone=[dice.pick(("01632 960", "020 7946 0", "07700 900")) + f"{dice.below(1000):03d}" for _ in range(total)],
        team=team, grade=grade, location=rng.integers(0, len(LOCATIONS), total), started=started, left=left,
        team_names=_team_names(parents, dice), team_directorate=parents,
        directorate_names=list(DIRECTORATES[: department.directorates]),
        known_entra=(rng.random(total) < 0.985) | (np.arange(total) < 3),
    )  # fmt: skip
    movers = rng.choice(anybody, int(department.staff * 0.0016 * department.weeks), replace=False)
    days = 7 * rng.integers(1, max(department.weeks, 2), len(movers))
    where = rng.integers(0, department.teams, len(movers))
    people.moves = sorted((int(d), int(p), int(t)) for d, p, t in zip(days, movers, where, strict=True))
    return people


def _teams(department: Department, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Sizes (lognormal, at least 3, adding up to the staff) and directorates of the teams."""
    weight = rng.lognormal(0, 0.55, department.teams)
    room = department.staff - 3 * department.teams
    exact = weight / weight.sum() * room
    sizes = 3 + exact.astype(np.int64)
    short = department.staff - int(sizes.sum())
    sizes[np.argsort(exact.astype(np.int64) - exact, kind="stable")[:short]] += 1
    shares = np.linspace(0.6, 1.4, department.directorates)
    parents = np.repeat(np.arange(department.directorates), 1)
    extra = rng.choice(department.directorates, department.teams - department.directorates, p=shares / shares.sum())
    return sizes, np.sort(np.concatenate([parents, extra]))


def _team_names(parents: Ints, dice: Dice) -> list[str]:
    names: list[str] = []
    seen: set[str] = set()
    for number, parent in enumerate(parents):
        name = "Chief Executive's Office" if number == 0 else ""
        while not name or name in seen:
            place = dice.pick(("North", "South", "East", "West", "Central", "National", LOCATIONS[dice.below(6)]))
            name = f"{dice.pick(WORK)} {place}"
            if dice.roll() < 0.35 or len(seen) > 150:
                name = f"{DIRECTORATES[parent].split(maxsplit=1)[0]} {name}"
            if len(seen) > 1000:
                name = f"{name} {len(seen) // 40}"
        seen.add(name)
        names.append(name)
    return names


def plain(text: str) -> str:
    """Lower case letters and hyphens only, as addresses are made."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in bare.lower() if c.isalpha() or c == "-")


def _identities(total: int, dice: Dice) -> tuple[list[str], list[str], list[str], list[str]]:
    """Names with a few namesakes; unique e-mail addresses and logins made from them as departments do."""
    first, last, email, login = [], [], [], []
    used: dict[str, int] = {}
    for _ in range(total):
        given = dice.pick(FIRST)
        family = dice.pick(DOUBLE) if dice.roll() < 0.02 else dice.pick(LAST)
        address = f"{plain(given)}.{plain(family)}"
        used[address] = used.get(address, 0) + 1
        again = used[address]
        short = (plain(given)[0] + plain(family).replace("-", ""))[:7]
        used[short] = used.get(short, 0) + 1
        first.append(given)
        last.append(family)
        email.append(f"{address}{again if again > 1 else ''}@{DOMAIN}")
        login.append(f"{short}{used[short]}")
    return first, last, email, login


def managers(people: People) -> Ints:
    """Everybody's manager: head of team, head of directorate, chief executive; -1 for the last."""
    heads = np.array([np.flatnonzero(people.team == number)[0] for number in range(len(people.team_names))])
    first_team = [np.flatnonzero(people.team_directorate == d)[0] for d in range(len(people.directorate_names))]
    top = heads[np.array(first_team)]
    manager = heads[people.team]
    manager[heads] = top[people.team_directorate]
    manager[top] = people.leader
    manager[people.leader] = -1
    return manager


def export_weeks(department: Department) -> list[int]:
    """The weeks on whose Monday the directory is exported: the first, the first of each block of 28 days, at last each."""
    last, lost = department.weeks, department.lost_days("directory")
    weeks = [w for w in range(last) if not w or last - w <= WEEKLY or (last - w) % 4 == 0]
    return [w for w in weeks if not lost[7 * w] and 7 * w < department.shown_until("directory")]


def write_directory(department: Department, people: People, folder: Path) -> None:
    """A CSV for each export, `staff-YYYY-MM-DD.csv`: leavers carry `left_on` while on notice, and then are gone."""
    manager = managers(people)
    for week in export_weeks(department):
        day = 7 * week
        team, present = people.team_on(day), people.present(day).tolist()
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(HEADER)
        for p in (p for p, here in enumerate(present) if here):
            left = int(people.left[p])
            boss = int(manager[p])
            rows.writerow(
                (
                    people.staff_id[p], people.name(p), people.email[p], people.login[p],
                    people.entra[p] if people.known_entra[p] else "", people.team_names[team[p]],
                    people.directorate_names[people.team_directorate[team[p]]], GRADES[people.grade[p]],
                    LOCATIONS[people.location[p]],
                    people.staff_id[boss] if boss >= 0 and present[boss] else "",
                    department.day(int(people.started[p])).isoformat(),
                    department.day(left).isoformat() if left - day <= NOTICE_DAYS else "",
                )
            )  # fmt: skip
        encoding = "utf-8-sig" if week >= BOM_FROM_WEEK else "utf-8"
        path = folder / f"staff-{department.day(day).isoformat()}.csv"
        path.write_bytes(text.getvalue().encode(encoding))
