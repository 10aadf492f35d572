"""Yammer exports: whatever the order and size of the ZIPs, each message is as the newest of them says it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Deferred, Excluded, Fatal, Rejected, Retry
from plugins.yammer_export.connector import YammerExport
from plugins.yammer_export.rows import Group, Message, User
from plugins.yammer_export.sample import COLUMNS, GROUP_COLUMNS, USER_COLUMNS, zipped
from plugins.yammer_export.windows import SHORTEST, WIDEST, Windows

FOLDER = Path(__file__).parents[2] / "plugins" / "yammer_export"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def message(number: int, at: datetime = START, **also: str) -> dict[str, Any]:
    return {
        "id": number, "thread_id": number, "group_id": 901, "group_name": "Pilots", "in_private_group": "false",
        "in_private_conversation": "false", "sender_id": 61, "sender_type": "User", "message_type": "update",
        "created_at": at.isoformat(), "body": f"Text {number}", **also,
    }  # fmt: skip


def group(number: int, name: str, private: str = "false") -> dict[str, Any]:
    return {"id": number, "name": name, "private": private, "created_at": START.isoformat()}


def export(day: int, *messages: dict[str, Any], groups: tuple[dict[str, Any], ...] = ()) -> bytes:
    made = START + timedelta(days=day)
    return zipped(made, Messages=(COLUMNS, list(messages)), Users=(USER_COLUMNS, []), Groups=(GROUP_COLUMNS, list(groups)))


def pull(source: YammerExport, landed: dict[str, Message], since: Any = None, what: str = "messages") -> Any:
    """Read into `landed` as the engine would, the latest change first; gives the cursor as it is kept: as JSON."""
    for page in getattr(source, what)(since):
        for record in page.records:
            if isinstance(record, Message) and (record.id not in landed or record.changed_at >= landed[record.id].changed_at):
                landed[record.id] = record
        since = page.cursor
    return json.loads(json.dumps(since))


def folder(path: Path, **also: Any) -> YammerExport:
    return YammerExport(files=str(path / "*.zip"), **also)


def texts(landed: dict[str, Message]) -> dict[str, str | None]:
    return {number: record.body for number, record in sorted(landed.items()) if not record.gone}


# --------------------------------------------------------------------------------------------------------- the folder
def test_zips_make_the_same_messages_in_whatever_order_they_arrive(tmp_path: Path) -> None:
    gone = message(2, deleted_at=(START + timedelta(days=1)).isoformat(), body="null")
    zips = {
        "b.zip": export(1, message(1), message(2), message(3)),
        "c.zip": export(2, message(1, body="Edited once"), gone),
        "a.zip": export(3, message(1, body="Edited twice")),
    }
    for number, order in enumerate(permutations(zips)):
        place = tmp_path / str(number)
        place.mkdir()
        landed: dict[str, Message] = {}
        cursor = None
        for name in order:
            (place / name).write_bytes(zips[name])
            cursor = pull(folder(place), landed, cursor)
        assert texts(landed) == {"1": "Edited twice", "3": "Text 3"}
        assert list(folder(place).messages(cursor)) == []


def test_a_folder_is_gone_on_with_where_it_was_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.yammer_export.connector.PAGE", 2)
    (tmp_path / "a.zip").write_bytes(export(1, *(message(n) for n in range(1, 8))))
    pages = folder(tmp_path).messages(None)
    cursor = [next(pages), next(pages)][-1].cursor
    landed: dict[str, Message] = {}
    pull(folder(tmp_path), landed, json.loads(json.dumps(cursor)))
    assert sorted(landed) == ["5", "6", "7"]


@pytest.mark.parametrize("days", [(1, 2), (2, 1)])
@pytest.mark.parametrize("told", [group(901, "PCS branch"), group(901, "Pilots", "true")])
def test_a_group_told_of_in_an_earlier_or_later_zip_hides_its_messages(
    tmp_path: Path, days: tuple[int, int], told: dict[str, Any]
) -> None:
    (tmp_path / "a.zip").write_bytes(export(days[0], message(1, group_name="null", body="canary")))
    (tmp_path / "b.zip").write_bytes(export(days[1], groups=(told,)))
    read = [r for page in folder(tmp_path).messages(None) for r in page.records]
    assert [type(r) for r in read] == [Excluded]
    [hidden] = [r for page in folder(tmp_path).groups(None) for r in page.records]
    assert hidden == Group(id="901", hidden=True)


def test_a_group_that_is_hidden_is_remembered_when_its_zip_is_moved_away(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(export(1, groups=(group(901, "Pilots", "true"),)))
    cursor = pull(folder(tmp_path), {})
    (tmp_path / "a.zip").unlink()
    (tmp_path / "b.zip").write_bytes(export(2, message(1, group_name="null")))
    landed: dict[str, Message] = {}
    pull(folder(tmp_path), landed, cursor)
    assert landed == {}


def test_the_samples_are_read_and_left_out_by_rule(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as made:
        for path in sorted((FOLDER / "samples").glob("*.csv")):
            made.writestr(path.name, path.read_bytes())
    read = [r for page in folder(tmp_path).messages(None) for r in page.records]
    assert [r.rule if isinstance(r, Excluded) else getattr(r, "id", r) for r in read] == [
        "3001", "3002", "3003", "private conversation", "private group", "trade union or staff network", "system message",
    ]  # fmt: skip
    assert [getattr(r, "body", None) for r in read][:3] == ["How do I book a desk?", 'Ask the service desk,\nor "the lodge".', None]
    [users, _] = folder(tmp_path).users(None)
    assert [(r.id, r.email) for r in users.records if isinstance(r, User)] == [
        ("61", "One@harbour.example"), ("62", "two@harbour.example"), ("64", None)
    ]  # fmt: skip
    [groups, _] = folder(tmp_path).groups(None)
    assert [r.name for r in groups.records if isinstance(r, Group)] == ["Harbour office", None, None]


def test_members_are_found_in_a_folder_and_other_columns_are_passed_over(tmp_path: Path) -> None:
    text = "\ufeffextra,ID,created_at,sender_id,thread_id,replied_to_id,group_id,In_Private_Group,in_private_conversation,body\r\n"
    text += 'x,7,2026-03-02T09:00:00Z,61,7,null,NULL,false,FALSE,"said ""so"",\r\non two lines\\nor three"\r\n'
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("network-export/MESSAGES.CSV", text)
    landed: dict[str, Message] = {}
    pull(folder(tmp_path), landed)
    assert texts(landed) == {"7": 'said "so",\r\non two lines\nor three'}
    [page, _] = folder(tmp_path).users(None)
    assert page.records == [Excluded("no Users.csv in an export")]


@pytest.mark.parametrize("column", ["id", "created_at", "sender_id", "in_private_conversation", "in_private_group", "group_id"])
def test_a_missing_column_is_loud_and_names_file_and_member(tmp_path: Path, column: str) -> None:
    columns = tuple(name for name in COLUMNS if name != column)
    (tmp_path / "day.zip").write_bytes(zipped(START, Messages=(columns, [message(1)])))
    with pytest.raises(Fatal, match=rf"day\.zip, Messages\.csv has no column '{column}'"):
        pull(folder(tmp_path), {})


def test_what_is_no_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="there is no file"):
        pull(folder(tmp_path), {})
    (tmp_path / "a.zip").write_bytes(b"PK not a zip")
    with pytest.raises(Fatal, match=r"a\.zip is not a whole ZIP"):
        pull(folder(tmp_path), {})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("holiday.jpg", b"x")
    with pytest.raises(Fatal, match=r"a\.zip is no network export"):
        pull(folder(tmp_path), {})
    with pytest.raises(Fatal, match="set files"):
        pull(YammerExport(), {})


# ------------------------------------------------------------------------------------------------------------ the API
class Network:
    """The export API over messages that were written or deleted in a range; more than `most` of them are too many."""

    def __init__(self, server: HTTPServer) -> None:
        self.messages = [message(n, START + timedelta(hours=6 * n)) for n in range(1, 400)]
        self.groups: list[dict[str, Any]] = []
        self.most = 10**9
        self.asked: list[dict[str, list[str]]] = []
        self.url = server.url_for("/api/v1")
        self.answer: Callable[[], Response] | None = None
        server.expect_request("/api/v1/export").respond_with_handler(self._export)

    def source(self, **also: Any) -> YammerExport:
        return YammerExport(**{"url": self.url, "token": "t", "first_day": date(2026, 3, 1), "patience": 5, **also})

    def _export(self, request: Request) -> Response:
        query = parse_qs(request.query_string.decode())
        self.asked.append(query)
        assert query["include"] == ["csv"]
        if self.answer:
            return self.answer()
        since, until = query["since"][0], query.get("until", ["9999"])[0]
        assert since < "2026-06-11", "asked from the future on"
        shown = [m for m in self.messages if any(since <= m.get(at, "") < until for at in ("created_at", "deleted_at"))]
        if len(shown) > self.most:
            return Response("too much", status=504)
        [model] = query["model"]
        rows = {"Message": (COLUMNS, shown), "Group": (GROUP_COLUMNS, self.groups), "User": (USER_COLUMNS, [])}[model]
        name = {"Message": "Messages", "Group": "Groups", "User": "Users"}[model]
        return Response(zipped(START, **{name: rows}), content_type="application/zip")


@pytest.fixture
def network(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr("pipeline.http.Clock.sleep", lambda *_: None)
    return Network(httpserver)


def test_the_api_is_read_from_the_first_day_on_and_then_from_just_before_the_newest_row(network: Network) -> None:
    landed: dict[str, Message] = {}
    cursor = pull(network.source(), landed)
    assert len(landed) == 399
    network.asked.clear()
    network.messages.append(message(400, START + timedelta(hours=2399)))
    pull(network.source(), landed, cursor)
    assert len(landed) == 400
    messages = [asked for asked in network.asked if asked["model"] == ["Message"]]
    assert [asked["since"] for asked in messages] == [[(START + timedelta(hours=6 * 399 - 48)).isoformat()]]
    assert "until" not in messages[0]


def test_a_window_that_is_too_much_is_halved_until_it_is_not(network: Network) -> None:
    network.most = 9
    landed: dict[str, Message] = {}
    pull(network.source(), landed)
    assert len(landed) == 399


def test_a_message_that_was_deleted_long_after_its_window_skips_nothing(network: Network) -> None:
    network.messages[0]["deleted_at"] = (START + timedelta(days=60)).isoformat()
    landed: dict[str, Message] = {}
    pull(network.source(), landed)
    assert (len(landed), landed["1"].gone) == (399, True)


def test_what_even_an_hour_is_too_much_for_is_named(network: Network) -> None:
    network.most = 0
    with pytest.raises(Retry, match=r"not even one hour from 2026-03-0\d .* could be exported: .* answers 504"):
        pull(network.source(), {})


def test_groups_are_known_before_the_first_message_is_read(network: Network) -> None:
    network.groups = [group(901, "PCS branch")]
    landed: dict[str, Message] = {}
    cursor = pull(network.source(), landed)
    assert landed == {}
    assert cursor["hidden"] == {"901": "trade union or staff network"}


def test_a_backfill_asks_for_its_window_only_and_leaves_the_position(network: Network) -> None:
    since, until = START + timedelta(days=20), START + timedelta(days=25)
    read = [r for page in network.source().messages(since, until) for r in page.records if isinstance(r, Message)]
    assert {r.id for r in read} == {str(n) for n in range(80, 100)}
    asked = [a for a in network.asked if a["model"] == ["Message"]]
    assert [(a["since"], a["until"]) for a in asked] == [([since.isoformat()], [until.isoformat()])]


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ('{"response": {"message": "secret", "code": 33, "stat": "fail"}}', Deferred, "rate limited"),
        ('{"response": {"message": "secret", "code": 16, "stat": "fail"}}', Fatal, "code 16"),
        ("<html>secret sign in</html>", Fatal, "web page"), ("secret", Fatal, "not a whole ZIP"), ("", Fatal, "not a whole ZIP"),
    ],
)  # fmt: skip
def test_what_is_no_export_is_never_an_empty_one(network: Network, answer: str, error: type[Exception], said: str) -> None:
    network.answer = lambda: Response(answer)
    with pytest.raises(error, match=said) as met:
        pull(network.source(), {})
    assert "secret" not in str(met.value)
    assert len(network.asked) == 2


def test_an_export_without_what_was_asked_for_and_one_that_comes_again_are_errors(network: Network) -> None:
    network.answer = lambda: Response(zipped(START, Topics=(("id",), [])))
    with pytest.raises(Fatal, match=r"without Groups\.csv"):
        pull(network.source(), {})
    rows = [group(n, f"Group {n}") | {"created_at": (START + timedelta(days=n)).isoformat()} for n in range(1, 5)]
    network.answer = lambda: Response(zipped(START, Groups=(GROUP_COLUMNS, rows)))
    with pytest.raises(Fatal, match="does not heed since"):
        list(network.source().groups(None))


def test_the_api_needs_a_first_day_and_somebody_who_signs_in(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Fatal, match="first_day"):
        pull(network.source(first_day=None), {})
    with pytest.raises(Fatal, match="password of an account"):
        pull(network.source(token=None), {})
    tokens = iter(["ended", "good"])
    monkeypatch.setattr("pipeline.feeds.sign_in.sign_in", lambda *_, **__: lambda: SecretStr(next(tokens)))
    account = {"tenant": "harbour.example", "client_id": "app", "username": "admin@harbour.example", "password": "p"}
    network.answer = lambda: Response(status=401)
    with pytest.raises(Fatal, match="401"):
        pull(network.source(token=None, **account), {})
    assert (next(tokens, None), len(network.asked)) == (None, 2)


def test_a_rejected_row_names_its_line(network: Network) -> None:
    network.messages = [message(1), message(2, created_at="never")]
    network.answer = lambda: Response(zipped(START, Messages=(COLUMNS, network.messages), Groups=(GROUP_COLUMNS, [])))
    read = [r for page in network.source().messages(START, START + timedelta(days=1)) for r in page.records]
    assert Rejected("not a time at created_at", "the export API, Messages.csv line 3") in read


# -------------------------------------------------------------------------------------------------------- the windows
def run(network_end: datetime, most: timedelta, first: datetime = START) -> list[tuple[datetime, datetime | None]]:
    """The windows that are read of a network in which something happens every hour but on its first 50 days."""
    windows, read = Windows(first, width=WIDEST), []
    quiet = first + timedelta(days=50)
    while not windows.over:
        end = min(windows.end or network_end, network_end)
        busy = max(windows.start, quiet)
        if end - busy > most:
            windows.narrow(Retry("too much"))
        else:
            read.append((windows.start, windows.end))
            hour = max(busy, end - timedelta(hours=1))
            windows.read(hour if hour < end else None)
        assert len(read) < 3000
    return read


@pytest.mark.parametrize("most", [timedelta(hours=1), timedelta(hours=30), timedelta(days=400)])
def test_windows_leave_no_gap_and_end_with_all_the_rest(most: timedelta) -> None:
    end = START + timedelta(days=62)
    read = run(end, most)
    reached = START
    for begin, until in read:
        assert begin <= reached, "a gap"
        assert begin < end, "from the future on"
        reached = max(reached, until or end)
    assert read[-1][1] is None


def test_a_window_is_never_shorter_than_an_hour() -> None:
    windows = Windows(START)
    widths = []
    while windows.width != SHORTEST:
        windows.narrow(Retry("too much"))
        widths.append(windows.width)
    assert widths[:2] == [WIDEST, WIDEST / 2]
    with pytest.raises(Fatal, match="not even one hour"):
        windows.narrow(Fatal("too large"))
