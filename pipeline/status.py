"""What was published, for the command line: the last edition, the metrics, a question in SQL, rules that name nobody.

Belongs here: reading published.duckdb. Does not: making it (publish.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from pipeline.problems import ConfigError
from pipeline.rules import SENIOR, Survey
from pipeline.session import PUBLISHED, WAREHOUSE
from pipeline.settings import Settings

GRADES = "select distinct grade from staging.roster where grade is not null"
TEAMS = """select distinct team from staging.roster
    union select distinct replace(team, ' (' || directorate || ')', '') from staging.roster"""
ITEMS = "select distinct item from each.answers"


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


def mistaken_rules(config: Settings) -> Iterator[str]:
    """What [tidemark.rules] names and nobody has: a grade, a team or an item of a survey that was spelt otherwise.

    Figures that rest on it are of fewer people than was meant, and cannot tell. Nothing where there is no warehouse yet.
    """
    if not (config.home / WAREHOUSE).is_file():
        return
    rules = config.rules
    named: list[tuple[str, list[str], list[str], str]] = [
        ("senior_grades", rules.senior_grades, list(SENIOR), GRADES), ("comms_teams", rules.comms_teams, [], TEAMS),
        *((f"survey.{axis}", items, getattr(Survey(), axis), ITEMS) for axis, items in rules.survey),
    ]  # fmt: skip
    with _open(config.home / WAREHOUSE) as con:
        for setting, names, whole, query in named:
            try:
                there = [str(name) for (name,) in con.execute(query).fetchall()]
            except duckdb.CatalogException:  # a warehouse of an earlier version, until the next night
                continue
            known = {_compared(setting, name) for name in there}
            missing = [name for name in names if _compared(setting, name) not in known]
            if there and missing and names != whole:  # what ships lists many, of which most departments have some
                alike = ", ".join(get_close_matches(missing[0], there, 3, 0.5) or sorted(there)[:3])
                yield f"[tidemark.rules] {setting}: {missing[0]!r} is nowhere, so that no figure counts it; there is {alike}"


def _compared(setting: str, name: str) -> str:
    """A name as the models compare it: grades are written in many ways, the others in one."""
    return name.strip().lower() if setting == "senior_grades" else name


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
