"""A record that changed: rewritten by its migration, or put aside and read again; until then left out, never misread."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from pipeline.connector import (
    Bulk,
    Connector,
    Cursor,
    Iterator,
    Label,
    Landed,
    Page,
    PersonId,
    Prose,
    Record,
    Unit,
    stream,
)
from pipeline.discovery import Instance, Plugin
from pipeline.landing.migrate import set_aside
from tests.landings import Nights
from tests.nights import Place

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "author": f"a{number}@dcs.example", "at": AT, "text": f"text {number}", **more}


class Before(Record):
    """A post, as it was."""

    id: int
    author: PersonId["email"]
    at: datetime
    votes: Label
    text: Prose


class After(Record):
    """A post: votes are numbers now, under another name."""

    id: int
    author: PersonId["email"]
    at: datetime
    upvotes: int | None = None
    text: Prose


RENAMED = "select * exclude (votes), try_cast(votes as bigint) as upvotes from old"


def source(record: type[Record], given: list[dict[str, Any]], kind: str = "keyed", **declared: Any) -> Connector:
    """A connector of this record."""

    class Posts(Connector):
        """Posts."""

        name, channel = "posts", "network"
        rows: ClassVar[list[dict[str, Any]]] = given

        @stream(record, kind=kind, key="id", day="at", **declared)
        def posts(self, since: Cursor) -> Iterator[Page]:
            """Posts."""
            for at in range(0, len(self.rows), 2):
                yield Page(record.many(self.rows[at : at + 2]))

    return Posts()


class TestMigration:
    @pytest.mark.parametrize("kind", ["keyed", "snapshot"])
    def test_what_landed_is_told_in_the_new_way_and_nothing_lands_again(self, tmp_path: Path, kind: str) -> None:
        old = [row(n, votes=str(n)) for n in range(5)]
        Nights(tmp_path, source(Before, old, kind))()
        new = [row(n, upvotes=n) for n in range(5)]
        night = Nights(tmp_path, source(After, new, kind, schema=2, migrations={1: RENAMED}))
        assert night().account.landed == 0
        assert night.rows("id, upvotes") == [(n, n) for n in range(5)]

    def test_prose_stays_where_it_was(self, tmp_path: Path) -> None:
        before = Nights(tmp_path, source(Before, [row(1, votes="1")]))
        before()
        kept = before.stream.prose_files()
        night = Nights(tmp_path, source(After, [row(1, upvotes=1)], schema=2, migrations={1: RENAMED}))
        night()
        assert night.stream.prose_files() == kept != []

    def test_two_steps_are_taken_one_after_the_other(self, tmp_path: Path) -> None:
        Nights(tmp_path, source(Before, [row(1, votes="7")]))()
        steps = {1: RENAMED, 2: "select * replace (upvotes + 1 as upvotes) from old"}
        night = Nights(tmp_path, source(After, [], schema=3, migrations=steps))
        night()
        assert night.rows("upvotes") == [(8,)]

    def test_a_step_that_does_not_hold_is_named_and_nothing_is_changed(self, tmp_path: Path) -> None:
        before = Nights(tmp_path, source(Before, [row(1, votes="7")]))
        before()
        for wrong, said in (("select nothing from old", "BinderException"), ("select * from old", "no column 'upvotes'")):
            night = Nights(tmp_path, source(After, [row(2)], schema=2, migrations={1: wrong}))
            assert said in night().reason
        assert before.rows("id, votes") == [(1, "7")]

    def test_an_earlier_version_of_the_plug_in_does_not_read_what_a_later_one_landed(self, tmp_path: Path) -> None:
        Nights(tmp_path, source(After, [row(1, upvotes=1)], schema=2))()
        assert "--reland" in Nights(tmp_path, source(Before, [row(1, votes="1")]))().reason

    def test_a_further_optional_field_needs_none_of_it(self, tmp_path: Path) -> None:
        class More(Before):
            """A post, with more."""

            colour: Label | None = None

        Nights(tmp_path, source(Before, [row(1, votes="1")]))()
        night = Nights(tmp_path, source(More, [row(2, votes="2", colour="blue")]))
        assert night().complete
        assert night.rows("id, colour") == [(1, None), (2, "blue")]


class Hit(Record):
    """A line of a log, in bulk."""

    at: datetime
    page: Label


class Visit(Record):
    """The same, with a path for a page."""

    at: datetime
    path: Label


def log(record: type[Record], rows: list[dict[str, Any]], **declared: Any) -> Connector:
    """One file of a log."""

    class Log(Connector):
        """A log."""

        name, channel = "log", "intranet"

        @stream(record, kind="unit", bulk=True, **declared)
        def lines(self, landed: Landed) -> Iterator[Bulk]:
            """Lines."""
            if "f1" not in landed:
                kinds = {"at": pa.timestamp("us", "UTC")}
                columns = {name: pa.array([row[name] for row in rows], kinds.get(name, pa.string())) for name in rows[0]}
                yield Bulk(pa.table(columns), unit=Unit("a.log", "f1"))

    return Log()


def test_a_log_in_bulk_is_migrated_too(tmp_path: Path) -> None:
    Nights(tmp_path, log(Hit, [{"at": AT, "page": "/a"}, {"at": AT, "page": "/b"}]))()
    steps = {1: "select * exclude (page), page as path from old"}
    night = Nights(tmp_path, log(Visit, [{"at": AT, "path": "/c"}], schema=2, migrations=steps))
    assert night().account.landed == 0
    assert night.rows("path") == [("/a",), ("/b",)]


class TestRelanding:
    def test_what_landed_is_put_aside_and_all_of_it_read_again(self, tmp_path: Path) -> None:
        Nights(tmp_path, source(Before, [row(n, votes="1") for n in range(3)]))()
        changed = source(After, [row(n, upvotes=n) for n in range(3)], schema=2)
        night = Nights(tmp_path, changed)
        assert "--reland" in night().reason
        instance = Instance("posts", Plugin("posts", type(changed), tmp_path))
        assert set_aside(night.store, instance, changed.streams()) == ["posts"]
        again = Nights(tmp_path, changed)
        assert again().account.landed == 3
        [aside] = (tmp_path / "set-aside").iterdir()
        assert aside.name == "posts-posts-schema-1-2"
        assert list(aside.rglob("rows.parquet"))
        assert not list(aside.rglob("prose")), "no night would let these texts expire"
        assert set_aside(night.store, instance, changed.streams()) == []


BOX = '''
from pipeline.connector import Connector, Cursor, Iterator, Label, Moment, Page, PersonId, Record, UTC, datetime, stream

class Idea(Record):
    """An idea."""
    id: int
    author: PersonId["email"]
    sent_at: Moment
    {field}: Label

class Box(Connector):
    """Ideas."""
    name, channel = "box", "network"

    @stream(Idea, kind="keyed", key="id"{schema})
    def ideas(self, since: Cursor) -> Iterator[Page]:
        """Ideas."""
        at = datetime(2026, 7, 1, tzinfo=UTC)
        yield Page([Idea(id=1, author="a@dcs.example", sent_at=at, {field}="blue")])
'''


def test_until_then_its_source_alone_is_left_out(tmp_path: Path) -> None:
    place = Place(tmp_path, "[connectors.box]\n")
    acts = "select author as person, sent_at as happened_at, 'post' as verb from landing.box_ideas"
    place.plugin("box", connector=BOX.format(field="colour", schema=""), acts=acts)
    assert place.night().published
    (place.plugins / "box" / "connector.py").write_text(BOX.format(field="hue", schema=", schema=2"))
    night = place.night()
    assert night.published
    assert "schema" in " ".join(night.behind.values())
    assert place.ask("select state from report.sources where source = 'box'") == [("behind",)]
    migrations = ', schema=2, migrations={1: "select * exclude (colour), colour as hue from old"}'
    (place.plugins / "box" / "connector.py").write_text(BOX.format(field="hue", schema=migrations))
    assert not place.night().behind
    assert place.ask("select hue from landing.box_ideas", warehouse=True) == [("blue",)]


def test_the_days_that_were_seen_stay_seen(tmp_path: Path) -> None:
    before = Nights(tmp_path, source(Before, [row(1, votes="1")]))
    before(as_of=date(2026, 1, 5))
    night = Nights(tmp_path, source(After, [], schema=2, migrations={1: RENAMED}))
    night(as_of=date(2026, 1, 6))
    [first, *_] = night.stream.live()
    assert (first.as_of, list(first.days), first.account.landed) == (date(2026, 1, 5), [date(2026, 1, 5)], 1)
