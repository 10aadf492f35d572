"""Whether a team has contributed far less than its peers for a year, by more than teams ordinarily differ.
---
question: Which teams are reached, yet stay quiet?
unit: 1 where a team is unusually quiet, else 0
better: lower
interval: none
needs: [network, chat]
counts: [roster]
formula: >-
  contributory acts per working day present in the last 16 blocks of 28 days against all teams: a funnel widened by how
  unevenly teams act and by how much their rates ordinarily differ (one Gamma distribution, fitted without those
  flagged), Benjamini-Hochberg at 10 % where it flags anybody at 3 %; never above two thirds of what is expected
source: Spiegelhalter 2005, on funnel plots; Benjamini & Hochberg 1995
limits: >-
  Says that a team is quiet, never why: some work is done without writing to each other. Where teams differ much among
  themselves, only very little is unusual. Days away count only where a source tells of them. Of many flags about one in
  ten is chance.
never:
  neither yes nor no: value not in (0, 1)
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.estimate import persistently_quiet
from pipeline.families import quiet

QUERY = quiet.QUERY
WORDS = quiet.Words(
    usual="not unusual among teams", compared="teams of its size ordinarily contribute", blocks="blocks", firm=9
)


def figures(rows: pa.Table) -> pa.Table:
    """One row for each team: 1 where it stays quiet, 0 where not, or why nobody can say."""
    teams, told = quiet.read_teams(rows)
    return quiet.flag_rows(teams, persistently_quiet(told.acts, told.days, absent=told.absent), WORDS)
