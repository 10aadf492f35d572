"""Look at a source without landing anything: the first records of each stream, and the account they would give."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline import settings
from pipeline.connector import Bulk, Connector, Excluded, Landed, Rejected, Stream
from pipeline.discovery import Instance
from pipeline.landing.columns import blank
from pipeline.landing.manifest import Account
from pipeline.pull import Outcome, fate
from pipeline.settings import Settings


def look(instance: Instance, config: Settings, limit: int) -> list[tuple[Outcome, str]]:
    """Read up to `limit` records (at least one page) of each stream from its beginning; nothing touches disk.

    Gives each stream's outcome, and in words what was seen: how many, of which time, what was left out, what is empty.
    """
    connector = settings.configure(instance.name, instance.plugin.connector, config)
    return [_look(connector, instance.name, stream, config, limit) for stream in instance.streams]


def _look(connector: Connector, name: str, stream: Stream, config: Settings, limit: int) -> tuple[Outcome, str]:
    start: Any = Landed() if stream.kind == "unit" else None
    if stream.unit == "day":
        start = config.as_of()
    outcome, records = Outcome(stream.name, "complete"), list[Any]()
    try:
        for page in getattr(connector, stream.name)(start):
            outcome.account = outcome.account.plus(_account(page))
            records += [] if isinstance(page, Bulk) else [r for r in page.records if isinstance(r, stream.record)]
            if outcome.account.read >= limit:
                break
    except Exception as error:
        outcome.state, outcome.reason, outcome.action = fate(error, name)
    return outcome, _saw(outcome.account, stream, records)


def _saw(account: Account, stream: Stream, records: list[Any]) -> str:
    """What a first page shows, without any value but times."""
    told = [f"{account.read:,} records on the first page, {sum(account.quarantined.values()):,} unreadable"]
    told += [f"{n:,} x {why}" for why, n in {**account.quarantined, **account.excluded}.items()]
    times = sorted(str(getattr(r, stream.day))[:10] for r in records if stream.day and getattr(r, stream.day) is not None)
    if times:
        told.append(f"of {times[0]}" if times[0] == times[-1] else f"from {times[0]} to {times[-1]}")
    if empty := [field for field in stream.record.model_fields if records and all(blank(getattr(r, field)) for r in records)]:
        told.append(f"never filled: {', '.join(empty)}")
    return "; ".join(told)


def _account(page: Any) -> Account:
    if isinstance(page, Bulk):
        rows = page.rows.num_rows if hasattr(page.rows, "num_rows") else page.rows.shape[0]
        rejected, excluded = Counter(r.reason for r in page.rejected), Counter(page.excluded)
    else:
        rejected = Counter(r.reason for r in page.records if isinstance(r, Rejected))
        excluded = Counter(r.rule for r in page.records if isinstance(r, Excluded))
        rows = len(page.records) - rejected.total() - excluded.total()
    read = rows + rejected.total() + excluded.total()
    return Account(read=read, landed=rows, quarantined=dict(rejected), excluded=dict(excluded))
