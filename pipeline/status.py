"""What was published, for the command line: the last edition, the metrics, a question in SQL.

Belongs here: reading published.duckdb. Does not: making it (publish.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from pipeline.problems import ConfigError
from pipeline.session import PUBLISHED, WAREHOUSE
from pipeline.settings import Settings


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection that can reach no other file."""
    if not path.is_file():
        raise ConfigError(f"there is no {path.name} yet: run `tidemark nightly` (or `tidemark demo`)")
    return duckdb.connect(
        str(path), read_only=True,
        config={"enable_external_access": "false", "autoinstall_known_extensions": "false", "lock_configuration": "true"},
    )  # fmt: skip


def last_edition(config: Settings) -> dict[str, Any] | None:
    """The newest edition, or None where nothing was published."""
    if not (config.home / PUBLISHED).is_file():
        return None
    with _open(config.home / PUBLISHED) as con:
        rows = con.execute("select edition, as_of from report.editions order by edition desc limit 1").fetchall()
    return {"edition": rows[0][0], "as_of": rows[0][1].isoformat()} if rows else None


def metric_lines(config: Settings, name: str | None, *, as_json: bool) -> Iterator[str]:
    """Every metric and its question; or the organisation's figures of one, newest first. ConfigError lists the names."""
    with _open(config.home / PUBLISHED) as con:
        known = con.execute("select name, version, question, unit from report.metrics order by name").fetchall()
        if name is None:
            if as_json:
                yield json.dumps([dict(zip(("name", "version", "question", "unit"), row, strict=True)) for row in known])
            else:
                yield from (f"{row[0]:22} {row[2]}  ({row[3]}, v{row[1]})" for row in known)
            return
        if name not in [row[0] for row in known]:
            raise ConfigError(f"no metric is called {name!r}: there is {', '.join(row[0] for row in known)}")
        rows = con.execute(
            """select part, period, period_start, period_end, value, low, high, base, status, reason, data_as_of
               from report.figures where metric = ? and unit_level = 'organisation'
               order by period, part, period_start desc""",
            [name],
        )
        columns = [c[0] for c in rows.description]
        if as_json:
            yield json.dumps([dict(zip(columns, row, strict=True)) for row in rows.fetchall()], default=str)
            return
        for row in rows.fetchall():
            part, period, start, end, value, low, high, base, state, reason, _ = row
            band = f" ({low:.3f} to {high:.3f})" if low is not None else ""
            said = f"{value:.3f}{band}, {base} people" if value is not None else reason
            yield f"{start}..{end} {period:8} {part:22} {state:17} {said}"


def ask(config: Settings, query: str, *, warehouse: bool) -> Iterator[str]:
    """The answer as tab-separated lines with a header. A query that fails is a ConfigError with DuckDB's reason."""
    with _open(config.home / (WAREHOUSE if warehouse else PUBLISHED)) as con:
        try:
            answer = con.execute(query)
        except duckdb.Error as error:
            raise ConfigError(f"DuckDB says: {str(error).splitlines()[0]}") from None
        yield "\t".join(column[0] for column in answer.description or [])
        while rows := answer.fetchmany(1000):
            yield from ("\t".join("" if v is None else str(v) for v in row) for row in rows)
