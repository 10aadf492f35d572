"""Connectors that break the rules on a source that changes, and on the way through it.

Belongs here: breakers of rules_change.py. Does not: what a breaker is (kit_breakers.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from typing import Any
from unittest.mock import patch

from pipeline.landing.store import StreamStore
from pipeline.landing.writer import Writer

from .kit_breakers import METHOD, READ, YIELDED, Breaker

EXPORTS = "        return file_pages(self.files, landed, rows_of)\n"
SHEETS = "        return file_pages(self.files, landed, self.rows)\n"

# The marks are files beside the exports, each named by what it marks: an export that changed is read again.
MARKS_OF_ITS_OWN = {
    "file_pages, stream": "file_pages, given, stream",
    EXPORTS: """\
        for file in given(self.files):
            mark = file.path.with_name(f"{file.digest(file.size)}.done")
            unit = file.unit(landed)
            if unit and not mark.exists():
                mark.touch()
                yield Page(rows_of(file), unit=unit)
""",
}


@contextmanager
def every_night_ends_later() -> Iterator[None]:
    """An engine that takes the end of a backfill for the end of the stream."""
    finish, nights = Writer.finish, count(1)

    def finished(writer: Writer, cursor: Any) -> Any:
        return finish(writer, f"2026-07-{next(nights):02}T00:00:00+00:00")

    with patch.object(Writer, "finish", finished):
        yield


CHANGE = [
    Breaker("late_is_found", "no look-back", r"\} rows too few", code={" lookback=timedelta(days=2),": ""}),
    Breaker(
        "edit_is_found", "only what was sent since", r"\} rows too few",
        code={'cursor="changed_at"': 'cursor="sent_at"',
              YIELDED: f"""\
            rows = [row for row in rows if since is None or row["sent_at"] > since.isoformat()]
{YIELDED}"""},
    ),
    Breaker("edit_is_found", "each edit under a key of its own", r"\} rows too many",
            code={'key="id"': 'key=("id", "changed_at")'}),
    Breaker("deletion_is_found", "no tombstone", "the change makes 13 rows of 13", code={' tombstone="gone",': ""}),
    Breaker(
        "days_of_23_and_25_hours", "local times read as UTC", "did not land as they are", like="csv",
        code={"zone_of(self.zone)": 'zone_of("UTC")'},
    ),
    Breaker(
        "order_does_not_matter", "goes on after the last record of a page", r"lost \d+ rows without a word",
        code={METHOD: """\
        http, after = Http(self.url, token=self.token), since
        while True:
            rows = http.get("posts", since=after)["posts"]
            yield Page([post_in(row, str(number)) for number, row in enumerate(rows)])
            if len(rows) < 4 or rows[-1]["changed_at"] == after:
                return
            after = rows[-1]["changed_at"]
"""},
    ),
    Breaker(
        "doubles_count_once", "a key made from the position", "rows landed that the source does not hold",
        code={READ: """    return Post.of({**row, "id": f"{row['id']}-{place}"}, location=place)\n"""},
    ),
    Breaker(
        "resumes_at_any_cut", "the newest page first", r"\} rows too few",
        code={"for body in http.pages(": "for body in reversed(list(http.pages(", "since=since):": "since=since))):"},
    ),
    Breaker("killed_half_way", "marks of its own for what it has read", r"\} rows too few", like="export", code=MARKS_OF_ITS_OWN),
    # No connector can pull twice at once, or lets it: the lock is the engine's, so that it is taken away here.
    Breaker(
        "two_at_once", "an engine without its lock", "ran side by side",
        engine=lambda: patch.object(StreamStore, "lock", lambda _: nullcontext()),
    ),
    Breaker(
        "window_does_not_move_the_cursor", "a window that the method does not take", "a backfill does not end well",
        code={'cursor="changed_at",': 'cursor="changed_at", windowed=True,'},
    ),
    # The position is the engine's too.
    Breaker(
        "window_does_not_move_the_cursor", "an engine that takes a window for the end", "the backfill moved the position",
        engine=every_night_ends_later,
        code={'cursor="changed_at",': 'cursor="changed_at", windowed=True,',
              "since: datetime | None)": "since: datetime | None, until: datetime | None = None)"},
    ),
    Breaker(
        "shuffled_files", "only files after the newest", r"\} rows too few", like="csv",
        code={"file_pages,": "file_pages, given,",
              SHEETS: """\
        newest = max((name for name, _ in landed.units.values()), default="")
        for file in given(self.files):
            unit = file.unit(landed)
            if unit and file.name >= newest:
                yield Page(self.rows(file), unit=unit)
"""},
    ),
]  # fmt: skip
