"""How records lie in what a source gives, so that the kit can take one out, double it, or break one of its fields.

Belongs here: taking a body apart and putting it together. Does not: which fault is put in (faults.py).
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Rows = list[Any]


@dataclass(frozen=True)
class Body(ABC):
    """A body with records in it.

    required  fields (dotted where nested, as in "from.user.id") without which a record cannot be read
    retyped   field -> a value of a wrong type, which must not pass for a right one
    """

    required: tuple[str, ...] = field(default=(), kw_only=True)
    retyped: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    @abstractmethod
    def changed(self, content: bytes, change: Callable[[Rows], Rows]) -> bytes:
        """The content with its records changed; each is a dict, or the text of a line."""


@dataclass(frozen=True)
class JsonList(Body):
    """JSON with the records in a list at `at` ("value", "data.items"); "" where the list is all there is.

    With `keyed` the records are the values of an object there, e.g. days by their date.
    """

    at: str = ""
    keyed: bool = False

    def changed(self, content: bytes, change: Callable[[Rows], Rows]) -> bytes:
        """Other content than JSON with such a list comes back as it was."""
        try:
            whole = json.loads(content)
        except ValueError:
            return content
        holder: Any = {"": whole}
        steps = ["", *filter(None, self.at.split("."))]
        for step in steps[:-1]:
            holder = holder.get(step) if isinstance(holder, dict) else None
        found = holder.get(steps[-1]) if isinstance(holder, dict) else None
        if isinstance(found, list):
            holder[steps[-1]] = change(found)
            whole = holder[""] if steps == [""] else whole
        elif self.keyed and isinstance(found, dict):
            values = change(list(found.values()))
            made = dict(zip(found, values, strict=False))
            whole = made if steps == [""] else whole
            holder[steps[-1]] = made
        return json.dumps(whole, ensure_ascii=False).encode()


@dataclass(frozen=True)
class JsonLines(Body):
    """One JSON object a line."""

    def changed(self, content: bytes, change: Callable[[Rows], Rows]) -> bytes:
        """Empty lines go."""
        rows = change([json.loads(line) for line in content.decode().splitlines() if line.strip()])
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@dataclass(frozen=True)
class TextLines(Body):
    """One record a line; fields have no names, so that only whole lines are altered."""

    def changed(self, content: bytes, change: Callable[[Rows], Rows]) -> bytes:
        """Line ends become \\n."""
        rows = change(content.decode("utf-8", "surrogateescape").splitlines())
        return "".join(f"{row}\n" for row in rows).encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Csv(Body):
    """A table with a header."""

    delimiter: str = ","
    encoding: str = "utf-8"

    def changed(self, content: bytes, change: Callable[[Rows], Rows]) -> bytes:
        """Columns that the records have no more are gone from the header, new ones come last."""
        reader = csv.DictReader(io.StringIO(content.decode(self.encoding), newline=""), delimiter=self.delimiter)
        before = list(reader.fieldnames or ())
        rows = change([dict(row) for row in reader])
        there = {name: None for row in rows for name in row}
        header = [name for name in before if name in there or not rows] + [name for name in there if name not in before]
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, header, delimiter=self.delimiter, restval="")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode(self.encoding)


@dataclass(frozen=True)
class Zipped(Body):
    """A ZIP, of which one member (`member`) holds the records as `inner` says."""

    member: str = ""
    inner: Body | None = None

    def changed(self, content: bytes, change: Callable[[Rows], Rows]) -> bytes:
        """The other members stay as they were."""
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for info in old.infolist():
                held = old.read(info)
                new.writestr(info, self.inner.changed(held, change) if self.inner and info.filename == self.member else held)
        return out.getvalue()
