"""How many teams are quiet, and in which of four ways: each team in one at most, the first that holds.
---
question: How many teams are we not hearing, and what kind of quiet is it?
unit: teams
better: lower
interval: none
needs: [network, chat]
formula: >-
  teams of the newest block of 28 days that could not (most of their working days in 12 weeks were days away), were not
  reached (nobody in them ever read or contributed of their own accord), fell quiet (newly_quiet_flag) or are reached but
  quiet (persistently_quiet_flag); the rest are heard, or cannot be judged
source: Benjamini & Hochberg 1995; Spiegelhalter 2005
limits: >-
  A count, not a list. Whom no source of reading knows looks not reached. Teams that cannot be judged are in none of the
  four. Small teams count as the one that they are merged into.
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pipeline.estimate import Quiet, newly_quiet, persistently_quiet
from pipeline.families import quiet
from pipeline.families.rows import table

QUERY = quiet.QUERY
AWAY, UNREACHED, FELL, STAYS = "could not", "not reached", "fell quiet", "reached but quiet"
COLUMNS = ("unit_level", "unit", "part", "period", "period_start", "period_end", "base", "n_eff", "value", "refused", "verdict")


def figures(rows: pa.Table) -> pa.Table:
    """Four rows for the organisation and for each directorate: so many of its teams are quiet in this way."""
    teams, told = quiet.read_teams(rows)
    tests = {
        FELL: newly_quiet(told.acts, told.days, absent=told.absent, seed=quiet.SEED),
        STAYS: persistently_quiet(told.acts, told.days, absent=told.absent),
    }
    kinds = [_kind(team, n, tests) for n, team in enumerate(teams)]
    made = []
    for level in ("organisation", "directorate"):
        for unit in sorted({team[level] for team in teams if team[level]}):
            inside = [n for n, team in enumerate(teams) if team[level] == unit]
            first = {key: teams[inside[0]][key] for key in ("period", "period_start", "period_end")}
            for part in (UNREACHED, STAYS, FELL, AWAY):
                made.append({
                    **first, "unit_level": level, "unit": unit, "part": part, "n_eff": len(inside),
                    "base": sum(teams[n]["base"] for n in inside), **_count(part, inside, kinds, tests.get(part)),
                })  # fmt: skip
    return table(made, COLUMNS)


def _kind(team: dict[str, Any], n: int, tests: dict[str, Quiet]) -> str | None:
    if team["absent"]:
        return AWAY
    if not team["reached"]:
        return UNREACHED
    return next((kind for kind, test in tests.items() if test.flagged[n]), None)


def _count(part: str, inside: Sequence[int], kinds: list[str | None], test: Quiet | None) -> dict[str, Any]:
    """The number of teams of a kind, or why it cannot be told: where a test could judge none of them."""
    unjudged = [test.why[n] for n in inside if test.why[n]] if test else []
    if len(unjudged) == len(inside):
        return {"value": None, "refused": min(unjudged), "verdict": None}
    words = f"of {len(inside)} teams" + (f", of which {len(unjudged)} cannot be judged" if unjudged else "")
    return {"value": float(sum(kinds[n] == part for n in inside)), "refused": None, "verdict": words}
