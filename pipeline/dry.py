"""Look at a source without landing anything: the first records of each stream, and the account they would give."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline import settings
from pipeline.connector import Bulk, Connector, Excluded, Landed, Rejected, Stream
from pipeline.discovery import Instance
from pipeline.landing.manifest import Account
from pipeline.pull import Outcome, fate
from pipeline.settings import Settings


def look(instance: Instance, config: Settings, limit: int) -> list[Outcome]:
    """Read up to `limit` records (at least one page) of each stream from its beginning; nothing touches disk."""
    connector = settings.configure(instance.name, instance.plugin.connector, config)
    return [_look(connector, instance.name, stream, config, limit) for stream in instance.streams]


def _look(connector: Connector, name: str, stream: Stream, config: Settings, limit: int) -> Outcome:
    start: Any = Landed() if stream.kind == "unit" else None
    if stream.unit == "day":
        start = config.as_of()
    outcome = Outcome(stream.name, "complete")
    try:
        for page in getattr(connector, stream.name)(start):
            outcome.account = outcome.account.plus(_account(page))
            if outcome.account.read >= limit:
                break
    except Exception as error:
        outcome.state, outcome.reason, outcome.action = fate(error, name)
    return outcome


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
