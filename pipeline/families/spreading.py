"""What the metrics of spread read, and each block of 28 days assessed once: the same for all of them.

Belongs here: their rows (one select for all), how these become arrays, which windows a source's record is compared with.
Does not: the mathematics (estimate/spread.py), who is an adopter or a source (warehouse/staging), a metric's own rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.estimate.sources import Pairs, weigh_sources
from pipeline.estimate.spread import Spread, assess

Ints = NDArray[np.int64]

FELT = 60  # days for which an adopter may be somebody's source
WEEKEND = 2  # blocks end on a Sunday; whom the weekend would bring begins on Monday

REPLIES = 100  # fewer than that, and the share whose opening is known scatters by itself

# Rows of five kinds, told apart by `row`: blocks; of each source in and before each block the days seen and the replies whose
# conversation's opening is in the record; adopters; candidates. A source may answer every night and still hold only part of
# what was written: of a record that holds a share of all messages, that share of the replies has its opening.
QUERY = """
with blocks as (
    select distinct c.period_start, c.period_end,
           case when c.period_end > n.as_of - 28 then 'the newest 28 days may still change' end as provisional
    from staging.calendar as c
    cross join staging.run as n
    where c.period = '28 days'
),
told as (
    select distinct source
    from staging.coverage
    where channel in ('network', 'chat') and source in (select source from landing.gives where shape = 'acts' and n > 0)
),
spans as (
    select b.period_start, t.back, b.period_start - 28 * t.back as first_day
    from blocks as b
    cross join (values (0), (1), (2)) as t(back)
),
opened as (
    select distinct source, thread
    from staging.threads
),
replied as (
    select s.source, s.happened_on, count(*) as n, count(o.thread) as known
    from staging.acts as s
    left join opened as o on o.source = s.source and o.thread = s.thread
    where s.channel in ('network', 'chat') and s.verb in ('reply', 'answer') and s.thread is not null
    group by s.source, s.happened_on
)
select 'block' as row, b.period_start as day, b.period_end as until, count(*) as n,
       count(a.person) filter (where a.adopted_on < b.period_start) as earlier,
       count(a.person) filter (where a.adopted_on <= b.period_end) as later, cast(null as integer) as person,
       cast(null as integer) as toward, min(m.unit) as word, min(b.provisional) as more
from blocks as b
join staging.membership as m
  on m.period = '28 days' and m.unit_level = 'organisation' and m.period_start = b.period_start
left join staging.adoptions as a on a.person = m.person
group by b.period_start, b.period_end
union all
select 'source', s.period_start, null, s.back, count(c.day) filter (where c.seen),
       28 - count(c.day) filter (where not c.seen and not c.expected), null, null, t.source, null
