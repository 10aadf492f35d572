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

import pyarrow as pa

from pipeline.estimate import newly_quiet
from pipeline.families import quiet

QUERY = quiet.QUERY
WORDS = quiet.Words(
    usual="not unusual for its own history", compared="its own history leads to expect", blocks="earlier blocks", firm=6
)


def figures(rows: pa.Table) -> pa.Table:
    """One row for each team: 1 where it has fallen quiet, 0 where not, or why nobody can say."""
    teams, told = quiet.read_teams(rows)
    return quiet.flag_rows(teams, newly_quiet(told.acts, told.days, absent=told.absent, seed=quiet.SEED), WORDS)
