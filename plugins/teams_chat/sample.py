"""A tenant with public and closed teams, as Microsoft Graph answers for it; and an export of such a tenant as files.

Belongs here: what the contract kit serves and changes. Does not: anything that runs at night.
Sources of the payloads: learn.microsoft.com/graph/api/chatmessage-delta, /channel-list-messages, /channel-list, /group-list.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from pipeline.testing import Answer, Asked, JsonList, Place, Sample

TENANT = "2432b57b-0abd-43db-aa7b-16eadd115d34"
CARE, DEPOT, BOARD, UNION = (f"fbe2bf47-16c8-47cf-b4a5-4b9b187c50{n:02}" for n in range(4))
GENERAL, IDEAS, YARD, CLOSED, SHARED, PRIDE = (f"19:4a95f7d8db4c4e7fae857bcebe0623{n:02}@thread.tacv2" for n in range(6))
AWEN, BRAN, CERYS, ZOE = (
    ("8ea0e38b-efb3-4757-924a-5f94061c0001", "Awen Pryce"), ("8ea0e38b-efb3-4757-924a-5f94061c0002", "Bran Oduya"),
    ("8ea0e38b-efb3-4757-924a-5f94061c0003", "Cerys Lundqvist"), ("8ea0e38b-efb3-4757-924a-5f94061c0004", "Zoë Tranová"),
)  # fmt: skip
Person = tuple[str, str]
Home = tuple[str, str]
ZERO = datetime(1970, 1, 1, tzinfo=UTC)


def identity(who: Person) -> dict[str, Any]:
    """A person as Graph names one."""
    user = {
        "@odata.type": "#microsoft.graph.teamworkUserIdentity", "id": who[0], "displayName": who[1],
        "userIdentityType": "aadUser", "tenantId": TENANT,
    }  # fmt: skip
    return {"application": None, "device": None, "user": user}


def stamp(at: datetime) -> str:
    """A time with thousandths."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def message(at: str, home: Home, who: Person | None, text: str, **also: Any) -> dict[str, Any]:
    """One message with all the properties that Graph gives; its id is the thousandths of a second since 1970."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    key = str((moment - ZERO) // timedelta(milliseconds=1))
    return {
        "@odata.type": "#microsoft.graph.chatMessage", "id": key, "replyToId": None, "etag": key, "messageType": "message",
        "createdDateTime": stamp(moment), "lastModifiedDateTime": stamp(moment), "lastEditedDateTime": None,
        "deletedDateTime": None, "subject": None, "summary": None, "chatId": None, "importance": "normal", "locale": "en-gb",
        "webUrl": f"https://teams.microsoft.com/l/message/{home[1]}/{key}?groupId={home[0]}&tenantId={TENANT}",
        "policyViolation": None, "eventDetail": None, "from": identity(who) if who else None,
        "body": {"contentType": "html", "content": f"<p>{text}</p>"}, "attachments": [], "mentions": [], "reactions": [],
        "channelIdentity": {"teamId": home[0], "channelId": home[1]}, "messageHistory": [],
        **also,
    }  # fmt: skip


def reply(at: str, under: dict[str, Any], who: Person | None, text: str, **also: Any) -> dict[str, Any]:
    """One message below another."""
    home = (under["channelIdentity"]["teamId"], under["channelIdentity"]["channelId"])
    return message(at, home, who, text, replyToId=under["id"], **also)


def mention(number: int, who: Person) -> dict[str, Any]:
    """A person who is named with @; in the text stands <at id="number">."""
    return {"id": number, "mentionText": who[1], "mentioned": {**identity(who), "conversation": None, "tag": None}}


def reaction(kind: str, at: str, who: Person) -> dict[str, Any]:
    """An emoji by a person; Graph does not tell that person's name here."""
    return {
        "reactionType": kind, "displayName": None, "createdDateTime": stamp(datetime.fromisoformat(at).replace(tzinfo=UTC)),
        "user": identity((who[0], "")),
    }  # fmt: skip


