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


def write_dated(path: Path, lines: Iterable[tuple[int, str]]) -> None:
    """Write lines of JSON to a file, and beside it the day number of each: the day on which the source has it."""
    dated = list(lines)
    write(path, (text for _, text in dated))
    path.with_suffix(".days").write_text("".join(f"{day}\n" for day, _ in dated), encoding="utf-8")


def days(path: Path) -> list[int]:
    """The day number of each line of a file that `write_dated` wrote."""
    return [int(day) for day in path.with_suffix(".days").read_text(encoding="utf-8").split()]


def read(path: Path) -> list[bytes]:
    """The lines of a file as they are, not parsed."""
    return path.read_bytes().split(b"\n")[:-1]
