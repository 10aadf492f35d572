"""A small network as its exports tell of it: three ZIPs in a folder, and the same network behind the export API.

Belongs here: what the contract kit serves and changes. Does not: anything that runs at night.
Columns: what the readers of such exports name (an importer of a forum, a curator of tables, a list of a vendor's).
"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from pipeline.testing import Answer, Asked, Csv, Place, Sample, Zipped

PEOPLE = (
    (150201, "Awen Pryce", "awen.pryce@harbour.example"), (150202, "Bran Oduya", "bran.oduya@harbour.example"),
    (150203, "Cerys Lundqvist", "cerys.lundqvist@harbour.example"), (150204, "Dilwyn Achebe", "d.achebe@harbour.example"),
    (150205, "Eluned Marchetti", "e.marchetti@harbour.example"),
)  # fmt: skip
GROUPS = {7801: "Harbour office", 7802: "Lifts and doors", 7803: "Canteen"}
BOARD, UNION, FAITH = 7811, 7812, 7813
FIRST = datetime(2026, 4, 20, 9, 30, tzinfo=UTC)
COLUMNS = (
    "id", "replied_to_id", "parent_id", "thread_id", "conversation_id", "group_id", "group_name", "participants",
    "in_private_group", "in_private_conversation", "sender_id", "sender_type", "sender_name", "sender_email", "body", "api_url",
    "attachments", "deleted_by_id", "deleted_by_type", "created_at", "deleted_at", "title", "html_body", "message_type",
    "gdpr_delete_url", "draft", "closed",
)  # fmt: skip
USER_COLUMNS = (
    "id", "name", "email", "job_title", "location", "department", "api_url", "deleted_by_id", "deleted_by_type", "joined_at",
    "deleted_at", "suspended_by_id", "suspended_by_type", "suspended_at", "guid", "state", "office_user_id",
)  # fmt: skip
GROUP_COLUMNS = (
    "id", "name", "description", "private", "moderated", "external", "deleted", "api_url", "created_by_id", "created_by_type",
    "created_at", "updated_at",
)  # fmt: skip
MESSAGES = Zipped(
    member="Messages.csv",
    inner=Csv(encoding="utf-8-sig"),
    required=("id", "created_at", "sender_id", "in_private_conversation", "in_private_group", "thread_id"),
    retyped={
        "id": "one", "created_at": "yesterday", "sender_id": "somebody", "in_private_group": "perhaps", "thread_id": "x",
        "deleted_at": "lately",
    },
)  # fmt: skip


def stamp(at: datetime) -> str:
    """A time as it is written in the export."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def zipped(made: datetime, **members: tuple[tuple[str, ...], list[dict[str, Any]]]) -> bytes:
    """An export: its CSV files with a byte order mark, and the two texts that say what was asked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        texts = {"log.txt": "done", "request.txt": "asked"}
        for name, (columns, rows) in members.items():
            text = io.StringIO(newline="")
            writer = csv.DictWriter(text, columns, restval="null", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
            texts[f"{name}.csv"] = "\ufeff" + text.getvalue()
        for member, content in texts.items():
            info = zipfile.ZipInfo(member, made.timetuple()[:6])
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


class _Network(Sample):
    """Forty messages of four months, of which one was edited and one deleted, and one of each kind that must not be read."""

    people = tuple(str(part) for person in PEOPLE for part in person)
    private = ("quillwort", "saltmarsh", "hawkbit", "burdock", "teasel", "caltrop", "sorrel", "woodruff", "yarrow", "bistort")

    def __init__(self) -> None:
        self.rows = [self._message(5000 + n, FIRST + timedelta(hours=42 * n)) for n in range(40)]
        self.rows[3]["body"] = "[[user:150202]] see [[tag:12]] below:\\none\\ntwo"
        self.rows[4]["body"] = 'The door says "push",\nand means it.'
        self.rows[5]["group_id"] = self.rows[5]["group_name"] = "null"
        left_out: tuple[dict[str, Any], ...] = (
            {"in_private_conversation": "true", "participants": "user:150201,user:150203", "body": "for you: quillwort"},
            {"in_private_conversation": "true", "in_private_group": "true", "body": "again quillwort"},
            {"in_private_group": "true", "group_id": BOARD, "group_name": "Saltmarsh", "body": "the saltmarsh papers"},
            {"group_id": BOARD, "group_name": "null", "body": "the hawkbit was private only later"},
            {"group_id": UNION, "group_name": "PCS burdock branch", "body": "the burdock ballot"},
            {"group_id": FAITH, "group_name": "null", "body": "bistort, from Groups.csv alone"},
            {"sender_type": "System", "message_type": "system", "body": "teasel has joined"},
            {"sender_type": "Client", "body": "build caltrop is green"},
            {"draft": "true", "body": "not sent: sorrel"},
        )
        for n, also in enumerate(left_out):
            self.rows.append(self._message(5100 + n, FIRST + timedelta(hours=100 + 11 * n), **also))
        at = FIRST + timedelta(days=50)
        self.groups = [
            {"id": number, "name": name, "private": "false", "external": "false", "deleted": "false",
             "created_at": stamp(FIRST + timedelta(hours=number - 7800)),
             "updated_at": stamp(FIRST + timedelta(hours=number - 7800))}
            for number, name in GROUPS.items()
        ] + [
            {"id": BOARD, "name": "Saltmarsh yarrow", "private": "true", "created_at": stamp(at), "updated_at": stamp(at)},
            {"id": UNION, "name": "PCS burdock branch", "private": "false", "created_at": stamp(at), "updated_at": stamp(at)},
            {"id": FAITH, "name": "Interfaith bistort faith", "private": "false", "created_at": stamp(at), "updated_at": stamp(at)},
        ]  # fmt: skip
        self.users = [
            {"id": number, "name": name, "email": email, "job_title": "Pilot", "state": "active",
             "joined_at": stamp(FIRST + timedelta(days=12 * n)), "guid": f"00000000-0000-4000-8000-00000000000{n}"}
            for n, (number, name, email) in enumerate(PEOPLE)
        ]  # fmt: skip
        self.changed: dict[int, datetime] = {}
        self._change(10, FIRST + timedelta(days=60), deleted_at=stamp(FIRST + timedelta(days=60)), body="null woodruff")

    @staticmethod
    def _message(number: int, at: datetime, **also: Any) -> dict[str, Any]:
        who, name, email = PEOPLE[number % len(PEOPLE)]
        thread = number - number % 4
        group = 7801 + number % 3
        return {
            "id": number, "thread_id": thread, "replied_to_id": "null" if number == thread else thread,
            "group_id": group, "group_name": GROUPS[group], "in_private_group": "false", "in_private_conversation": "false",
            "sender_id": who, "sender_type": "User", "sender_name": name, "sender_email": email,
            "body": f"Point {number}: is the crane mended?", "created_at": stamp(at), "message_type": "update", "closed": "false",
            **also,
        }  # fmt: skip

    def _change(self, at: int, when: datetime, **also: Any) -> None:
        self.rows[at] = {**self.rows[at], **also}
        self.changed[self.rows[at]["id"]] = when

    def _now(self) -> datetime:
        """A moment after everything that is known so far."""
        times = [datetime.fromisoformat(row["created_at"]) for row in self.rows]
        return max(*times, *self.changed.values()) + timedelta(minutes=10)

    def _within(self, rows: list[dict[str, Any]], since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Rows that were made or changed in a range."""

        def held(row: dict[str, Any]) -> bool:
            told = [row.get("created_at"), row.get("updated_at"), row.get("joined_at"), row.get("deleted_at")]
            times = [datetime.fromisoformat(text) for text in told if text and text != "null"]
            return any(since <= time < until for time in (*times, *filter(None, [self.changed.get(row["id"])])))

        return [row for row in rows if held(row)]

    def add(self, at: datetime) -> None:
        number = max(int(row["id"]) for row in self.rows) + 4
        when = self._now()
        self.rows.append(self._message(number, at))
        self.changed[number] = when

    def edit(self) -> None:
        self._change(7, self._now(), body="The crane is mended.")

    def delete(self) -> None:
        when = self._now()
        self._change(12, when, deleted_at=stamp(when), deleted_by_id="150201", deleted_by_type="User")


