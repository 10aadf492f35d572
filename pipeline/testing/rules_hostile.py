"""Rules on a server that means harm, or might as well: bursts, depths, drips, redirects, certificates, echoes.

Belongs here: what must not cost memory, time or a secret. Does not: honest failures (rules_http.py), or files.
"""

from __future__ import annotations

import base64
import gzip
import re
import threading
from collections.abc import Callable
from contextlib import ExitStack

from pipeline.testing.certificate import self_signed
from pipeline.testing.rule import Case, at, http, rule
from pipeline.testing.sample import Answer, Asked
from pipeline.testing.server import drip, hang, serving
from pipeline.testing.traces import landed
from pipeline.testing.verdict import everywhere, heals, modest, named, survives

BURST = 150  # MB of nothing
PATIENCE = 10.0  # seconds for a stream; a night of NIGHT seconds is long over by then
NIGHT = 0.25


@rule(http)
def deep_and_huge(case: Case) -> None:
    """JSON a hundred thousand levels deep, and numbers that are none, are refused and named."""
    for body in (b"[" * 100_000, b'{"value": NaN}', b'{"a":' * 50_000):
        survives(case, at(lambda n: n >= 1, lambda _, said=body: Answer(said)))  # type: ignore[misc]


@rule(http)
def bomb(case: Case) -> None:
    """A packed body that unpacks to a thousand times its size is cut off at a cap, and never held in memory."""
    packed = gzip.compress(bytes(1 << 20)) * BURST  # one gzip member may follow another
    case.truth  # noqa: B018 - pulled before memory is watched
    with modest():
        survives(case, at(lambda n: n >= 1, lambda _: Answer(packed, 200, {"Content-Encoding": "gzip"})))


@rule(http)
def drips_and_hangs(case: Case) -> None:
    """An answer that drips for ever, or never begins, ends with the night's time for this source."""
    for endless in (drip, hang):
        done = threading.Event()
        deed = endless(done)
        watchdog = threading.Timer(PATIENCE * len(case.streams), done.set)
        watchdog.start()
        with case.bench() as b:
            pulled = b.pull(at(lambda n: n >= 1, lambda _, d=deed: d), seconds=NIGHT)  # type: ignore[misc]
            watchdog.cancel()
            assert not done.is_set(), f"a night of {NIGHT} s was over, and the connector still waited for the answer"
            done.set()
            assert not pulled.complete, "nothing came, and the pull says it is complete"
            named(pulled)
            heals(b, case.truth)


@rule(http)
def leads_elsewhere(case: Case) -> None:
    """A redirect to another host is refused, and nobody there is shown a token."""
    with ExitStack() as stack:
        other = stack.enter_context(serving(lambda _: Answer({})))
        place = other.url.replace("127.0.0.1", "localhost")
        for status in (301, 307):
            everywhere(case, lambda _, s=status: Answer(b"", s, {"Location": f"{place}/elsewhere"}), times=2)  # type: ignore[misc]
        assert not other.asked, "the redirect to another host was followed"


@rule(http)
def untrusted_tls(case: Case) -> None:
    """A certificate that nobody vouches for ends the pull by name; there is no way round it."""
    with case.bench(context=self_signed()) as b:
        pulled = b.pull()
        assert not pulled.complete, "an untrusted certificate was accepted"
        assert not b.server.asked, "a request went over an untrusted connection"
        named(pulled)


@rule(http)
def no_secret_is_said(case: Case) -> None:
    """A server that sends everything back, token and query included, cannot make the connector say it."""

    def mirror(n: int, asked: Asked, honest: Callable[[], Answer]) -> Answer:
        said = f"{asked.target} {asked.headers} {asked.content.decode(errors='replace')}"
        return Answer({"error": said, "message": said}, 400, {"X-Echo": "1"})

    with case.bench() as b:
        pulled = b.pull(mirror)
        assert not pulled.complete, "a refusal passed for data"
        named(pulled)
        for outcome in pulled.outcomes.values():
            assert b.token not in _unpacked(outcome.reason), f"{outcome.stream}: its reason holds the token in base64"
        for path, text in landed(b.home):
            assert b.token not in text + _unpacked(text), f"the token is in {path.name}"


def _unpacked(text: str) -> str:
    """What lies in base64 in a text, as user and password do in a header."""
    found = re.findall(r"[A-Za-z0-9+/]{24,}", text)
    whole = [part[:-1] if len(part) % 4 == 1 else part for part in found]
    return " ".join(base64.b64decode(f"{part}==").decode("latin-1") for part in whole)
