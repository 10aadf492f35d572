"""The one function that quotes an SQL identifier; values are always bound."""

from __future__ import annotations


def quoted(name: str) -> str:
    """The name as DuckDB reads an identifier, whatever it contains."""
    return '"' + name.replace('"', '""') + '"'
