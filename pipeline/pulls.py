"""The pulls of one run, side by side: most of a pull is waiting for somebody else's server.

Belongs here: which pull may start when, and handing each its outcomes. Does not: a pull's process (child.py), Dagster.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from pipeline import child
from pipeline.child import Request
from pipeline.discovery import name_streams
from pipeline.pull import Outcome
from pipeline.settings import Settings


class Pulls:
    """Started all together when the first outcome is asked for; none starts where none is asked for."""

    def __init__(self, requests: Iterable[Request], settings: Settings) -> None:
        self._requests, self._settings = list(requests), settings
        self._pool = ThreadPoolExecutor(max_workers=settings.pulls_at_once, thread_name_prefix="pull")
        self._processes: list[subprocess.Popen[str]] = []
        self._futures: dict[str, Future[list[Outcome]]] = {}

    def outcomes(self, connector: str) -> list[Outcome]:
        """How each stream of this connector ended; waits for it."""
        if not self._futures:
            self._start()
        return self._futures[connector].result()

    def _start(self) -> None:
        """Whoever lands names of people goes first: text is stripped of them before it lands."""
        naming = {instance.name for instance, _, _ in name_streams(r.instance for r in self._requests)}
        first = [r for r in self._requests if r.instance.name in naming]
        for request in first:
            self._futures[request.instance.name] = self._pool.submit(self._run, request, [])
        known = list(self._futures.values())
        for request in self._requests:
            if request not in first:
                prose = any(stream.prose() for stream in request.instance.streams)
                self._futures[request.instance.name] = self._pool.submit(self._run, request, known if prose else [])

    def _run(self, request: Request, after: list[Future[list[Outcome]]]) -> list[Outcome]:
        for earlier in after:
            earlier.exception()  # only that it has ended matters here; its own asset tells how
        # What a plug-in logs is not kept: it may hold what the source said. `tidemark pull NAME` shows it to who asks.
        return child.run(request, self._settings, started=self._processes.append)

    def close(self) -> None:
        """End what still runs, which is nothing unless the run itself was stopped; the next night resumes."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            if process.poll() is None:
                child.end(process)
        self._pool.shutdown(wait=True)