def conversations() -> list[list[dict[str, Any]]]:
    """Each begins with the message that started it."""
    general, ideas, yard = (CARE, GENERAL), (CARE, IDEAS), (DEPOT, YARD)
    news = message(
        "2026-02-02T09:00:00.120", general, ZOE, 'The new depot opens in May, <at id="0">Bran Oduya</at> has the keys',
        subject="News of the depot", mentions=[mention(0, BRAN)],
        reactions=[reaction("like", "2026-02-02T09:10:00", AWEN), reaction("heart", "2026-02-02T09:12:00", CERYS)],
    )  # fmt: skip
    robot = message(
        "2026-02-05T07:00:00.002", general, None, "Build 17 has passed",
        **{"from": {"application": {"id": "b1", "displayName": "Build", "applicationIdentityType": "bot"}, "user": None}},
    )  # fmt: skip
    joined = message(
        "2026-02-05T08:00:00.003", general, None, "<systemEventMessage/>", messageType="unknownFutureValue",
        eventDetail={"@odata.type": "#microsoft.graph.membersAddedEventMessageDetail"},
    )  # fmt: skip
    asked = message("2026-02-06T10:00:00.004", general, AWEN, "When does the bus stop there?")
    idea = message("2026-03-03T10:00:00.005", ideas, CERYS, "Beth am ddesgiau uwch?", reactions=[
        reaction("\U0001f62e", "2026-03-03T10:05:00", BRAN), reaction("\U0001f606", "2026-03-03T10:04:00", BRAN),
    ])  # fmt: skip
    return [
        [news, reply("2026-02-02T09:30:00.700", news, BRAN, "I have, all of them"),
         reply("2026-02-02T09:31:00.001", news, AWEN, "Good news!")],
        [robot], [joined],
        [asked, reply("2026-02-06T10:20:00.900", asked, BRAN, "From the <b>first</b> day on")],
        [message("2026-02-09T11:00:00.006", general, BRAN, "Minutes of today are in the folder")],
        [message("2026-02-10T11:00:00.006", general, CERYS, "The lift works again")],
        [message("2026-02-11T12:15:00.007", general, AWEN, "Thank you all for the flowers")],
        [idea, reply("2026-03-04T08:00:00.008", idea, ZOE, "Syniad da")],
        [message("2026-03-05T09:00:00.009", ideas, BRAN, "Could we have a second printer?")],
        [message("2026-03-06T09:00:00.010", ideas, AWEN, "And a better coffee machine")],
        [message("2026-04-01T08:00:00.120", yard, CERYS, "Gate three is closed today")],
        [message("2026-04-02T08:00:00.011", yard, BRAN, "Gate three is open again")],
        [message("2026-04-03T08:00:00.012", yard, ZOE, "Who has the ladder?")],
        [message("2026-04-03T09:00:00.013", (CARE, CLOSED), ZOE, "only for us: the fennel")],
        [message("2026-04-03T10:00:00.014", (CARE, SHARED), ZOE, "with our partners: the teasel")],
        [message("2026-04-03T11:00:00.015", (BOARD, "19:board@thread.tacv2"), ZOE, "not decided: the yarrow")],
        [message("2026-04-03T12:00:00.016", (UNION, "19:union@thread.tacv2"), AWEN, "at the branch: the comfrey")],
        [message("2026-04-03T13:00:00.017", (DEPOT, PRIDE), AWEN, "see you at the burnet")],
    ]  # fmt: skip


TEAMS = (
    (CARE, "Customer care", "Public"), (DEPOT, "Depot", "Public"), (BOARD, "Board", "Private"),
    (UNION, "PCS Union branch", "Public"),
)  # fmt: skip
CHANNELS = {
    CARE: (
        (GENERAL, "General", "standard"), (IDEAS, "Ideas", "standard"), (CLOSED, "Pay review", "private"),
        (SHARED, "Partners", "shared"),
    ),
    DEPOT: ((YARD, "General", "standard"), (PRIDE, "Pride in Depot", "standard")),
    BOARD: (("19:board@thread.tacv2", "General", "standard"),),
    UNION: (("19:union@thread.tacv2", "General", "standard"),),
}  # fmt: skip
PEOPLE = tuple(text for who in (AWEN, BRAN, CERYS, ZOE) for text in who)
PRIVATE = ("fennel", "teasel", "yarrow", "comfrey", "burnet")
PAGE = 3


