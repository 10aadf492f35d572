"""Rules on single fields that change: new, missing, renamed, of another type; in answers and in files alike.

Belongs here: schema drift. Does not: answers that are no data (rules_http.py).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from pipeline.testing.bench import Bench, Pulled, beyond, missing
from pipeline.testing.bodies import Body, TextLines, Zipped
from pipeline.testing.rule import Case, alter_files, altered, rule
from pipeline.testing.verdict import heals, named, nothing_wrong, same

Change = Callable[[dict[str, Any]], None]


def fields(case: Case) -> bool:
    """Where records have fields: not where all of them are lines of text."""
    if case.sample is None:
        return False
    inner = [body.inner if isinstance(body, Zipped) else body for body in case.sample.bodies.values()]
    return not inner or any(not isinstance(body, TextLines) for body in inner)


def _bodies(case: Case) -> list[Body]:
    """How records lie in what this source gives, ZIPs with what is in them."""
    found = list(case.sample.bodies.values())
    assert found, "say in `bodies` how records lie in what this source gives, or argue in `exempt`"
    return [*found, *(body.inner for body in found if isinstance(body, Zipped) and body.inner)]


def _required(case: Case) -> list[str]:
    found = list(dict.fromkeys(name for body in _bodies(case) for name in body.required))
    assert found, "say in a body's `required` without which fields a record cannot be read, or argue in `exempt`"
    return found


def _drifted(b: Bench, change: Change, *, only: int | None = None) -> tuple[Pulled, int]:
    """A pull in which the records are changed (all, or the n-th that has it), and how many were."""
    touched = 0

    def changed(rows: list[Any]) -> list[Any]:
        nonlocal touched
        found = []
        for row in rows:
            drifted = deepcopy(row)
            if isinstance(drifted, dict) and (only is None or touched <= only):
                before = deepcopy(drifted)
                change(drifted)
                if drifted != before:
                    if only is not None and touched < only:
                        drifted = before
                    touched += 1
            found.append(drifted)
        return found

    if b.sample.does("write"):
        kept = {path: path.read_bytes() for path in b.files.rglob("*") if path.is_file()}
        alter_files(b, changed)
        pulled = b.pull()
        for path, content in kept.items():
            path.write_bytes(content)
        return pulled, touched
    return b.pull(altered(b.sample, changed)), touched


@rule(fields)
def new_field(case: Case) -> None:
    """A field that was not there before changes nothing."""
    _bodies(case)

    def more(row: dict[str, Any]) -> None:
        row["newField2027"] = "a new thing"

    with case.bench() as b:
        pulled, touched = _drifted(b, more)
        assert touched, "no record has fields: it tests nothing"
        assert pulled.complete, f"a new field ends the pull: {pulled.said()}"
        same(b.rows(), case.truth, "a pull with a new field")


@rule(fields)
def missing_field(case: Case) -> None:
    """A needed field that one record lacks costs that record, with its reason; where all lack it, the source is red."""
    for name in _required(case):
        _costs_one(case, _without(name), name)
        _is_red(case, _without(name), f"without {name}")


@rule(fields)
def renamed_field(case: Case) -> None:
    """A needed field under another name in every record makes the source red, and nothing wrong lands."""
    for name in _required(case):
        _is_red(case, _renamed(name), f"with {name} renamed")


@rule(fields)
def retyped_field(case: Case) -> None:
    """A field of another type in one record costs at most that record, with its reason; it is never taken for a right one."""
    found = [told for body in _bodies(case) for told in body.retyped.items()]
    assert found, "say in a body's `retyped` which values must not pass for right ones, or argue in `exempt`"
    for name, value in found:
        _costs_one(case, _set(name, value), name)
        with case.bench() as b:
            pulled, touched = _drifted(b, _set(name, value))
            assert touched, f"no record has {name}: it tests nothing"
            named(pulled)
            wrong = beyond(b.rows(), case.truth)
            assert not wrong, f"rows landed with a wrong {name}: {dict(wrong)}"


def _costs_one(case: Case, change: Change, name: str) -> None:
    with case.bench() as b:
        pulled, touched = _drifted(b, change, only=0)
        assert touched, f"no record has {name}: it tests nothing"
        rows = b.rows()
        nothing_wrong(pulled, rows, case.truth, may_reject=True)
        lost = sum(missing(rows, case.truth).values())
        if pulled.complete and lost:
            assert pulled.rejected, f"a record without a good {name} is gone without a reason"
        if b.sample.does("write"):
            heals(b, case.truth, accept=True)


def _is_red(case: Case, change: Change, how: str) -> None:
    with case.bench() as b:
        pulled, touched = _drifted(b, change)
        assert touched, f"no record could be made {how}: it tests nothing"
        rows = b.rows()
        named(pulled)
        wrong = beyond(rows, case.truth)
        assert not wrong, f"rows landed from records {how}: {dict(wrong)}"
        if missing(rows, case.truth):
            assert not pulled.complete, f"every record is {how}, and the pull says it is complete"
        heals(b, case.truth, accept=True)


def _holder(row: dict[str, Any], name: str) -> tuple[dict[str, Any], str] | None:
    *way, last = name.split(".") if name not in row else [name]
    for step in way:
        inner = row.get(step)
        if not isinstance(inner, dict):
            return None
        row = inner
    return (row, last) if last in row else None


def _without(name: str) -> Change:
    def change(row: dict[str, Any]) -> None:
        if found := _holder(row, name):
            del found[0][found[1]]

    return change


def _renamed(name: str) -> Change:
    def change(row: dict[str, Any]) -> None:
        if found := _holder(row, name):
            found[0][f"{found[1]}Renamed2027"] = found[0].pop(found[1])

    return change


def _set(name: str, value: Any) -> Change:
    def change(row: dict[str, Any]) -> None:
        if found := _holder(row, name):
            found[0][found[1]] = value

    return change
