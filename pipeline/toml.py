"""TOML that somebody wrote by hand: whatever is wrong with it is one error.

Belongs here: bytes to a table. Does not: which keys there are (settings.py, feeds/mapping.py, simulate/department.py).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST = 1 << 20  # bytes: no settings are longer


class NotToml(ValueError):
    """The file is no TOML; says why, and on which line where that is known."""


def read_toml(path: Path) -> dict[str, Any]:
    """The table in a file. Raises NotToml, and OSError where it cannot be read."""
    with path.open("rb") as file:
        content = file.read(MOST + 1)
    if len(content) > MOST:
        raise NotToml(f"it is over {MOST >> 20} MB")
    try:
        found = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise NotToml(f"line {line} is not UTF-8: save it as UTF-8") from None
    except RecursionError:
        raise NotToml("it is nested too deep") from None
    except tomllib.TOMLDecodeError as error:
        raise NotToml(str(error)) from None
    except ValueError:  # of numbers with thousands of digits, which the library leaves to Python
        raise NotToml("it holds a number beyond all bounds") from None
    if any("\0" in text for text in _texts(found)):
        raise NotToml("it holds a NUL character")  # which no path and no name can
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for key, inner in value.items() for text in (key, *_texts(inner)))
    elif isinstance(value, list):
        yield from (text for inner in value for text in _texts(inner))
