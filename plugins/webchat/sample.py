"""Two chats as text files, and the Q&A of two meetings as the vendor's documentation shows them.

Belongs here: what the contract kit serves and changes. Does not: anything that runs at night.
Source of the payloads: learn.microsoft.com/graph/api/cloudcommunications-getallonlinemeetingmessages.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Answer, Asked, JsonList, Place, Sample, TextLines

LONDON = ZoneInfo("Europe/London")


class Transcripts(Sample):
    """An hour's chat with the chief executive, and a shorter one whose lines say their channel and day."""

    streams: ClassVar = {"lines": 16}
    bodies: ClassVar = {r"\.txt$": TextLines()}
    people = ("apryce", "boduya", "clundqvist", "ztranova", "Awen Pryce")
    private = ("undisclosed.example",)
    exempt: ClassVar = {"new_field": "the lines of a plain transcript have no fields that could be added to"}

    def __init__(self) -> None:
        self.chats = {
            "chat-2026-03-04.txt": [
                "=== apryce [apryce@undisclosed.example] has joined #chat",
                "[10:00] <ztranova> welcome, ask away",
                "[10:02] <apryce> when does the new depot open?",
                "[10:03] <boduya> I like the new rota",
                "[10:04] <boduya> is the training paid for?",
                "[10:06] <ztranova> apryce: in May, the keys come on the 11th",
                "[10:07] <clundqvist> apryce: that is sooner than I thought",
                "[10:08] * boduya nods",
                "[10:09] <ztranova> boduya: yes, all of it",
                "[10:11] <clundqvist> Cwestiwn: pryd mae'r bws newydd yn dechrau",
                "[10:12] <ztranova> clundqvist: ym mis Mehefin",
                "=== apryce has left #chat",
            ],
            "harbour.txt": [
                "harbour 2026-05-13 [23:58] <apryce> is the crane mended?",
                "harbour 2026-05-13 [23:59] <clundqvist> not yet",
                "=== boduya [boduya@undisclosed.example] has joined #harbour",
                "harbour 2026-05-14 [00:03] <boduya> apryce: at six they said",
                "harbour 2026-05-14 [00:05] <apryce> boduya: thank you",
                "harbour 2026-05-14 [00:06] <clundqvist> good night all",
                "harbour 2026-05-14 [00:07] <boduya> good night",
            ],
        }
        self.chats_later = 0

    def settings(self, place: Place) -> dict[str, Any]:
        return {"transcripts": str(place.folder / "*.txt"), "hosts": ["ztranova"]}

    def write(self, folder: Path) -> None:
        for name, lines in self.chats.items():
            (folder / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")

    def add(self, at: datetime) -> None:
        local = at.astimezone(LONDON)
        self.chats_later += 1
        lines = self.chats.setdefault(f"chat-{local:%Y-%m-%d}.txt", [])
        lines.append(f"[{local:%H:%M}] <apryce> and what about point {self.chats_later}?")

    def edit(self) -> None:
        lines = self.chats["chat-2026-03-04.txt"]
        lines[5] = "[10:06] <ztranova> apryce: in June, the keys come on the 1st"

    def delete(self) -> None:
        del self.chats["chat-2026-03-04.txt"][6]


PAGE = 6
PATH = "/v1.0/communications/getAllOnlineMeetingMessages"
TYPE = "#microsoft.graph.engagementConversation"
AWEN = {"displayName": "Awen Pryce", "id": "611b1c2b-8935-4068-8445-2f73aec60001"}
BRAN = {"displayName": "Bran Oduya", "id": "611b1c2b-8935-4068-8445-2f73aec60002"}
CERYS = {"displayName": "Cerys Lundqvist", "id": "611b1c2b-8935-4068-8445-2f73aec60003"}
ZOE = {"displayName": "Zoë Tranová", "id": "3fe108bf-1d01-43d6-a7f4-b2b697f00004"}
MEETINGS = (
    "MSoxMjczYTAxNi0yMDFkKjAqKjE5Om1lZXRpbmdfWkdRd1kyWTBAdGhyZWFkLnYy",
    "MSoxMjczYTAxNi0yMDFkKjAqKjE5Om1lZXRpbmdfVEhpcnR5MDNAdGhyZWFkLnYy",
)


def message(
    number: int, who: dict[str, str] | None, when: str, text: str, *, starter: int | None = None, state: str = "published",
    meeting: int = 0, votes: int = 0, **also: Any,
) -> dict[str, Any]:  # fmt: skip
    """One message as the vendor documents it; `starter` is the number of the question that it is under."""
    began = number if starter is None else starter
    return {
        "@odata.type": f"{TYPE}{'Question' if starter is None else 'Discussion'}Message",
        "id": f"eyJfdHlwZSI6IlRocmVhZCIsImlkIjoiMz{number:04}",
        "createdDateTime": when,
        "lastModifiedDateTime": when,
        "replyToId": None if starter is None else f"eyJfdHlwZSI6IlRocmVhZCIsImlkIjoiMz{starter:04}",
        "creationMode": "none",
        "from": {"user": who} if who else None,
        "body": {"content": f"<p>{text}</p>", "contentType": "html"},
        "mentions": [],
        "attachments": [],
        "conversation": {
            "@odata.type": "#microsoft.graph.onlineMeetingEngagementConversation",
            "id": f"eyJfdHlwZSI6IkNvbnYiLCJpZCI6Ij{began:04}",
            "starterId": f"eyJfdHlwZSI6IlRocmVhZCIsImlkIjoiMz{began:04}",
            "moderationState": state,
            "upvoteCount": votes,
            "onlineMeetingId": MEETINGS[meeting],
            "organizer": {"user": ZOE},
        },
        **also,
    }


class Questions(Sample):
    """Two meetings: published questions with and without a name, answers, and whatever must not be read."""

    streams: ClassVar = {"questions": 13}
    bodies: ClassVar = {
        r"/getAllOnlineMeetingMessages$": JsonList(
            at="value",
            required=("id", "createdDateTime", "from", "body", "conversation.moderationState"),
            retyped={"id": ["x"], "createdDateTime": 1772618758, "from": "somebody", "body": ["text"], "conversation": "published"},
        )
    }
    people = tuple(text for person in (AWEN, BRAN, CERYS, ZOE) for text in person.values())
    private = ("quillwort", "saltmarsh", "hawkbit", "burdock")

    def __init__(self) -> None:
        inside = message(90, ZOE, "2026-03-12T10:31:00.000417Z", "between us, the <b>quillwort</b>", starter=1)
        self.messages = [
            message(1, AWEN, "2026-03-12T10:05:58.936313Z", "Will the depot close?", votes=14, privateReplies=[inside]),
            message(2, ZOE, "2026-03-12T10:09:12.100001Z", "No, it stays open.", starter=1),
            message(3, AWEN, "2026-03-12T10:10:01.000200Z", "Thank you!", starter=1),
            message(4, None, "2026-03-12T10:20:40.300000Z", "Who decided that?", votes=30),
            message(5, CERYS, "2026-03-16T09:00:00.000001Z", "The board, in January.", starter=4),
            message(6, BRAN, "2026-03-12T10:21:00.700000Z", "Is it about the saltmarsh?", state="dismissed"),
            message(7, CERYS, "2026-03-12T10:22:10.000003Z", "And the hawkbit?", state="pendingReview", votes=2),
            message(8, ZOE, "2026-03-12T10:30:00.000007Z", "Only for you: burdock.", starter=1, isPrivateReply=True),
            message(9, BRAN, "2026-04-16T09:31:44.500000Z", "Faint o swyddi sydd yn Abertawe?", meeting=1, votes=5),
            message(10, ZOE, "2026-04-16T09:40:00.120000Z", "Deuddeg.", starter=9, meeting=1),
            message(11, CERYS, "2026-04-16T09:41:09.000009Z", "What is the new badge for?", meeting=1),
            message(12, AWEN, "2026-04-16T09:43:30.250000Z", "For the doors &amp; the lift.", starter=11, meeting=1),
            message(13, AWEN, "2026-04-16T09:45:00.000013Z", "Can we keep the old desks?", meeting=1, votes=1),
            message(14, BRAN, "2026-04-16T09:46:00.000014Z", "I would like to know too.", starter=13, meeting=1),
            message(15, ZOE, "2026-04-17T08:00:00.000015Z", "Yes, for now.", starter=13, meeting=1),
            message(16, BRAN, "2026-04-16T09:50:00.000016Z", "Does the bus stop there?", meeting=1),
        ]

    def settings(self, place: Place) -> dict[str, Any]:
        return {"graph_url": f"{place.url}/v1.0", "token": place.token}

    def answer(self, asked: Asked) -> Answer:
        if asked.path != PATH:
            return Answer({"error": {"code": "ResourceNotFound", "message": "Resource not found for the segment."}}, 404)
        begin = int(asked.query.get("skipToken", "0"))
        shown = self.messages[begin : begin + PAGE]
        if asked.query.get("$expand") != "conversation":
            shown = [{name: value for name, value in item.items() if name != "conversation"} for item in shown]
        context = "https://graph.microsoft.com/v1.0/$metadata#communications/getAllOnlineMeetingMessages"
        body: dict[str, Any] = {"@odata.context": context}
        if begin + PAGE < len(self.messages):
            link = f"/communications/getAllOnlineMeetingMessages?$expand=conversation&skipToken={begin + PAGE}"
            body["@odata.nextLink"] = link
        return Answer({**body, "value": shown})

    def add(self, at: datetime) -> None:
        number = len(self.messages) + 1
        when = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.messages.insert(0, message(number + 100, BRAN, when, f"Is there news of point {number}?", meeting=1))

    def edit(self) -> None:
        edited = next(item for item in self.messages if item["body"]["content"] == "<p>Deuddeg.</p>")
        edited["body"]["content"] = "<p>Pymtheg.</p>"
        edited["lastModifiedDateTime"] = "2026-04-18T12:00:00.000001Z"

    def delete(self) -> None:
        self.messages.remove(next(item for item in self.messages if "Thank you!" in item["body"]["content"]))
