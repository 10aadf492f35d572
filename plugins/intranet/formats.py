"""Which format a log is in: the one that is set, or the one that its first lines show.

Belongs here: the names of the formats. Does not: how any of them is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal
from zoneinfo import ZoneInfo

from pipeline.connector import Fatal

from .apache import Apache
from .balancer import Balancer
from .grammar import LONGEST, Grammar
from .jsonlog import JsonLines
from .pattern import Pattern
from .w3c import Extended

Name = Literal["auto", "apache", "w3c", "json", "balancer", "pattern"]
Field = Literal["time", "user", "request", "method", "target", "query", "status", "agent"]
FIRST = 50  # lines; one that any format knows decides


def recogniser(
    name: Name, *, pattern: str, time_format: str, fields: Mapping[Field, str], zone: ZoneInfo
) -> Callable[[bytes], Grammar]:
    """What gives the format of a file from its first block. Raises Fatal naming a setting that is wrong."""
    told: dict[str, str] = {str(field): name for field, name in fields.items()}
    known: dict[str, Callable[[], Grammar]] = {}
    if pattern:
        own = Pattern(pattern, time_format, zone)
        known["pattern"] = lambda: own
    elif name == "pattern":
        raise Fatal('format of the access logs is "pattern": describe a line in `pattern`')
    known |= {
        "w3c": lambda: Extended(told, zone), "json": lambda: JsonLines(told, time_format, zone), "balancer": Balancer,
        "apache": Apache,
    }  # fmt: skip

    def recognise(block: bytes) -> Grammar:
        if name != "auto":
            return known[name]()
        grammars = [make() for make in known.values()]
        for line in block[: FIRST * LONGEST].split(b"\n", FIRST)[:FIRST]:
            text = line.decode("utf-8", "replace")
            for grammar in grammars:
                if len(text) <= LONGEST and grammar.claims(text):
                    return grammar
        return grammars[-1]

    return recognise
