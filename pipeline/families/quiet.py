"""What the metrics of quiet teams share: the teams they read, these as arrays, and the row that says a team's flag.

Belongs here: what does not depend on how quiet is judged. Does not: the judging (estimate/silence.py), which blocks of a team
can be compared (warehouse/staging/team_histories.sql), the kinds of quiet (warehouse/metrics/quiet_teams_count.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.estimate import Quiet
from pipeline.families.rows import UNIT, table

QUERY = """
select 'team' as unit_level, t.team as unit, t.directorate, n.organisation, '28 days' as period, t.block_start as period_start,
       t.block_start + 27 as period_end, t.people as base, t.acts_by_block, t.person_days_by_block, t.reached,
       coalesce(t.away_share > 0.5, false) as absent
from staging.team_histories as t
cross join staging.run as n
"""

SEED, BLOCKS = 7, 16
COLUMNS = (*UNIT, "base", "value", "refused", "provisional", "verdict")

Team = dict[str, Any]


@dataclass(frozen=True)
class Histories:
    """Teams x 16 blocks, oldest first: contributory acts, working days present; and whether each team was mostly away."""

    acts: NDArray[np.int64]
    days: NDArray[np.int64]
    absent: list[bool]


def read_teams(rows: pa.Table) -> tuple[list[Team], Histories]:
    """The teams by name, from what QUERY gives in any order, and what they did; blocks before the first have nothing in them."""
    teams = rows.sort_by("unit").to_pylist()
    acts, days = (_filled([team[column] for team in teams]) for column in ("acts_by_block", "person_days_by_block"))
    return teams, Histories(acts, days, [team["absent"] for team in teams])


def _filled(counts: Sequence[list[int]]) -> NDArray[np.int64]:
    return np.array([[0] * (BLOCKS - len(own)) + own for own in counts], dtype=np.int64).reshape(len(counts), BLOCKS)


@dataclass(frozen=True)
class Words:
    """How a metric says what it found: of a team that is not flagged, and of one that is, compared with what."""

    usual: str
    compared: str
    blocks: str
    firm: int  # blocks up to which it is provisional

    def verdict(self, flagged: bool, ratio: float) -> str:
        """What the flag means, with the share of what was expected in tens of per cent."""
        if not flagged:
            return self.usual
        share = f"about {10 * round(10 * ratio)} %" if ratio >= 0.05 else "almost nothing"
        return f"unusually quiet: {share} of what {self.compared}"

    def doubt(self, blocks: int) -> str | None:
        """Why the flag may still change."""
        return f"only {blocks} {self.blocks} of 28 days are behind it" if blocks <= self.firm else None


def flag_rows(teams: Sequence[Team], found: Quiet, words: Words) -> pa.Table:
    """One row for each team: 1 where it is quiet, 0 where not, or why nobody can say."""
    made = []
    for n, team in enumerate(teams):
        judged, flagged = bool(found.judged[n]), bool(found.flagged[n])
        made.append({
            **team, "value": float(flagged) if judged else None, "refused": found.why[n] or None,
            "provisional": words.doubt(int(found.blocks[n])),
            "verdict": words.verdict(flagged, float(found.ratio[n])) if judged else None,
        })  # fmt: skip
    return table(made, COLUMNS)
