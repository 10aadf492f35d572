"""What a night proves: a source that somebody must export to is known up to its newest record, and no further."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.connector import Connector, Cursor, Iterator, Page, stream
from pipeline.discovery import Instance, Plugin
from pipeline.landing.coverage import sources
from tests.landings import Nights
from tests.sources import Post, post


def source(exported: bool, *numbers: int) -> Connector:
    """Posts of these days of January, in an export or not."""

    class Export(Connector):
        """Posts."""

        name, channel = "export", "chat"

        @stream(Post, kind="keyed", key="id", cursor="opaque", day="at", exported=exported)
        def posts(self, since: Cursor) -> Iterator[Page]:
            """Posts."""
            yield Page(Post.many([post(n) for n in numbers]), cursor=1)

    return Export()


@pytest.mark.parametrize(("exported", "fresh_to"), [(True, date(2026, 1, 6)), (False, date(2026, 1, 20))])
def test_what_a_pull_without_anything_new_proves(tmp_path: Path, exported: bool, fresh_to: date) -> None:
    given = source(exported, 1, 5)
    night = Nights(tmp_path, given)
    night(as_of=date(2026, 1, 6))
    night(as_of=date(2026, 1, 20))
    instance = Instance("export", Plugin("export", type(given), tmp_path))
    [told] = sources(night.store, [instance], date(2026, 1, 20))
    assert told.fresh_to == fresh_to
    assert told.state == ("behind" if exported else "fresh")


def test_a_record_from_the_future_proves_nothing(tmp_path: Path) -> None:
    given = source(True, 1, 25)
    night = Nights(tmp_path, given)
    night(as_of=date(2026, 1, 6))
    instance = Instance("export", Plugin("export", type(given), tmp_path))
    [told] = sources(night.store, [instance], date(2026, 1, 6))
    assert told.fresh_to == date(2026, 1, 6)
