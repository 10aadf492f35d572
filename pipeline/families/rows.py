"""The rows that a Python metric reads and gives: one group after another, and back into one table.

Belongs here: cutting a table by its key columns, the types of the row contract. Does not: what is computed of a group
(estimate/), which columns a metric has (its own file), interval and status (figures.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

UNIT = ("unit_level", "unit", "period", "period_start", "period_end")
"""What a row is told of: the key by which most metrics cut what they read, and the first columns of what they give."""

TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys(("unit_level", "unit", "period", "part", "refused", "provisional", "verdict"), pa.string()),
    **dict.fromkeys(("period_start", "period_end"), pa.date32()),
    **dict.fromkeys(("value", "low", "high", "n_eff"), pa.float64()), "base": pa.int64(),
}  # fmt: skip


def table(rows: Iterable[Mapping[str, Any] | Sequence[Any]], columns: Sequence[str]) -> pa.Table:
    """The rows of a metric as one table with these columns of the row contract.

    A row is a sequence in the order of the columns, or a mapping: there a column that is left out is NULL, and a key that
    is no column is passed over. Raises ValueError where a sequence has too few or too many, KeyError for a column that
    the row contract has not.
    """
    schema = pa.schema([(name, TYPES[name]) for name in columns])
    named = [row if isinstance(row, Mapping) else dict(zip(columns, row, strict=True)) for row in rows]
    return pa.Table.from_pylist(named, schema=schema)


def slices(rows: pa.Table, key: Sequence[str], *, then: Sequence[str] = ()) -> Iterator[tuple[tuple[Any, ...], pa.Table]]:
    """Each value of the key columns with its rows, in order of the key and then of `then`, whatever order they come in.

    Gives the key as a tuple of Python values, and a table of all columns. A row that is told twice is there twice.
    """
    rows = rows.sort_by([(name, "ascending") for name in (*key, *then)]).combine_chunks()
    changed = np.zeros(max(rows.num_rows - 1, 0), dtype=bool)
    for name in key:
        column = rows.column(name).combine_chunks()
        codes = column.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
        changed |= np.diff(codes) != 0
    bounds = [0, *(np.flatnonzero(changed) + 1).tolist(), rows.num_rows] if rows.num_rows else [0]
    for start, end in pairwise(bounds):
        part = rows.slice(start, end - start)
        yield tuple(part.column(name)[0].as_py() for name in key), part
