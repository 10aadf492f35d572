"""Tidemark's engine: knows Dagster and DuckDB, knows no source by name."""

__version__ = "0.1.0"