class Tenant(Sample):
    """Graph: delta of channels with replies expanded, in pages of three conversations."""

    streams: ClassVar = {"messages": 15}
    bodies: ClassVar = {
        r"/messages/delta$": JsonList(
            at="value",
            required=("id", "createdDateTime", "deletedDateTime", "from", "body", "reactions"),
            retyped={"id": 1606515483514, "createdDateTime": 1770022800, "from": "somebody", "mentions": "all"},
        ),
        r"/groups$": JsonList(at="value", required=("visibility",), retyped={"id": 7}),
        r"/channels$": JsonList(at="value", required=("membershipType",), retyped={"displayName": ["General"]}),
    }  # fmt: skip
    people = PEOPLE
    private = PRIVATE

    def __init__(self) -> None:
        self.conversations = conversations()
        self.changed = list(range(1, len(self.conversations) + 1))  # when each changed, in a count of changes

    def settings(self, place: Place) -> dict[str, Any]:
        return {"graph_url": f"{place.url}/v1.0", "token": place.token}

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/v1.0/groups":
            # Graph fills pages as it likes.
            begin = int(asked.query.get("$skiptoken", "0"))
            rows = [{"id": i, "displayName": n, "visibility": v} for i, n, v in TEAMS[begin : begin + 3]]
            more = f"{self._root(asked)}/groups?{_kept(asked)}&$skiptoken={begin + 3}" if begin + 3 < len(TEAMS) else None
            return _collection(rows, more)
        found = re.fullmatch(r"/v1\.0/teams/([^/]+)/channels(?:/([^/]+)/messages/delta)?", asked.path.replace("%40", "@"))
        if found and found[2] is None and found[1] in CHANNELS:
            rows = [{"id": i, "displayName": n, "membershipType": m} for i, n, m in CHANNELS[found[1]]]
            return _collection(rows, None)
        if found and found[2]:
            return self._delta(asked, found[2])
        return Answer({"error": {"code": "NotFound", "message": "The resource could not be found."}}, 404)

    def _delta(self, asked: Asked, channel: str) -> Answer:
        """The conversations that changed since a token, by when they changed; replies only where they were asked for."""
        since, _, rest = (asked.query.get("$skiptoken") or asked.query.get("$deltatoken") or "0-0-0").partition("-")
        until, _, expanded = rest.partition("-")
        last = int(until) or max(self.changed)
        expand = expanded == "r" or asked.query.get("$expand") == "replies"
        if "$deltatoken" in asked.query:
            last = max(self.changed)
        due = sorted(
            (when, number) for number, when in enumerate(self.changed)
            if int(since) < when <= last and self.conversations[number][0]["channelIdentity"]["channelId"] == channel
        )  # fmt: skip
        shown = [self.conversations[number] for _, number in due[:PAGE]]
        rows = [{**root, **({"replies": replies} if expand else {})} for root, *replies in shown]
        body: dict[str, Any] = {"@odata.context": f"{self._root(asked)}/$metadata#Collection(chatMessage)", "value": rows}
        here, mark = f"{self._root(asked)}{asked.path.removeprefix('/v1.0')}", "r" if expand else "n"
        if len(due) > PAGE:
            body["@odata.nextLink"] = f"{here}?$skiptoken={due[PAGE - 1][0]}-{last}-{mark}"
        else:
            body["@odata.deltaLink"] = f"{here}?$deltatoken={last}-0-{mark}"
        return Answer(body)

    @staticmethod
    def _root(asked: Asked) -> str:
        return f"http{'s' * (asked.headers.get('x-forwarded-proto') == 'https')}://{asked.headers['host']}/v1.0"

    def _change(self, number: int) -> None:
        self.changed[number] = max(self.changed) + 1

    def add(self, at: datetime) -> None:
        text = f"Is there news of point {len(self.conversations)}?"
        self.conversations.append([message(at.replace(tzinfo=None).isoformat(), (DEPOT, YARD), BRAN, text)])
        self.changed.append(max(self.changed) + 1)

    def edit(self) -> None:
        edited = self.conversations[0][1]
        edited["body"]["content"] = "<p>I have, all but one</p>"
        edited["lastModifiedDateTime"] = edited["lastEditedDateTime"] = "2026-02-02T11:00:00.5Z"
        self._change(0)

    def delete(self) -> None:
        gone = self.conversations[4][0]
        gone["deletedDateTime"] = gone["lastModifiedDateTime"] = "2026-02-12T07:00:00Z"
        gone["body"]["content"] = ""
        self._change(4)


