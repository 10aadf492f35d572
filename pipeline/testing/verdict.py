"""What must hold after any fault: nothing wrong, nothing silent, nothing lost once the fault is gone.

Belongs here: the one judgement that most rules share. Does not: the faults (rules_*.py).
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.testing.bench import RENEWED, TOKEN, Bench, Pulled, Rows, beyond, missing
from pipeline.testing.rule import Case, at, moments
from pipeline.testing.sample import Answer
from pipeline.testing.server import Deed, Fault

SECRETS = (TOKEN, RENEWED)
MOST = 100 << 20  # bytes of memory that a pull may take, whatever a source makes of itself


def named(pulled: Pulled) -> None:
    """Every stream that did not end well says why in words of its own, and no secret."""
    for outcome in pulled.outcomes.values():
        if not outcome.complete:
            assert outcome.reason, f"{outcome.stream} is {outcome.state} and does not say why"
            assert not outcome.reason.startswith("unforeseen"), (
                f"{outcome.stream}: {outcome.reason}: name this fault with an error of the contract"
            )
        for secret in SECRETS:
            assert secret not in outcome.reason + outcome.action, f"{outcome.stream}: its reason holds the token"


def nothing_wrong(pulled: Pulled, rows: Rows, truth: Rows, *, may_reject: bool = False) -> None:
    """What landed is part of the truth; where a pull says that it is complete, it is all of it."""
    named(pulled)
    wrong = beyond(rows, truth)
    assert not wrong, f"rows landed that the source does not hold: {dict(wrong)} ({pulled.said()})"
    for name, outcome in pulled.outcomes.items():
        lost = missing({name: rows[name]}, {name: truth[name]})[name]
        accounted = sum(outcome.account.quarantined.values()) if may_reject else 0
        if outcome.complete:
            assert lost <= accounted, f"{name} says it is complete and lost {lost} rows without a word"


def heals(b: Bench, truth: Rows, **given: object) -> None:
    """With the fault gone, the next pull makes the rows of a clean first pull."""
    again = b.pull(**given)  # type: ignore[arg-type]
    rows = b.rows()
    assert again.complete, f"with the fault gone the next pull does not end well: {again.said()}"
    same(rows, truth, "with the fault gone the next pull")


def same(rows: Rows, truth: Rows, what: str) -> None:
    """The rows are those of the truth."""
    wrong, lost = beyond(rows, truth), missing(rows, truth)
    differ = wrong or lost
    assert not differ, f"{what} has {dict(wrong) or 'no'} rows too many and {dict(lost) or 'no'} rows too few"


@contextmanager
def modest() -> Iterator[None]:
    """What runs in here never holds more than MOST bytes at a time."""
    tracemalloc.start()
    try:
        yield
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most <= MOST, f"{most >> 20} MB of memory were taken at once: read in pieces, with a cap"


def survives(case: Case, fault: Fault, *, whole: bool = False, **given: object) -> Pulled:
    """One pull under the fault, judged; then one without. `whole`: the fault must not even be noticed in the rows."""
    with case.bench() as b:
        pulled = b.pull(fault, **given)  # type: ignore[arg-type]
        nothing_wrong(pulled, b.rows(), case.truth)
        if whole:
            assert pulled.complete, f"this should pass by itself: {pulled.said()}"
        heals(b, case.truth)
        return pulled


def everywhere(case: Case, made: Callable[[Answer], Answer | Deed], *, lasting: bool = True, times: int = 4) -> None:
    """The fault at each moment worth a try: there for good, or for one request only."""
    for number in list(moments(case.requests))[-times:]:
        hit: list[int] = []

        def noted(answer: Answer) -> Answer | Deed:
            hit.append(1)  # noqa: B023 - used at once
            return made(answer)

        begins = number
        pulled = survives(case, at((lambda n: n >= begins) if lasting else (lambda n: n == begins), noted))  # noqa: B023
        assert hit, "the fault did not happen"
        if lasting:
            assert not pulled.complete, f"from request {number} on nothing but this came, and the pull says it is complete"
