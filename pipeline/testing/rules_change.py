"""Rules on a source that changes: late, edited and deleted records, another order, cuts, days of 23 and 25 hours.

Belongs here: changes of the world and of the way through it. Does not: broken answers (rules_http.py, rules_files.py).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import duckdb

from pipeline.landing.store import StreamStore
from pipeline.pull import Budget
from pipeline.testing.bench import AS_OF, ZONE, Bench, Rows, beyond, size
from pipeline.testing.rule import Case, altered, always, files, http, rule, written
from pipeline.testing.verdict import heals, named, nothing_wrong, same

SPRING = (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
AUTUMN = (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), datetime(2025, 10, 26, 1, 30, tzinfo=UTC))
LATE = datetime(2026, 6, 29, 11, 20, tzinfo=UTC)
NEWEST = LATE + timedelta(days=1)


def _able(case: Case, change: str, what: str) -> None:
    assert case.sample.does(change), f"define {change}() in the sample, or argue in `exempt` why this source cannot tell {what}"


# ------------------------------------------------------------------------------------------------- records that change
@rule(always)
def late_is_found(case: Case) -> None:
    """A record that arrives a day late is there the next night, as in a clean first pull."""
    _able(case, "add", "of new records")
    with case.bench() as b:
        b.change(lambda sample: sample.add(NEWEST))
        b.pull()
        before = b.rows()
        b.change(lambda sample: sample.add(LATE))
        _follows(b, before, more=True)


@rule(always)
def edit_is_found(case: Case) -> None:
    """A record that was edited has its new content the next night."""
    _able(case, "edit", "of edits")
    with case.bench() as b:
        b.pull()
        before = b.rows()
        b.change(lambda sample: sample.edit())
        _follows(b, before, more=None)


@rule(always)
def deletion_is_found(case: Case) -> None:
    """A record that was deleted is gone the next night."""
    _able(case, "delete", "of deletions")
    with case.bench() as b:
        b.pull()
        before = b.rows()
        b.change(lambda sample: sample.delete())
        _follows(b, before, more=False)


def _follows(b: Bench, before: Rows, *, more: bool | None) -> None:
    truth = b.truth()
    assert truth != before, "the sample's change changes nothing that lands: it tests nothing"
    if more is not None:
        changed = size(truth) > size(before) if more else size(truth) < size(before)
        # A count grows or shrinks in place; what somebody did is there or gone.
        counts = size(truth) == size(before) and not any(s.persons() for s in b.streams if truth[s.name] != before[s.name])
        assert changed or counts, f"the change makes {size(truth)} rows of {size(before)}"
    heals(b, truth)
    again = b.pull()
    assert again.landed == 0, f"the night after, {again.landed} records landed again"


@rule(always)
def days_of_23_and_25_hours(case: Case) -> None:
    """Records around both clock changes land once each, at the right moment and on the right local day."""
    _able(case, "add", "of new records")
    for pair in (SPRING, AUTUMN):
        day = pair[0].astimezone(ZONE).date()
        window = (day, day)
        with case.bench() as b:
            truth_before = _landed(b, window)
            for moment in pair:
                b.change(lambda sample, moment=moment: sample.add(moment))  # type: ignore[misc]
            pulled = b.pull(days=window if _daily(b) else None)
            assert pulled.complete, f"a pull over {day} does not end well: {pulled.said()}"
            new = beyond(b.rows(), truth_before)
            assert new, f"nothing landed for {day}"
            assert day in _days(b), f"no row is on the local day {day}"
            if pair is SPRING and not _daily(b) and (told := _moments(b)):
                assert set(pair) <= told, f"the moments {pair} did not land as they are"


def _landed(b: Bench, window: tuple[date, date]) -> Rows:
    b.pull(days=window if _daily(b) else None)
    return b.rows()


def _daily(b: Bench) -> bool:
    return any(stream.unit == "day" for stream in b.streams)


def _days(b: Bench) -> set[date]:
    """The local days of all rows, by each stream's own time."""
    found: set[date] = set()
    with b.warehouse() as con:
        for stream in b.streams:
            for column, kind in _times(con, f'landing."{b.plugin.name}_{stream.name}"'):
                told = f"""("{column}" at time zone 'Europe/London')""" if "ZONE" in kind else f'"{column}"'
                rows = con.execute(f'select distinct cast({told} as date) from landing."{b.plugin.name}_{stream.name}"')
                found |= {row[0] for row in rows.fetchall() if row[0]}
    return found


def _moments(b: Bench) -> set[datetime]:
    found: set[datetime] = set()
    with b.warehouse() as con:
        for stream in b.streams:
            for column, kind in _times(con, f'landing."{b.plugin.name}_{stream.name}"'):
                if "ZONE" in kind:
                    rows = con.execute(f'select epoch_us("{column}") from landing."{b.plugin.name}_{stream.name}"')
                    zero = datetime(1970, 1, 1, tzinfo=UTC)
                    found |= {zero + timedelta(microseconds=row[0]) for row in rows.fetchall() if row[0] is not None}
    return found


