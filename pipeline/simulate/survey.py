"""The survey: what everybody would answer, and who does, a file a wave.

Belongs here: true capability, confidence, use at home and at work, and the responses file. Does not: what a figure of
them is (the pipeline).

Answers are whole numbers from 0 to 10. Use at home is what somebody can do and dares to; at work it is less where
equipment or rights hold back, and where they do not, mostly because confidence or capability is low.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.simulate.department import Department, Floats, Ints
from pipeline.simulate.spread import World

ITEMS = ("capability", "confidence", "home", "work", "access")
WEEKLY_GROWTH = 0.05  # points of capability and confidence a week: programmes teach
OPEN_DAYS = 12


@dataclass(frozen=True)
class Wave:
    """One time the survey was held: on the roster then, what each would answer (people x items), who did and when."""

    day: int
    asked: Ints
    answers: Ints
    responded: Ints  # places in `asked`
    at: Ints  # minutes after nine on `day`


def hold(world: World) -> list[Wave]:
    """Every wave, from the dice of the survey."""
    department, people = world.department, world.people
    rng = department.chance("survey")
    chosen = department.survey
    latent = [_level(department, world, given, rng) for given in (chosen.capability, chosen.confidence)]
    blocked = rng.random(len(people)) < chosen.no_access
    habit = rng.normal(0, 10, len(people))
    waves: list[Wave] = []
    for number in range(chosen.waves):
        week = min(department.weeks - 1, int((number + 1) * department.weeks / (chosen.waves + 0.25)))
        day = 7 * week + 1
        asked = np.flatnonzero(people.present(day))
        gain = WEEKLY_GROWTH * week
        able, sure = (level[asked] + gain + rng.normal(0, 5, len(asked)) for level in latent)
        home = 0.6 * able + 0.3 * sure + 12 + habit[asked]
        work = home - np.where(blocked[asked], rng.uniform(20, 50, len(asked)), rng.uniform(-3, 12, len(asked)))
        access = np.where(blocked[asked], rng.uniform(5, 45, len(asked)), rng.uniform(55, 100, len(asked)))
        points = np.stack([able, sure, home, work, access], axis=1)
        answers = np.clip(np.rint(points / 10), 0, 10).astype(np.int64)
        willing = (rng.random(len(asked)) < chosen.response_rate) & world.there(day)[asked]
        responded = np.flatnonzero(willing)
        at = np.minimum(rng.exponential(3 * 1440, len(responded)), OPEN_DAYS * 1440).astype(np.int64)
        room = (department.days - day) * 1440 - 600
        waves.append(Wave(day, asked, answers, responded, np.minimum(at, max(room - 1, 0))))
    return waves


def _level(department: Department, world: World, given: list[float], rng: np.random.Generator) -> Floats:
    """Everybody's true level, 0 to 100: the directorate's, the team's on top, and one's own."""
    people, chosen = world.people, department.survey
    means = np.array([given[min(d, len(given) - 1)] for d in range(department.directorates)], dtype=np.float64)
    if len(given) < department.directorates:
        means += rng.normal(0, chosen.directorate_spread, department.directorates)
    team = means[people.team_directorate] + rng.normal(0, chosen.team_spread, department.teams)
    level: Floats = team[people.team] + rng.normal(0, chosen.person_spread, len(people))
    return level


def write_waves(world: World, waves: list[Wave], folder: Path) -> None:
    """`wave-YYYY-MM-DD.csv`: `person` by staff number, `answered_at`, and a column an item; a few cells are empty."""
    department, people = world.department, world.people
    rng = department.chance("survey files")
    lost, shown = department.lost_days("survey"), department.shown_until("survey")
    for wave in waves:
        if lost[wave.day] or wave.day >= shown:
            continue
        rows = [f"person,answered_at,{','.join(ITEMS)}"]
        begin = datetime.combine(department.day(wave.day), datetime.min.time()) + timedelta(hours=9)
        skipped = rng.random((len(wave.responded), len(ITEMS))) < 0.01
        for n, (place, minutes) in enumerate(zip(wave.responded.tolist(), wave.at.tolist(), strict=True)):
            at = begin + timedelta(minutes=minutes)
            cells = ["" if skipped[n, i] else str(answer) for i, answer in enumerate(wave.answers[place].tolist())]
            rows.append(f"{people.staff_id[wave.asked[place]]},{at:%d/%m/%Y %H:%M},{','.join(cells)}")
        name = f"wave-{department.day(wave.day).isoformat()}.csv"
        (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
