"""The attack on published rows finds what can be found, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from pipeline.calibrate.attack import Cell, attack, block_of, build, known_anyway, withheld

START = date(2026, 6, 15)
PARENTS = {("organisation", "all"): None, ("directorate", "a"): "all", ("directorate", "b"): "all", ("directorate", "c"): "all"}


def row(metric: str, unit: str, base: int | None, hits: int | None = None, **more: Any) -> dict[str, Any]:
    """A published row; without a base a suppressed one."""
    level = "organisation" if unit == "all" else "directorate"
    told = base is not None
    value = None if base is None or hits is None else hits / base
    return {
        "metric": metric, "part": "", "unit_level": level, "unit": unit, "period": "28 days", "period_start": START,
        "value": value, "base": base, "status": "ok" if told else "suppressed", **more,
    }  # fmt: skip


def people(**writers: int) -> list[dict[str, Any]]:
    """The table of who wrote, out of 60 in each directorate."""
    units = {"all": (180, sum(writers.values())), **{unit: (60, hits) for unit, hits in writers.items()}}
    return [row("participation_share", unit, base, hits) for unit, (base, hits) in units.items()]


def cell(who: str, unit: str, **more: Any) -> Cell:
    return Cell(who, "organisation" if unit == "all" else "directorate", unit, "28 days", START)._replace(**more)


def test_what_is_left_of_a_total_is_found() -> None:
    rows = [row("active_share", unit, 60, 30) for unit in ("a", "b")] + [row("active_share", "all", 180, 70)]
    rows.append(row("active_share", "c", 60) | {"status": "not_identifiable", "value": None})
    found = attack(build(rows, PARENTS), cell("active", "c"))
    assert (found.low, found.high, found.values) == (10, 10, 1)


def test_a_total_of_two_withheld_does_not_tell_them_apart() -> None:
    told = [row("multichannel_share", "all", 74, 40), row("multichannel_share", "c", 50, 28)]
    rows = [*people(a=8, b=16, c=50), *told, row("multichannel_share", "a", None), row("multichannel_share", "b", None)]
    assert withheld(rows) == [cell(who, unit) for who in ("several", "writers") for unit in ("a", "b")]
    system = build(rows, PARENTS)
    assert attack(system, cell("several", "a")) == (0, 8)  # 12 of 24 together: it says nothing of the 8
    assert attack(system, cell("writers", "a")) == (8, 8)  # but the other table says that they are 8
    assert known_anyway(build(people(a=8, b=16, c=50), PARENTS), cell("several", "a")) == (0, 8)


def test_everybody_of_two_withheld_is_found() -> None:
    told = [row("multichannel_share", "all", 74, 52), row("multichannel_share", "c", 50, 28)]
    rows = [*people(a=8, b=16, c=50), *told, row("multichannel_share", "a", None), row("multichannel_share", "b", None)]
    assert attack(build(rows, PARENTS), cell("several", "a")) == (8, 8)
    with pytest.raises(ValueError, match="contradict"):
        attack(build([*rows[:4], row("multichannel_share", "all", 74, 53), *rows[5:]], PARENTS), cell("several", "a"))


def test_weeks_bound_their_block() -> None:
    days = [date(2026, 6, 15), date(2026, 6, 22), date(2026, 6, 29), date(2026, 7, 6)]
    hits = (3, 5, 0, 4)
    told = [row("participation_share", "a", 60, n, period="week", period_start=day) for n, day in zip(hits, days, strict=True)]
    hidden = row("participation_share", "a", 60) | {"status": "not_identifiable"}
    target = cell("writers", "a")
    assert attack(build([*told, hidden], PARENTS), target) == (5, 12)
    assert attack(build([*told[:3], hidden], PARENTS), target) == (5, 60)  # of a week that is not told nobody knows
    assert block_of(date(2026, 7, 12)) == START


def test_parts_that_do_not_hold_everybody_are_not_added_up() -> None:
    rows = [row("active_share", "all", 190, 70), *(row("active_share", unit, 60, 20) for unit in ("a", "b"))]
    rows.append(row("active_share", "c", 60) | {"status": "not_identifiable", "value": None})
    assert attack(build(rows, PARENTS), cell("active", "c")) == (0, 60)


def test_the_truth_is_never_outside() -> None:
    """Whatever is withheld of a drawn organisation, what the attack leaves holds the truth."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        writers = {unit: int(rng.integers(0, 25)) for unit in "abc"}
        several = {unit: int(rng.integers(0, n + 1)) for unit, n in writers.items()}
        rows = [*people(**writers), row("multichannel_share", "all", max(sum(writers.values()), 1), sum(several.values()))]
        rows += [row("multichannel_share", u, None) if n < 15 else row("multichannel_share", u, n, several[u])
                 for u, n in writers.items()]  # fmt: skip
        if not sum(writers.values()):
            continue
        system = build(rows, PARENTS)
        for target in withheld(rows):
            truth = (writers if target.who == "writers" else several)[target.unit]
            found = attack(system, target)
            assert found.low <= truth <= found.high
