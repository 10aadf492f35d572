"""One record, one line: compact JSON, written and read as the simulated servers keep it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A record as JSON text without line breaks or needless spaces."""


def write(path: Path, lines: Iterable[str]) -> None:
    """Write lines of JSON to a file."""
    path.write_text("".join(f"{text}\n" for text in lines), encoding="utf-8")


def read(path: Path) -> list[bytes]:
    """The lines of a file as they are, not parsed."""
    return path.read_bytes().split(b"\n")[:-1]
