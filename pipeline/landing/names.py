"""Digests of the names of staff, by which prose is stripped of them; from whatever stream lands the namespace `name`."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from pipeline.discovery import Instance, name_streams
from pipeline.landing.store import Store
from pipeline.quote import quoted


def known_names(store: Store, instances: Iterable[Instance]) -> frozenset[bytes]:
    """Every name digest that landing holds; empty where no directory has landed yet."""
    found: set[bytes] = set()
    with duckdb.connect() as con:
        for instance, stream, fields in name_streams(instances):
            files = store.stream(instance.name, stream.name).row_files()
            for field in fields if files else ():
                column = quoted(field)
                rows = con.execute(
                    f"select distinct unnest(flatten([{column}])) from read_parquet($files, union_by_name = true)"
                    if _is_list(con, files, column)
                    else f"select distinct {column} from read_parquet($files, union_by_name = true) where {column} is not null",
                    {"files": files},
                )
                found.update(row[0] for row in rows.fetchall() if row[0] is not None)
    return frozenset(found)


def _is_list(con: duckdb.DuckDBPyConnection, files: list[str], column: str) -> bool:
    [(kind,)] = con.execute(
        f"select typeof({column}) from read_parquet($files, union_by_name = true) limit 1", {"files": files}
    ).fetchall()
    return str(kind).endswith("[]")
