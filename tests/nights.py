"""Set up a configuration in a temporary folder and run real nights over it: the same Dagster job as the schedule's."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline import night, settings
from pipeline.night import Night
from pipeline.publish import figures_digest
from pipeline.session import PUBLISHED, WAREHOUSE
from pipeline.settings import Settings


class Place:
    """A folder with tidemark.toml, a key, plug-ins of the test's own, and a TIDEMARK_HOME."""

    def __init__(self, folder: Path, connectors: str = "", **keys: object) -> None:
        self.folder, self.plugins = folder, folder / "plugins"
        folder.mkdir(parents=True, exist_ok=True)
        self.plugins.mkdir(exist_ok=True)
        key = folder / "key"
        key.touch(mode=0o600)
        key.write_text(bytes(range(1, 33)).hex())
        lines = {"home": "home", "key_file": "key", "plugins": ["plugins"], "today": "2026-07-13", **keys}
        table = "\n".join(f"{k} = {v if k == 'today' else _toml(v)}" for k, v in lines.items())
        self.config = folder / "tidemark.toml"
        self.config.write_text(f"[tidemark]\n{table}\n\n{connectors}")

    def plugin(self, name: str, **files: str) -> None:
        """Write a plug-in; `connector` is connector.py, any other word is an SQL half."""
        place = self.plugins / name
        place.mkdir()
        for word, text in files.items():
            (place / (f"{word}.py" if word == "connector" else f"{word}.sql")).write_text(text)

    @contextmanager
    def environment(self) -> Iterator[dict[str, str]]:
        """The environment in which this configuration is in force."""
        before = dict(os.environ)
        os.environ["TIDEMARK_CONFIG"] = str(self.config)
        os.environ.pop("TIDEMARK_HOME", None)
        try:
            yield dict(os.environ)
        finally:
            os.environ.clear()
            os.environ.update(before)

    @property
    def settings(self) -> Settings:
        with self.environment():
            return settings.load()

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def night(self, **asked: object) -> Night:
        """One night, here and now."""
        with self.environment():
            return night.run(settings.load(), ephemeral=True, **asked)

    def ask(self, query: str, *, warehouse: bool = False) -> list[tuple]:
        """Rows of published.duckdb, or of the warehouse."""
        with duckdb.connect(str(self.home / (WAREHOUSE if warehouse else PUBLISHED)), read_only=True) as con:
            con.execute("set TimeZone = 'UTC'")
            return con.execute(query).fetchall()

    def digest(self) -> str:
        """The canonical sha256 of what was published."""
        return figures_digest(self.home / PUBLISHED)


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(f'"{v}"' for v in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def token() -> str:
    """A secret for one test."""
    return secrets.token_hex(16)
