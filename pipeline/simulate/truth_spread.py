"""The truth about the spread: the tree of who won over whom, R by window, champions' sessions and what they did to teams.

Belongs here: its tables. Does not: files (truth.py), or the process itself (spread.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import gamma

from pipeline.simulate.cascade import Lesson
from pipeline.simulate.department import Floats
from pipeline.simulate.effect import Effect, never
from pipeline.simulate.organisation import NEVER
from pipeline.simulate.spread import World

FOLLOWED_DAYS = 90


def table(columns: tuple[str, ...], rows: Any) -> dict[str, Any]:
    """A table of the truth: its columns, and a list a row."""
    return {"columns": list(columns), "rows": [list(row) for row in rows]}


def spread_truth(world: World) -> dict[str, Any]:
    """Parameters, events and the tree: everybody who takes part, since when, how, because of whom, and how many they won over."""
    department, people, state = world.department, world.people, world.spread
    adopters = sorted(np.flatnonzero(state.taken_up < department.days).tolist(), key=lambda p: (int(state.taken_up[p]), p))
    won = np.bincount(state.source[adopters][state.source[adopters] >= 0], minlength=len(people)).tolist()
    chosen = department.spread
    return {
        "reproduction": 0.0 if chosen.only_broadcasts else chosen.reproduction, "dispersion": chosen.dispersion,
        "generation_days": chosen.generation_days, "generation_spread_days": chosen.generation_spread_days,
        **_waits(world), "never_willing": chosen.never_willing, "hidden_edges": chosen.hidden_edges,
        "begins": department.day(department.begins).isoformat(),
        "broadcasts": [department.day(day).isoformat() for day in state.broadcasts],
        "lagging_directorates": [people.directorate_names[d] for d in state.lagging],
        "pioneers": [people.staff_id[p] for p in np.flatnonzero(state.pioneer).tolist()],
        "champions": [people.staff_id[p] for p in np.flatnonzero(state.champion).tolist()],
        "windows": _windows(world),
        "taken_up": table(
            ("staff_id", "day", "how", "because_of", "lapsed", "won_over", "followed_days"),
            (
                (
                    people.staff_id[p], day_of(world, int(state.taken_up[p])), state.how[p],
                    people.staff_id[state.source[p]] if state.source[p] >= 0 else None,
                    day_of(world, int(state.lapsed[p])), won[p], department.days - int(state.taken_up[p]),
                )
                for p in adopters
            ),
        ),
    }  # fmt: skip


def _waits(world: World) -> dict[str, float | None]:
    """Mean and standard deviation of the days from one's beginning to that of somebody won over, as they came about."""
    state = world.spread
    pupils = np.flatnonzero(state.source >= 0)
    days = state.taken_up[pupils] - state.taken_up[state.source[pupils]]
    mean, spread = (float(days.mean()), float(days.std())) if len(days) else (None, None)
    return {"waited_days_mean": mean, "waited_days_spread": spread}


def _weights(world: World) -> Floats:
    """The generation interval by whole days, from 1 on: the gamma as the simulator rounds it."""
    chosen = world.department.spread
    shape = (chosen.generation_days / chosen.generation_spread_days) ** 2
    edges = np.arange(0, world.department.days + 1) + 0.5
    edges[0] = 0.0
    mass: Floats = np.diff(gamma.cdf(edges, shape, scale=chosen.generation_days / shape))
    return np.concatenate([[0.0], mass])


def _windows(world: World) -> dict[str, Any]:
    """By block of 28 days: who began how, R at the time (those won over / pressure), R of those who began then (mean won over)."""
    department, state = world.department, world.spread
    days = department.days
    taken = state.taken_up < days
    local = np.array([how == "peer" for how in state.how])
    every = np.bincount(state.taken_up[taken], minlength=days)[:days].astype(np.float64)
    peers = np.bincount(state.taken_up[taken & local], minlength=days)[:days]
    weight = _weights(world)
    pressure = np.array([float(every[:t] @ weight[t:0:-1]) for t in range(days)])
    won = np.bincount(state.source[taken & local], minlength=len(state.how))
    rows = []
    for first in range(days % 28, days, 28):
        span = slice(first, first + 28)
        cohort = taken & (state.taken_up >= first) & (state.taken_up < first + 28)
        began = [state.how[p] for p in np.flatnonzero(cohort).tolist()]
        force = float(pressure[span].sum())
        rows.append((
            department.day(first).isoformat(), int(peers[span].sum()), *map(began.count, ("champion", "broadcast", "alone")), force,
            float(peers[span].sum()) / force if force else None, float(won[cohort].mean()) if cohort.any() else None,
            days - first - 28 >= FOLLOWED_DAYS,
        ))  # fmt: skip
    return table(("start", "peer", "champion", "broadcast", "alone", "pressure", "r_then", "r_cohort", "followed"), rows)


def cascade_truth(world: World, taught: list[Lesson]) -> dict[str, Any]:
    """Each champion's beginning, and each session, those after the last day too."""
    ids, state, days = world.people.staff_id, world.spread, world.department.days
    champions = sorted(np.flatnonzero(state.begun < days).tolist(), key=lambda c: (int(state.begun[c]), c))
    return {
        "colleagues_each": world.department.champions.colleagues,
        "champions": table(
            ("staff_id", "begins", "team"),
            ((ids[c], day_of(world, int(state.begun[c])), world.people.team_names[world.people.team[c]]) for c in champions),
        ),
        "sessions": table(
            ("champion", "colleague", "day", "held"),
            ((ids[x.champion], ids[x.pupil], world.department.day(x.day).isoformat(), x.day < days) for x in taught),
        ),
    }  # fmt: skip


def effect_truth(world: World, found: Effect) -> dict[str, Any]:
    """Expected active shares by team and block, and their means over teams by the block in which a champion came."""
    names, day = world.people.team_names, world.department.day
    first = np.array([*found.blocks, NEVER])
    cohort = np.searchsorted(first, np.where(never(found.since), NEVER, found.since), side="right") - 1
    share = {
        key: np.divide(total, found.people, out=np.zeros_like(total), where=found.people > 0)
        for key, total in (("active", found.active), ("unstirred", found.unstirred), ("without", found.without))
    }
    control = never(found.since)
    means = []
    for group in sorted(set(cohort[~control].tolist())):
        inside = cohort == group
        for place, block in enumerate(found.blocks):
            total = float((share["active"] - share["without"])[inside, place].mean())
            spill = float((share["active"] - share["without"])[control, place].mean()) if control.any() else 0.0
            direct = float((share["active"] - share["unstirred"])[inside, place].mean())
            begins = day(found.blocks[group]).isoformat() if group >= 0 else None
            means.append((begins, day(block).isoformat(), int(inside.sum()), total, spill, total - spill, direct))
    return {
        "att": table(("champion_since", "block", "teams", "total", "spill", "contrast", "direct"), means),
        "teams": table(
            ("team", "champion_since", "block", "people", "active", "unstirred", "without"),
            (
                (
                    names[t], day_of(world, int(found.since[t])), day(block).isoformat(), int(found.people[t, b]),
                    *(round(float(share[key][t, b]), 6) for key in ("active", "unstirred", "without")),
                )
                for t in range(len(names)) for b, block in enumerate(found.blocks)
            ),
        ),
    }  # fmt: skip


def day_of(world: World, number: int) -> str | None:
    """The date of a day number; None after the last day."""
    return world.department.day(number).isoformat() if number < world.department.days else None