class Folder(_Network):
    """Three exports in a folder whose names are in no order, each with what was made or changed in its time."""

    streams: ClassVar = {"messages": 39, "users": 5, "groups": 6}
    bodies: ClassVar = {r"\.zip$": MESSAGES}
    exempt: ClassVar = {
        "forbidden_is_not_zero": "files: a folder that cannot be read has no file, which is an error of its own",
    }

    def __init__(self) -> None:
        super().__init__()
        ends = (FIRST + timedelta(days=30), FIRST + timedelta(days=65), self._now())
        early = self.rows[7] | {"body": "Point 5007, before it was edited"}
        self.exports: dict[str, bytes] = {}
        begins = FIRST - timedelta(days=1)
        for name, end in zip(("b-first", "c-second", "a-third"), ends, strict=True):
            rows = [early if row["id"] == 5007 and name == "b-first" else row for row in self._until(end)]
            self.exports[f"{name}.zip"] = self._export(rows, begins, end)
            begins = end
        self._told = begins

    def _until(self, end: datetime) -> list[dict[str, Any]]:
        """The rows as they were then: what was deleted later is still there."""
        gone = {"deleted_at": "null", "body": "Point 5010: woodruff"}
        return [row | gone if row["id"] == 5010 and end < FIRST + timedelta(days=60) else row for row in self.rows]

    def _export(self, rows: list[dict[str, Any]], begins: datetime, end: datetime) -> bytes:
        again = [row for row in rows if row["id"] == 5007 and begins > FIRST + timedelta(days=60)]
        shown = self._within(rows, begins, end)
        return zipped(
            end,
            Messages=(COLUMNS, shown + [row for row in again if row not in shown]),
            Users=(USER_COLUMNS, self._within(self.users, begins, end)),
            Groups=(GROUP_COLUMNS, self._within(self.groups, begins, end)),
        )

    def settings(self, place: Place) -> dict[str, Any]:
        return {"files": str(place.folder / "*.zip")}

    def write(self, folder: Path) -> None:
        now = self._now()
        if now > self._told:
            self.exports[f"daily-{len(self.exports)}.zip"] = self._export(self.rows, self._told, now)
            self._told = now
        for name, content in self.exports.items():
            (folder / name).write_bytes(content)


