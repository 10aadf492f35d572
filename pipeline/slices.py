"""The rows that a Python metric reads, one group after another.

Belongs here: cutting a table by its key columns. Does not: what is computed of a group (estimate/), or any metric's key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa


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
