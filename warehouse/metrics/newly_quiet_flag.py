"""Whether a team contributes far less in the newest 12 weeks than its own history leads to expect.
---
question: Which teams have fallen quiet?
unit: 1 where a team is unusually quiet, else 0
better: lower
interval: none
needs: [network, chat]
counts: [roster]
formula: >-
  contributory acts of the newest 3 blocks of 28 days against those expected from up to 13 blocks before, per working day
  present: negative binomial, rates of all teams from one Gamma distribution, posterior predictive p from seeded draws,
  Benjamini-Hochberg at 10 % where it flags anybody at 3 %; never above two thirds of what is expected
source: Benjamini & Hochberg 1995
limits: >-
  Says that a team is quiet, never why. A season in which everybody is quiet shows as many teams at once. Days away count
  only where a source tells of them. A source that starts or was not read shortens the history until it has been read for
  long enough; so does a change of more than half of the team. Of many flags about one in ten is chance.
never:
  neither yes nor no: value not in (0, 1)
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.estimate import newly_quiet
from pipeline.families.rows import UNIT, table

QUERY = """
select 'team' as unit_level, team as unit, '28 days' as period, block_start as period_start,
       block_start + 27 as period_end, people as base, acts_by_block, person_days_by_block,
       coalesce(away_share > 0.5, false) as absent
from staging.team_histories
order by team
"""

SEED, BLOCKS, FIRM = 7, 16, 6
COLUMNS = (*UNIT, "base", "value", "refused", "provisional", "verdict")


def figures(rows: pa.Table) -> pa.Table:
    """One row for each team: 1 where it has fallen quiet, 0 where not, or why nobody can say."""
    teams = rows.sort_by("unit").to_pylist()
    acts, days = (_table(teams, column) for column in ("acts_by_block", "person_days_by_block"))
    found = newly_quiet(acts, days, absent=[team["absent"] for team in teams], seed=SEED)
    made = []
    for n, team in enumerate(teams):
        judged, blocks = bool(found.judged[n]), int(found.blocks[n])
        few = f"only {blocks} earlier blocks of 28 days are behind it" if blocks <= FIRM else None
        made.append({
            **team, "value": float(found.flagged[n]) if judged else None, "refused": found.why[n] or None,
            "provisional": few, "verdict": _words(bool(found.flagged[n]), float(found.ratio[n])) if judged else None,
        })  # fmt: skip
    return table(made, COLUMNS)


def _table(teams: list[dict[str, Any]], column: str) -> np.ndarray:
    """Teams by 16 blocks; blocks before the first have nothing in them."""
    return np.array([[0] * (BLOCKS - len(team[column])) + team[column] for team in teams]).reshape(len(teams), BLOCKS)


def _words(flagged: bool, ratio: float) -> str:
    if not flagged:
        return "not unusual for its own history"
    share = f"about {10 * round(10 * ratio)} %" if ratio >= 0.05 else "almost nothing"
    return f"unusually quiet: {share} of what its own history leads to expect"
