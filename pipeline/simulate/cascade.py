"""Champions and whom they train: the plan of ten colleagues each, as fast as each champion goes, and the register.

Belongs here: who trains whom on which day, beyond the last day too. Does not: the session's statement (learning.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.simulate.department import Dice
from pipeline.simulate.organisation import NEVER
from pipeline.simulate.spread import World

PACE_DAYS, PACE_SPREAD = 9.0, 0.5  # days from one session to the next: median over champions, sigma of the logarithm
STUCK = 0.2  # share of champions who stop short of their number
HORIZON = 365  # days after the last for which sessions are still told


@dataclass(frozen=True, slots=True)
class Lesson:
    """A champion trains a colleague on a day number, which may lie after the calendar's end."""

    champion: int
    pupil: int
    day: int


def lessons(world: World) -> list[Lesson]:
    """Every session that takes place or is going to, in order of time. Those won over come first, then others near."""
    state, people, department = world.spread, world.people, world.department
    dice = Dice(department.chance("lessons"))
    last = department.days + HORIZON
    taught: set[int] = set()
    found: list[Lesson] = []
    for champion in sorted(np.flatnonzero(state.begun < department.days).tolist(), key=lambda c: (int(state.begun[c]), c)):
        wanted = department.champions.colleagues
        if dice.roll() < STUCK:
            wanted = dice.below(max(wanted, 1))
        pace = PACE_DAYS * float(np.exp(PACE_SPREAD * dice.normal()))
        day = int(state.begun[champion]) + 3
        for pupil in _pupils(world, champion, dice):
            if wanted <= 0:
                break
            day += 1 + int(dice.wait(pace))
            on = _next(world, pupil, day)
            if pupil in taught or on >= last or not people.started[pupil] <= on <= people.left[pupil]:
                continue
            found.append(Lesson(champion, pupil, on))
            taught.add(pupil)
            wanted -= 1
    return sorted(found, key=lambda lesson: (lesson.day, lesson.champion, lesson.pupil))


def _pupils(world: World, champion: int, dice: Dice) -> list[int]:
    """Whom a champion asks, one after the other: those who look up to them, team-mates, people of the directorate."""
    state, people = world.spread, world.people
    won = np.flatnonzero((state.source == champion) & (state.taken_up < NEVER)).tolist()
    asked = [p for p in won if dice.roll() < 0.6]
    team = np.flatnonzero(people.team == people.team[champion]).tolist()
    asked += [p for p in (*state.contacts[champion].tolist(), *team) if dice.roll() < 0.7]
    home = people.team_directorate[people.team]
    near = np.flatnonzero(home == home[champion])
    asked += [int(near[dice.below(len(near))]) for _ in range(2 * world.department.champions.colleagues)]
    return [p for p in dict.fromkeys(asked) if p != champion]


def _next(world: World, person: int, day: int) -> int:
    """The day, or the next working day on which the person is not away; after the calendar's end any day will do."""
    while day < world.department.days and (not world.clock.working[day] or world.away[person, day]):
        day += 1
    return day


def write_register(world: World, path: Path) -> None:
    """`person,from,to,role`: champions by e-mail address as somebody keeps them; who left is no champion any more."""
    department, people, state = world.department, world.people, world.spread
    rows = ["person,from,to,role"]
    for champion in sorted(np.flatnonzero(state.begun < department.days).tolist(), key=lambda c: (int(state.begun[c]), c)):
        if state.begun[champion] >= department.shown_until("champions"):
            continue
        left = int(people.left[champion])
        until = department.day(left).isoformat() if left < department.days else ""
        rows.append(f"{people.email[champion]},{department.day(int(state.begun[champion])).isoformat()},{until},champion")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
