"""What every format of log has to tell: its lines in parts, and for each part a quick and an exact way to cut them.

Belongs here: the words that the formats share. Does not: any one format (apache.py, w3c.py, jsonlog.py, balancer.py,
pattern.py), or what the fields of a line mean (meaning.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from pipeline.connector import Excluded

LONGEST = 64 << 10  # characters; a line beyond this is rubbish and not worth a regular expression
REQUEST = re.compile(r"(?P<method>[A-Z]+(?:-[A-Z]+)*) +(?P<target>\S.*?)(?: +HTTP/[\d.]+)?")
METHOD = re.compile(r"[A-Z]+(?:-[A-Z]+)*")
STATUS = re.compile(r"\d{3}")


class Fields(NamedTuple):
    """One line, cut. `target` is what was asked for, with its query; `status` has three digits."""

    user: str | None
    seen_at: datetime
    method: str | None
    target: str | None
    status: str
    agent: str | None


Cut = Fields | Excluded | str
"""A line's fields, the rule by which it is left out, or in words why it cannot be read."""


@dataclass(frozen=True)
class Part:
    """Lines that are cut alike. `quick` is a list of SQL common table expressions that end in `fields`: number, user,
    seen_at, method, target, status, agent, with seen_at NULL where only `exact` can tell. It reads `lines`.
    """

    numbers: Any
    lines: Any
    exact: Callable[[str], Cut]
    quick: str = ""
    blank: Excluded | str = "empty line"


class Grammar(Protocol):
    """One file's format."""

    def claims(self, line: str) -> bool:
        """Whether this line, one of the file's first, shows the format."""
        ...

    def parts(self, numbers: Any, lines: Any) -> Iterator[Part | tuple[Excluded, int]]:
        """The lines of a block in parts, and how many of them are in no part by which rule."""
        ...


def method_and_target(request: str | None) -> tuple[str | None, str | None]:
    """Of a request line such as GET /a HTTP/1.1; nothing of what is not HTTP."""
    found = REQUEST.fullmatch(request or "")
    return (found["method"], found["target"]) if found else (None, None)
