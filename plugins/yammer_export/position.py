"""How far the exports have been read: the cursor of each stream.

Belongs here: what is remembered from night to night. Does not: reading (connector.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.connector import Cursor, datetime


@dataclass
class Position:
    """The ZIPs of the folder that were read (digest -> when made), the pages of one that was read in part, how far the
    API was read, and the groups that must not be read."""

    files: dict[str, str] = field(default_factory=dict)
    part: str = ""
    pages: int = 0
    read_to: datetime | None = None
    hidden: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor) -> Position:
        """The position that a cursor stands for; the beginning where it is none."""
        known = cursor if isinstance(cursor, Mapping) else {}
        part, pages, read_to = known.get("part"), known.get("pages"), known.get("read_to")
        return cls(
            files=_texts(known.get("files")),
            part=part if isinstance(part, str) else "",
            pages=pages if isinstance(pages, int) else 0,
            read_to=datetime.fromisoformat(read_to) if isinstance(read_to, str) else None,
            hidden=_texts(known.get("hidden")),
        )

    def cursor(self) -> Cursor:
        """What `of` makes this position of again."""
        return {
            "files": dict[str, Cursor](self.files),
            "part": self.part,
            "pages": self.pages,
            "read_to": self.read_to.isoformat() if self.read_to else None,
            "hidden": dict[str, Cursor](self.hidden),
        }


def _texts(value: Cursor) -> dict[str, str]:
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, Mapping) else {}
