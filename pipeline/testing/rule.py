"""What a rule is, and what it is given.

Belongs here: the register of rules and the case they judge. Does not: any rule (rules_*.py).
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.connector import Stream
from pipeline.discovery import Plugin
from pipeline.testing.bench import TOKEN, Bench, Rows, bench
from pipeline.testing.bodies import Body
from pipeline.testing.bodies import Rows as Records
from pipeline.testing.sample import Answer, Asked, Sample
from pipeline.testing.server import Deed, Fault

RULES: dict[str, Rule] = {}


@dataclass
class Case:
    """A plug-in, and one of its samples (None for rules on the plug-in as a whole)."""

    plugin: Plugin
    samples: list[Sample]
    sample: Any = None
    _known: dict[str, Any] = field(default_factory=dict)

    def bench(self, *, token: str = TOKEN, **given: Any) -> AbstractContextManager[Bench]:
        """A landing and a server of its own for a copy of the sample."""
        return bench(self.plugin, self.sample, token=token, **given)

    @property
    def streams(self) -> list[Stream]:
        """The streams of this sample."""
        return [s for s in self.plugin.connector.streams() if s.name in self.sample.streams]

    @property
    def truth(self) -> Rows:
        """The rows of a clean first pull of the sample as it begins."""
        return self._first()[0]

    @property
    def requests(self) -> int:
        """How many requests that pull makes."""
        return self._first()[1]

    def _first(self) -> tuple[Rows, int]:
        if "first" not in self._known:
            with self.bench() as b:
                pulled = b.pull()
                assert pulled.complete, f"a clean first pull does not end well: {pulled.said()}"
                self._known["first"] = b.rows(), len(pulled.asked)
        found: tuple[Rows, int] = self._known["first"]
        return found


@dataclass(frozen=True)
class Rule:
    """One rule: its check raises AssertionError with the reason where a case breaks it."""

    name: str
    check: Callable[[Case], None]
    applies: Callable[[Case], bool]

    @property
    def promise(self) -> str:
        """What it asks, in a line."""
        return (self.check.__doc__ or "").strip().splitlines()[0]


def always(case: Case) -> bool:
    """Once for each sample."""
    return case.sample is not None


def whole(case: Case) -> bool:
    """Once for the plug-in."""
    return case.sample is None


def http(case: Case) -> bool:
    """Where the sample answers requests."""
    return case.sample is not None and case.sample.does("answer")


def files(case: Case) -> bool:
    """Where the sample is files."""
    return case.sample is not None and case.sample.does("write")


def written(case: Case) -> dict[Path, bytes]:
    """The files of a sample, by their place in its folder."""
    folder = Path(tempfile.mkdtemp(prefix="kit-"))
    try:
        deepcopy(case.sample).write(folder)
        return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rule(applies: Callable[[Case], bool]) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Enter a check as a rule under its own name."""

    def enter(check: Callable[[Case], None]) -> Callable[[Case], None]:
        RULES[check.__name__] = Rule(check.__name__, check, applies)
        return check

    return enter


# ------------------------------------------------------------------------------------------------ changing what comes
def body_of(sample: Sample, name: str) -> Body | None:
    """How records lie at this path or in this file, as the sample says it."""
    return next((body for pattern, body in sample.bodies.items() if re.search(pattern, name)), None)


def altered(sample: Sample, change: Callable[[Records], Records]) -> Fault:
    """The fault that changes the records of every answer that has any."""

    def fault(number: int, asked: Asked, honest: Callable[[], Answer]) -> Answer:
        answer = honest()
        body = body_of(sample, asked.path)
        if body is None or answer.status != 200:
            return answer
        return Answer(body.changed(answer.content, change), 200, answer.headers)

    return fault


def alter_files(b: Bench, change: Callable[[Records], Records]) -> None:
    """Change the records of every file that has any."""
    for path in sorted(p for p in b.files.rglob("*") if p.is_file()):
        if body := body_of(b.sample, path.name):
            path.write_bytes(body.changed(path.read_bytes(), change))


def at(numbers: Callable[[int], bool], made: Callable[[Answer], Answer | Deed]) -> Fault:
    """The fault that comes at requests of these numbers: what is made of the honest answer."""

    def fault(number: int, asked: Asked, honest: Callable[[], Answer]) -> Answer | Deed:
        return made(honest()) if numbers(number) else honest()

    return fault


def moments(requests: int) -> Iterator[int]:
    """Requests at which a fault is worth a try: the first, one in the middle, the last."""
    return iter(sorted({1, requests // 2 + 1, requests}))
