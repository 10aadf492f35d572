"""The contract refuses at import what could only fail at night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

import pytest

from pipeline.connector import (
    Connector,
    Excluded,
    Label,
    Landed,
    Moment,
    Page,
    PersonId,
    Prose,
    Record,
    Rejected,
    SecretStr,
    Unit,
    stream,
)  # fmt: skip


class Visit(Record):
    """One page opened by one person."""

    id: int
    person: PersonId["login"]
    also: list[PersonId["email"]] = []
    page: Label
    seen_at: Moment
    note: Prose | None = None


def test_each_field_says_how_it_may_touch_disk() -> None:
    @stream(Visit, kind="keyed", key="id", cursor="seen_at", lookback=timedelta(days=2))
    def visits(self: object, since: datetime | None) -> Iterator[Page]:
        """Every page view."""
        yield Page([])

    declared = visits._stream
    assert declared.persons() == {"person": "login", "also": "email"}
    assert declared.prose() == ("note",)
    assert declared.day == "seen_at"
    assert (declared.fields()["id"], declared.doc) == (None, "Every page view.")


class Bare(Record):
    """Forgets to say what its text is."""

    id: int
    text: str
    day: date


def test_a_bare_string_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"Bare\.text is a bare str"):
        stream(Bare, kind="keyed", key="id")(lambda self, since: iter(()))


class Nested(Record):
    """Hides a bare string in a list."""

    id: int
    texts: list[str] | None = None


def test_a_bare_string_inside_a_list_is_refused() -> None:
    with pytest.raises(TypeError, match="bare str"):
        stream(Nested, kind="keyed", key="id")(lambda self, since: iter(()))


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"kind": "keyed"}, "needs key="),
        ({"kind": "snapshot"}, "needs key="),
        ({"kind": "keyed", "key": "nothing"}, "no field 'nothing'"),
        ({"kind": "unit", "cursor": "seen_at"}, "belong to keyed"),
        ({"kind": "keyed", "key": "id", "cursor": "opaque", "lookback": timedelta(days=1)}, "needs a time cursor"),
        ({"kind": "keyed", "key": "id", "cursor": "id", "lookback": timedelta(days=1)}, "needs a time cursor"),
        ({"kind": "keyed", "key": "id", "unit": "day"}, "belongs to kind='unit'"),
        ({"kind": "unit", "bulk": True}, "no bulk="),
    ],
)
def test_a_declaration_that_cannot_hold_is_refused(declared: dict, reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        stream(Visit, **declared)(lambda self, since: iter(()))


def test_a_record_that_cannot_be_read_is_rejected_without_its_value() -> None:
    rejected = Visit.of({"id": "secret-value", "person": "ann", "page": "/", "seen_at": "2026-01-05T09:00:00Z"})
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "int_parsing at id"
    assert "secret" not in repr(rejected)


def test_a_time_without_a_zone_is_never_guessed() -> None:
    row = {"id": 1, "person": "ann", "page": "/", "seen_at": "2026-01-05T09:00:00"}
    assert isinstance(Visit.of(row), Rejected)
    read = Visit.of({**row, "seen_at": datetime(2026, 7, 5, 9, tzinfo=timezone(timedelta(hours=1)))})
    assert isinstance(read, Visit)
    assert read.seen_at.isoformat() == "2026-07-05T08:00:00+00:00"


def test_unknown_fields_never_reach_the_record() -> None:
    read = Visit.of({"id": 1, "person": "ann", "page": "/", "seen_at": "2026-01-05T09:00:00Z", "token": "x"})
    assert not hasattr(read, "token")


def test_many_keeps_the_count() -> None:
    good = {"id": 1, "person": "ann", "page": "/", "seen_at": "2026-01-05T09:00:00Z"}
    read = Visit.many([good, {}, good])
    assert [type(r).__name__ for r in read] == ["Visit", "Rejected", "Visit"]
    assert read[1].location == "1"


class Source(Connector):
    """A source with a secret."""

    name, channel = "source", "network"
    url: str
    token: SecretStr
    spare: SecretStr | None = None

    @stream(Visit, kind="keyed", key="id", cursor="opaque")
    def visits(self, since: object) -> Iterator[Page]:
        """Page views."""
        yield Page([Excluded("bot")])


def test_a_connector_knows_its_streams_and_secrets() -> None:
    assert [s.name for s in Source.streams()] == ["visits"]
    assert Source.secrets() == ["token", "spare"]
    assert Source.streams()[0].opaque


def content(text: str):
    """The digest of the first n bytes, as a connector computes it."""
    return lambda n: f"digest:{text[:n]}"


class TestUnitsAreKnownByContent:
    landed = Landed({"digest:abc": ("app.log", 3)})

    def test_the_same_content_under_another_name_is_here_already(self) -> None:
        assert self.landed.unit("app.log.1", 3, content("abc")) is None

    def test_content_that_grew_replaces_its_shorter_self(self) -> None:
        assert self.landed.unit("app.log", 5, content("abcde")) == Unit("app.log", "digest:abcde", 5, replaces="digest:abc")

    def test_a_name_used_again_for_new_content_replaces_nothing(self) -> None:
        assert self.landed.unit("app.log", 4, content("wxyz")) == Unit("app.log", "digest:wxyz", 4)

    def test_the_longest_shorter_self_is_replaced(self) -> None:
        both = Landed({"digest:a": ("x", 1), "digest:ab": ("y", 2)})
        assert both.unit("z", 3, content("abc")).replaces == "digest:ab"