class Api(_Network):
    """The same network behind the API, which gives what was made or changed between two moments."""

    streams: ClassVar = {"messages": 39, "users": 5, "groups": 6}
    bodies: ClassVar = {r"/export$": MESSAGES}

    def settings(self, place: Place) -> dict[str, Any]:
        return {"url": f"{place.url}/api/v1", "token": place.token, "first_day": "2026-04-19", "patience": 5}

    def answer(self, asked: Asked) -> Answer:
        if asked.path != "/api/v1/export":
            return Answer({"response": {"message": "Not found.", "code": 404, "stat": "fail"}}, 404)
        query = parse_qs(urlsplit(asked.target).query)
        since, until = (datetime.fromisoformat(text) for text in (*query["since"], *query.get("until", ["2027-01-01T00:00:00Z"])))
        models = {
            "Message": ("Messages", COLUMNS, self.rows), "User": ("Users", USER_COLUMNS, self.users),
            "Group": ("Groups", GROUP_COLUMNS, self.groups),
        }  # fmt: skip
        chosen = [models[model] for model in query.get("model", models)]
        members = {name: (columns, self._within(rows, since, until)) for name, columns, rows in chosen}
        return Answer(zipped(datetime(2026, 7, 1, 3, tzinfo=UTC), **members), 200, {"Content-Type": "application/zip"})
