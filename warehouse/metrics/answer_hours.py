"""How long a question in a chat waits for its first answer by somebody else.
---
question: How fast do questions in chats get an answer?
unit: hours
better: lower
interval: given
refuse: n_eff < 10
because: fewer than 10 questions were asked, or too few of them have an answer yet
needs: [chat]
formula: >-
  Kaplan-Meier median and 80th percentile of the hours to the first answer; what has none yet was waiting at the end of
  the run's day
source: Kaplan & Meier 1958; log-log interval as in Kalbfleisch & Prentice 1980
limits: >-
  Nights and weekends count as hours. A transcript tells minutes, so an answer in the same minute took 0 hours. A question
  without a thread is not counted. Where the curve does not fall so far, the upper end is open.
never:
  less than no time: value < 0
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.families import waits

QUERY = waits.query("t.channel = 'chat' and t.verb = 'ask'")


def figures(rows: pa.Table) -> pa.Table:
    """Two rows for each unit and block: the waits in hours by which half, and four fifths, had an answer."""
    return waits.hours_waited(rows)
