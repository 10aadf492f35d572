"""How long a post on the network waits for its first reply by somebody else.
---
question: How fast do people get a reply?
unit: hours
better: lower
interval: given
refuse: n_eff < 20
because: fewer than 20 posts were written, or too few of them have a reply yet
needs: [network]
formula: >-
  Kaplan-Meier median and 80th percentile of the hours to the first reply; what has none yet was waiting at the end of
  the run's day
source: Kaplan & Meier 1958; log-log interval as in Kalbfleisch & Prentice 1980
limits: >-
  Nights and weekends count as hours. Announcements that want no reply count as waiting. Where the curve does not fall
  so far, the upper end is open.
never:
  less than no time: value < 0
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.families import waits

QUERY = waits.query("t.channel = 'network'")


def figures(rows: pa.Table) -> pa.Table:
    """Two rows for each unit and block: the waits in hours by which half, and four fifths, had a reply."""
    return waits.hours_waited(rows)
