"""What must hold after any fault: nothing wrong, nothing silent, nothing lost once the fault is gone.

Belongs here: the one judgement that most rules share. Does not: the faults (rules_*.py).
"""

from __future__ import annotations

from pipeline.testing.bench import RENEWED, TOKEN, Bench, Pulled, Rows, beyond, missing

SECRETS = (TOKEN, RENEWED)


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