from spans as s
cross join told as t
left join staging.coverage as c on c.source = t.source and c.day between s.first_day and s.first_day + 27
group by s.period_start, s.back, t.source
union all
select 'record', s.period_start, null, s.back, cast(sum(r.known) as bigint), cast(sum(r.n) as bigint), null, null, r.source, null
from spans as s
join replied as r on r.happened_on between s.first_day and s.first_day + 27
group by s.period_start, s.back, r.source
union all
select 'adopter', adopted_on, null, null, null, null, person, null, kind, null
from staging.adoptions
union all
select 'pair', null, null, null, null, null, person, toward, way, null
from staging.exposures
"""


@dataclass(frozen=True)
class Adopters:
    """Everybody who ever adopted, by day and then number: the day as an ordinal, the kind, and the candidate sources."""

    day: Ints
    kind: list[str]
    pairs: Pairs

    def felt(self, first: date, last: date) -> int:
        """How many people a figure of these days rests on: who adopted in them, and whose example could be felt in them."""
        return int(np.count_nonzero((self.day >= first.toordinal() - FELT) & (self.day <= last.toordinal())))


@dataclass(frozen=True)
class Block:
    """28 days of the organisation: who might adopt, how many had before and by the end, and how whole the record is.

    `completeness`: source -> how whole its record was before and in these days, by days seen and by openings known. Before is
    whichever of the two blocks before differs more: an adopter is felt for 60 days, so a hole of two blocks ago still bends
    the figure.
    """

    unit: str
    start: date
    end: date
    eligible: int
    earlier: int
    later: int
    provisional: str | None
    completeness: dict[str, tuple[float, float]]

    @property
    def row(self) -> dict[str, Any]:
        """What every figure of the block begins with."""
        return {
            "unit_level": "organisation", "unit": self.unit, "period": "28 days", "period_start": self.start,
            "period_end": self.end, "provisional": self.provisional,
        }  # fmt: skip


def read_rows(rows: pa.Table) -> tuple[list[Block], Adopters]:
    """The blocks in order of time, and the adopters, from what QUERY gives in any order."""
    kinds: dict[str, list[dict[str, Any]]] = {"block": [], "source": [], "record": [], "adopter": [], "pair": []}
    for row in rows.to_pylist():
        kinds[row["row"]].append(row)
    people = sorted(kinds["adopter"], key=lambda row: (row["day"], row["person"]))
    place = {row["person"]: n for n, row in enumerate(people)}
    pairs = sorted((place[row["person"]], place[row["toward"]], row["word"]) for row in kinds["pair"])
    adopters = Adopters(
        np.array([row["day"].toordinal() for row in people], dtype=np.int64),
        [row["word"] for row in people],
        Pairs([ego for ego, _, _ in pairs], [alter for _, alter, _ in pairs], [way for _, _, way in pairs]),
    )
    blocks = [
        Block(row["word"], row["day"], row["until"], row["n"], row["earlier"], row["later"], row["more"],
              _days_seen(_of(kinds["source"], row)) | _openings_known(_of(kinds["record"], row)))
        for row in sorted(kinds["block"], key=lambda row: row["day"])
    ]  # fmt: skip
    return blocks, adopters


def assess_block(block: Block, adopters: Adopters) -> Spread:
    """What these 28 days say, told from what was known by their end."""
    return assess(
        adopters.day, adopters.kind, adopters.pairs, first_day=block.start.toordinal(), last_day=block.end.toordinal(),
        eligible=block.eligible, adopters=(block.earlier + block.later) / 2, completeness=block.completeness, longest=FELT,
        held=WEEKEND,
    )  # fmt: skip


def assess_blocks(rows: pa.Table) -> list[tuple[Block, Spread, int]]:
    """Every block, what it says, and how many people that rests on."""
    blocks, adopters = read_rows(rows)
    return [(block, assess_block(block, adopters), adopters.felt(block.start, block.end)) for block in blocks]


Spans = dict[str, dict[int, tuple[int, int]]]  # source -> how many blocks back -> how many of how many


def _of(rows: Sequence[dict[str, Any]], block: dict[str, Any]) -> Spans:
    found: Spans = {}
    for row in rows:
        if row["day"] == block["day"]:
            found.setdefault(row["word"], {})[row["n"]] = (row["earlier"], row["later"])
    return found


def _days_seen(spans: Spans) -> dict[str, tuple[float, float]]:
    """For each source the share of its days that was seen before and now; one that has not begun by now has no say."""
    shares = {source: {back: n / of if of else 1.0 for back, (n, of) in span.items()} for source, span in spans.items()}
    return {source: _shift(share) for source, share in sorted(shares.items()) if max(share.values()) > 0}


def _openings_known(spans: Spans) -> dict[str, tuple[float, float]]:
    """For each source the share of its replies whose opening is on record, before and now, where there are enough of both."""
    told = {}
    for source, span in sorted(spans.items()):
        share = {back: n / of for back, (n, of) in span.items() if of >= REPLIES}
        if 0 in share and len(share) > 1:
            told[f"{source} (openings of its conversations)"] = _shift(share)
    return told


def _shift(share: dict[int, float]) -> tuple[float, float]:
    """The share of the earlier block that differs most from now, and that of now."""
    return max((past for back, past in share.items() if back), key=lambda past: abs(share[0] - past)), share[0]


def newest_trees(rows: pa.Table) -> list[tuple[Block, Ints]]:
    """The newest block with the likeliest source of everybody who adopted by its end, -1 where none is known."""
    blocks, adopters = read_rows(rows)
    if not blocks:
        return []
    last = blocks[-1].end.toordinal()
    sources = weigh_sources(adopters.day, adopters.kind, adopters.pairs, last_day=last, longest=FELT)
    return [(blocks[-1], sources.parents(adopters.day.size))]


def in_trees(parents: Ints) -> int:
    """How many people have a known source or are one."""
    return int(np.union1d(np.flatnonzero(parents >= 0), parents[parents >= 0]).size)
