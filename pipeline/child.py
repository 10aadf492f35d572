"""Run a pull in a process of its own and survive whatever becomes of it.

Belongs here: starting, listening, and ending the whole process group when its time is over.
Does not: what a pull does (pull.py), or what Dagster shows of it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.discovery import Instance
from pipeline.landing.manifest import Account
from pipeline.landing.store import Attempt, Store
from pipeline.pull import Outcome
from pipeline.settings import Settings

GRACE_SECONDS = 30.0  # beyond its budget, in which a pull commits what it has


@dataclass(frozen=True)
class Request:
    """What to pull: streams by name (all when empty), and a window of days where one was named."""

    instance: Instance
    as_of: date
    streams: tuple[str, ...] = ()
    days: tuple[date, date] | None = None
    limit: int | None = None
    accept: bool = False

    def names(self) -> list[str]:
        """The streams that are meant."""
        return [s.name for s in self.instance.streams if not self.streams or s.name in self.streams]

    def command(self, settings: Settings) -> list[str]:
        """The command line of the pull."""
        words = [sys.executable, "-m", "pipeline.pull", self.instance.name, "--as-of", self.as_of.isoformat(),
                 "--streams", ",".join(self.names()), "--seconds", str(settings.source_minutes * 60)]  # fmt: skip
        if self.days:
            words += ["--from", self.days[0].isoformat(), "--to", self.days[1].isoformat()]
        if self.limit:
            words += ["--limit", str(self.limit)]
        return words + (["--accept"] if self.accept else [])


def run(
    request: Request, settings: Settings, *, log: Callable[[str], object] = lambda _: None,
    progress: Callable[[str, Account], object] = lambda *_: None,
    started: Callable[[subprocess.Popen[str]], object] = lambda _: None,
) -> list[Outcome]:  # fmt: skip
    """One outcome a stream, also when the process hangs or exits: then each unfinished stream has failed."""
    process = subprocess.Popen(
        request.command(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, env=_environment(settings),
    )  # fmt: skip
    started(process)
    late = threading.Event()

    def too_late() -> None:
        late.set()
        end(process)

    timer = threading.Timer(settings.source_minutes * 60 + GRACE_SECONDS, too_late)
    timer.daemon = True
    timer.start()
    heard = threading.Thread(target=_relay, args=(process.stderr, log), daemon=True)
    heard.start()
    outcomes: dict[str, Outcome] = {}
    try:
        for line in process.stdout or ():
            event = _event(line)
            if event.get("event") == "progress":
                progress(event["stream"], Account.model_validate(event["account"]))
            elif event.get("event") == "outcome":
                outcomes[event["stream"]] = Outcome(
                    event["stream"], event["state"], Account.model_validate(event["account"]), event["reason"],
                    event["action"], event["batches"],
                )  # fmt: skip
        code = process.wait()
    finally:
        timer.cancel()
        end(process)
        heard.join(timeout=1)
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()
    why = "did not end in its time and was stopped" if late.is_set() else f"its process ended with code {code}"
    return [outcomes.get(name) or _lost(name, request, settings, why) for name in request.names()]


def _environment(settings: Settings) -> dict[str, str]:
    here = {"TIDEMARK_CONFIG": str(settings.file)} if settings.file else {}
    return {**os.environ, **here, "TIDEMARK_HOME": str(settings.home)}


def _lost(name: str, request: Request, settings: Settings, why: str) -> Outcome:
    action = "nothing at once: the next night resumes; look at the source if it repeats"
    attempt = Attempt(as_of=request.as_of, state="failed", reason=why, action=action)
    Store(settings.home).stream(request.instance.name, name).record_attempt(attempt)
    return Outcome(name, "failed", reason=why, action=action)


def _event(line: str) -> dict[str, Any]:
    """A line of the protocol; what a plug-in prints itself is not one and says nothing."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _relay(lines: Iterable[str] | None, log: Callable[[str], object]) -> None:
    for line in lines or ():
        log(line.rstrip())


def end(process: subprocess.Popen[str]) -> None:
    """End the pull and everything that it started; only ever a group that this module made."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
