"""Where things are: beside this package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent


def shipped(folder: str) -> Path:
    """`plugins` or `warehouse` as they were shipped with this engine."""
    beside = CHECKOUT / folder
    return beside if beside.is_dir() else PACKAGE / "bundled" / folder