def _times(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    kinds = con.execute(f"describe {table}").fetchall()
    return [(r[0], r[1]) for r in kinds if r[1] in ("TIMESTAMP WITH TIME ZONE", "DATE") and r[0] not in ("valid_from", "valid_to")]


# ------------------------------------------------------------------------------------------------- another way through
@rule(http)
def order_does_not_matter(case: Case) -> None:
    """Pages whose records come in another order make the same rows."""
    _same_rows(case, lambda rows: rows[::-1])


@rule(http)
def doubles_count_once(case: Case) -> None:
    """Records that come twice count once."""
    _same_rows(case, lambda rows: [row for row in rows for _ in (1, 2)])


def _same_rows(case: Case, change: Any) -> None:
    with case.bench() as b:
        touched: list[int] = []

        def noted(rows: list[Any]) -> list[Any]:
            touched.append(len(rows))
            return list(change(rows))

        pulled = b.pull(altered(b.sample, noted))
        assert max(touched, default=0) > 1, "no answer of the sample has two records as `bodies` says: it tests nothing"
        nothing_wrong(pulled, b.rows(), case.truth)
        heals(b, case.truth)


@rule(always)
def resumes_at_any_cut(case: Case) -> None:
    """A pull that is stopped after any of its pages, and gone on with the next night, makes the rows of one that was not."""
    for pages in (1, 2, 3, 5):
        with case.bench() as b:
            first = b.pull(budget=partial(_short, pages))
            named(first)
            heals(b, case.truth)
            if first.complete:
                return
    with case.bench() as b:  # every night is too short, and still all of it comes
        for nights in range(1, 100):
            if b.pull(budget=partial(_short, 9)).complete:
                break
            assert nights < 99, "nights of a few pages each never come to the end"
        same(b.rows(), case.truth, "a pull of many short nights")


def _short(pages: int) -> Budget:
    return Budget(records=2, clock=_RunsOut(pages))


class _RunsOut:
    """A clock that leaps to the end of the night after about so many pages."""

    def __init__(self, pages: int) -> None:
        self.left = pages + 2

    def __call__(self) -> float:
        self.left -= 1
        return 1e9 if self.left < 0 else 0.0


class _Killed(BaseException):
    """The process is gone."""


@rule(always)
def killed_half_way(case: Case) -> None:
    """A pull that is killed before or after any of its batches is healed by the next."""
    for at in (1, 2, 3):
        for after in (False, True):
            with case.bench() as b:
                commits = 0
                whole = StreamStore.commit

                def commit(store: StreamStore, *given: Any) -> Any:
                    nonlocal commits
                    commits += 1
                    if commits == at and not after:  # noqa: B023 - used at once
                        raise _Killed
                    made = whole(store, *given)  # noqa: B023
                    if commits == at:  # noqa: B023
                        raise _Killed
                    return made

                with patch.object(StreamStore, "commit", commit), suppress(_Killed):
                    b.pull(budget=partial(Budget, records=2, clock=lambda: 0.0))
                heals(b, case.truth)


@rule(always)
def two_at_once(case: Case) -> None:
    """A second pull of the same stream is told who holds it, and takes nothing away from the first."""
    with case.bench() as b:
        [stream, *_] = b.streams
        with b.store.stream(b.plugin.name, stream.name).lock():
            second = b.pull()
            assert not second.outcomes[stream.name].complete, "two pulls of one stream ran side by side"
            named(second)
        heals(b, case.truth)


@rule(always)
def window_does_not_move_the_cursor(case: Case) -> None:
    """A backfill of a closed window leaves the position where it was."""
    with case.bench() as b:
        b.pull()
        before = {s.name: b.store.stream(b.plugin.name, s.name).cursor() for s in b.streams}
        windowed = b.pull(days=(AS_OF - timedelta(days=60), AS_OF - timedelta(days=30)))
        assert windowed.complete, f"a backfill does not end well: {windowed.said()}"
        after = {s.name: b.store.stream(b.plugin.name, s.name).cursor() for s in b.streams if s.windowed}
        assert all(before[name] == cursor for name, cursor in after.items()), "the backfill moved the position"
        if not any(s.unit == "day" for s in b.streams):
            same(b.rows(), case.truth, "a backfill of what is here already")


def several(case: Case) -> bool:
    """Where the sample is more than one file."""
    return files(case) and len(written(case)) > 1


@rule(several)
def shuffled_files(case: Case) -> None:
    """Files that are all there at once, or come one after the other in any order, make the same rows."""
    with case.bench() as b:
        here = {path: path.read_bytes() for path in sorted(b.files.rglob("*")) if path.is_file()}
        for path in here:
            path.unlink()
        for path, content in reversed(here.items()):
            path.write_bytes(content)
            named(b.pull())
        heals(b, case.truth)
