"""Rules on a server that misbehaves: rates, failures, cut and rubbish answers, loops, tokens that end.

Belongs here: faults of answers and connections. Does not: faults of single fields (rules_fields.py), of files, or a
server that means harm (rules_hostile.py).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from pipeline.testing.bench import AS_OF, RENEWED, Bench
from pipeline.testing.rule import Case, altered, at, http, moments, rule
from pipeline.testing.rules_change import LATE
from pipeline.testing.sample import Answer, Asked
from pipeline.testing.server import Fault, cut_at, hang_up
from pipeline.testing.verdict import everywhere, heals, named, nothing_wrong, same, survives

LOGIN = b"<!doctype html><html><title>Sign in</title><body><form>Your session has ended</form></body></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}


# ---------------------------------------------------------------------------------------------------- pauses, failures
@rule(http)
def waits_when_asked(case: Case) -> None:
    """429 with a pause in seconds, as a date, of a day, without one or with rubbish: waited for, or put off to the next night."""
    date = "Wed, 01 Jul 2026 03:00:09 GMT"
    for named_pause, least in (("7", 7.0), (date, 5.0), (None, 0.1), ("soon", 0.1), ("-5", 0.0)):
        headers = {"Retry-After": named_pause} if named_pause else {}
        pulled = survives(case, at(lambda n: n in (1, 2), lambda _, h=headers: Answer({"error": "slow down"}, 429, h)), whole=True)  # type: ignore[misc]
        assert pulled.slept >= least, f"Retry-After {named_pause}: waited {pulled.slept:.1f} s"
    pulled = survives(case, at(lambda n: n >= 1, lambda _: Answer({}, 429, {"Retry-After": "86400"})))
    states = {outcome.state for outcome in pulled.outcomes.values()}
    assert states <= {"deferred", "complete"}, f"a pause of a day is not a fault: {pulled.said()}"
    assert pulled.slept < 3600, "a pause of a day was waited for"


@rule(http)
def server_fails(case: Case) -> None:
    """A burst of 5xx passes by itself; one that lasts is named, and the night after goes on."""
    for status in (500, 502, 503, 504):
        survives(case, at(lambda n: n in (1, 2), lambda _, s=status: Answer(b"oops", s, HTML)), whole=True)  # type: ignore[misc]
    everywhere(case, lambda _: Answer({"error": "internal"}, 500))


@rule(http)
def connection_breaks(case: Case) -> None:
    """A connection that is refused, reset before the answer or cut within it: again, or named; never half a page."""
    for number in moments(case.requests):
        survives(case, at(lambda n, k=number: n == k, lambda _: hang_up), whole=True)  # type: ignore[misc]
        cut = at(lambda n, k=number: n == k, lambda a: cut_at(a.content, len(a.content) // 2))  # type: ignore[misc]
        survives(case, cut, whole=True)
    everywhere(case, lambda _: hang_up)
    with case.bench() as b:
        url, b.server.url = b.server.url, "http://127.0.0.1:9"
        refused = b.pull()
        assert not refused.complete, "nobody answers, and the pull says it is complete"
        named(refused)
        b.server.url = url
        heals(b, case.truth)


@rule(http)
def source_down_for_days(case: Case) -> None:
    """After nine nights without an answer one pull catches up."""
    with case.bench() as b:
        b.pull()
        if b.sample.does("add"):
            b.change(lambda sample: sample.add(LATE))
        nights = [b.night(0 if _daily(b) else later) for later in range(1, 10)]  # a sample has no days to come
        for night in nights:
            down = b.pull(at(lambda _: True, lambda _: hang_up), as_of=night)
            assert not down.complete, "nobody answers, and the pull says it is complete"
        same(b.rows(), case.truth, "a source that is down")
        heals(b, b.truth(as_of=nights[-1]), as_of=nights[-1])


# --------------------------------------------------------------------------------------------------------- rubbish
@rule(http)
def login_page(case: Case) -> None:
    """A login page with status 200 is no data: not zero, not the end, and named."""
    everywhere(case, lambda _: Answer(LOGIN, 200, HTML))
    everywhere(case, lambda _: Answer(LOGIN, 200, {"Content-Type": "application/json"}), lasting=False)


@rule(http)
def error_with_200(case: Case) -> None:
    """An error object, null, a bare word or an empty body with status 200 is no data."""
    for body in ({"error": {"code": "internal", "message": "no"}}, {"result": "error", "message": "no"}, b"null", b'"no"', b""):
        everywhere(case, lambda _, said=body: Answer(said), times=2)  # type: ignore[misc]


@rule(http)
def truncated_body(case: Case) -> None:
    """A body that was cut where its length says it is whole is not taken for all there is."""
    everywhere(case, lambda a: Answer(a.content[: len(a.content) * 2 // 3], a.status, a.headers))
    for number in moments(case.requests):
        once = at(lambda n, k=number: n == k, lambda a: Answer(a.content[: len(a.content) // 2], a.status, a.headers))  # type: ignore[misc]
        survives(case, once, whole=True)


@rule(http)
def wrong_encoding(case: Case) -> None:
    """A byte order mark is skipped; bytes that are not text, or hold NUL, are named and not guessed at."""
    survives(case, at(lambda _: True, lambda a: Answer(b"\xef\xbb\xbf" + a.content, a.status, a.headers)), whole=True)
    for damage in (b"\xff", b"\x00"):
        half = _damaged(damage)
        survives(case, at(lambda n: n == 1, half))
        survives(case, at(lambda n: n >= 1, half))


def _damaged(damage: bytes) -> Callable[[Answer], Answer]:
    """In the last half of the answer, within a word: between two of them a parser alone would notice."""

    def made(a: Answer) -> Answer:
        middle = len(a.content) // 2
        word = re.compile(rb"[A-Za-z]{4}").search(a.content, middle)
        place = word.start() + 2 if word else middle
        return Answer(a.content[:place] + damage + a.content[place:], a.status, a.headers)

    return made


# ---------------------------------------------------------------------------------------------- paging and permission
@rule(http)
def loop_is_stopped(case: Case) -> None:
    """Pages that come round again (A A A, A B A B) end the pull within a few requests, by name or with all rows."""
    for length in (1, 2):
        with case.bench() as b:
            pulled = b.pull(_looping(length))
            assert len(pulled.asked) <= case.requests * 2 + 12, f"the loop was followed for {len(pulled.asked)} requests"
            nothing_wrong(pulled, b.rows(), case.truth)
            heals(b, case.truth)


def _looping(length: int) -> Fault:
    """The first `length` answers of each path, again and again."""
    kept: dict[str, list[Answer]] = {}
    turn: dict[str, itertools.count[int]] = {}

    def fault(number: int, asked: Asked, honest: Callable[[], Answer]) -> Answer:
        told = kept.setdefault(asked.path, [])
        if len(told) < length:
            told.append(honest())
            return told[-1]
        return told[next(turn.setdefault(asked.path, itertools.count())) % length]

    return fault


@rule(http)
def token_that_ends(case: Case) -> None:
    """A token that ends while pages are read stops the pull by name; with a new one the next night goes on."""
    for number in moments(case.requests):
        with case.bench() as b:

            def renewed(n: int, asked: Asked, honest: Callable[[], Answer], begins: int = number) -> Answer:
                return Answer({"error": "expired"}, 401) if n >= begins else honest()

            pulled = b.pull(renewed)
            assert not pulled.complete, "the token is refused, and the pull says it is complete"
            nothing_wrong(pulled, b.rows(), case.truth)
            b.token = RENEWED
            heals(b, case.truth)


@rule(http)
def forbidden_is_not_zero(case: Case) -> None:
    """What may not be read (403, 404), all of it or a part, is named; what landed before stays."""
    with case.bench() as b:
        first = b.pull()
        paths = sorted({asked.path for asked in first.asked})
    for status in (403, 404):
        for path in [None, *paths[:6]]:
            with case.bench() as b:
                b.pull()

                def forbidden(
                    n: int, asked: Asked, honest: Callable[[], Answer], only: str | None = path, code: int = status
                ) -> Answer:
                    return Answer({"error": "no"}, code) if only in (None, asked.path) else honest()

                pulled = b.pull(forbidden, as_of=b.night(1))
                named(pulled)
                same(b.rows(), case.truth, f"after {status} at {path or 'every path'}")
                asked_for = [a for a in pulled.asked if path in (None, a.path)]
                assert not (asked_for and pulled.complete), f"{status} at {path or 'every path'} passed for a quiet day"


@rule(http)
def empty_is_zero(case: Case) -> None:
    """A first pull of a source with nothing in it is complete, or named; afterwards emptiness does not wipe out what landed."""
    for had in (False, True):
        with case.bench() as b:
            if had:
                b.pull()
            emptied: list[int] = []

            def nothing(rows: list[object], noted: list[int] = emptied) -> list[object]:
                noted.append(len(rows))
                return []

            pulled = b.pull(altered(b.sample, nothing), as_of=b.night(1 if had else 0))
            named(pulled)
            assert any(emptied) or had, "no answer of the sample has records as `bodies` says: it tests nothing"
            if had:
                kept = b.rows()
                for name, rows in case.truth.items():
                    wiped = len(kept[name]) < 0.8 * len(rows)
                    assert not (wiped and pulled.outcomes[name].complete), f"{name}: an empty answer wiped out {len(rows)} rows"
            if not _daily(b):
                heals(b, b.truth(as_of=AS_OF), as_of=b.night(2))


def _daily(b: Bench) -> bool:
    return any(stream.unit == "day" for stream in b.streams)