class Exported(Sample):
    """The same tenant as files: a flat list a team, chats between people in a folder of their own."""

    streams: ClassVar = {"messages": 15}
    bodies: ClassVar = {
        r"messages_.*\.json$": JsonList(
            required=("Id", "MessageType", "ReplyToId", "Body", "Mentions", "ChannelIdentity"),
            retyped={"DeletedDateTime": True, "ReplyToId": ["x"], "Body": "text", "ChannelIdentity": "here"},
        )
    }  # fmt: skip
    people = PEOPLE
    private = (*PRIVATE, "mugwort")

    def __init__(self) -> None:
        self.messages = [each for conversation in conversations() for each in conversation]
        chat = message("2026-04-04T08:00:00.018", ("", ""), ZOE, "just between us: the mugwort")
        self.messages.append({**chat, "chatId": "19:0502f9f8b6f24cdab9cb71e61e8c37b9@thread.v2", "channelIdentity": None})

    def settings(self, place: Place) -> dict[str, Any]:
        return {
            "files": str(place.folder / "*" / "*" / "messages_*.json"),
            "export_teams": str(place.folder / "teams" / "teamsList.json"),
            "export_channels": str(place.folder / "teams" / "*" / "channels_*.json"),
        }

    def write(self, folder: Path) -> None:
        teams = [{"Name": n, "Privacy": v, "Description": None, "GroupsId": i, "Status": None} for i, n, v in TEAMS]
        _save(folder / "teams" / "teamsList.json", teams)
        for team, channels in CHANNELS.items():
            rows = [{"Id": i, "DisplayName": n, "MembershipType": m, "IsArchived": False} for i, n, m in channels]
            _save(folder / "teams" / team / f"channels_{team}.json", rows)
            said = [m for m in self.messages if m["channelIdentity"] and m["channelIdentity"]["teamId"] == team]
            _save(folder / "teams" / team / f"messages_{team}.json", [_pascal(m) for m in said])
        chats = [_pascal(m) for m in self.messages if m["chatId"]]
        _save(folder / "users" / ZOE[0] / f"messages_{ZOE[0]}.json", chats)

    def add(self, at: datetime) -> None:
        text = f"Is there news of point {len(self.messages)}?"
        self.messages.append(message(at.replace(tzinfo=None).isoformat(), (DEPOT, YARD), BRAN, text))

    def edit(self) -> None:
        edited = self.messages[1]
        edited["body"]["content"] = "<p>I have, all but one</p>"
        edited["lastModifiedDateTime"] = edited["lastEditedDateTime"] = "2026-02-02T11:00:00.5Z"

    def delete(self) -> None:
        gone = next(each for each in self.messages if "Minutes" in each["body"]["content"])
        gone["deletedDateTime"] = gone["lastModifiedDateTime"] = "2026-02-12T07:00:00Z"
        gone["body"]["content"] = ""


def _collection(rows: list[dict[str, Any]], more: str | None) -> Answer:
    return Answer({"@odata.context": "$metadata", "value": rows, **({"@odata.nextLink": more} if more else {})})


def _kept(asked: Asked) -> str:
    return "&".join(f"{name}={value}" for name, value in asked.query.items() if name != "$skiptoken").replace(" ", "%20")


def _pascal(value: Any) -> Any:
    """As an export writes it: PascalCase, +00:00, no annotations."""
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: _pascal(inner) for name, inner in value.items() if "@" not in name and name != "etag"}
    if isinstance(value, list):
        return [_pascal(inner) for inner in value]
    is_time = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", value)
    return value.replace(".000Z", "Z").replace("Z", "+00:00") if is_time else value


def _save(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
