"""A suggestion box with thirteen ideas, four a page."""

from datetime import UTC, datetime, timedelta

from pipeline.testing import Answer, Asked, JsonList, Place, Sample

PEOPLE = ("ada.lovelace@dcs.example", "grace.hopper@dcs.example", "alan.turing@dcs.example")
BEGAN = datetime(2026, 6, 20, 9, tzinfo=UTC)


class Ideas(Sample):
    streams = {"ideas": 13}
    bodies = {
        "/ideas": JsonList("ideas", required=("id", "author", "sent_at"), retyped={"sent_at": "soon", "votes": "many"})
    }
    people = PEOPLE
    private = ("canary-of-a-private-idea",)
    exempt = {"window_does_not_move_the_cursor": "its API cannot be asked for a closed window of days"}

    def __init__(self) -> None:
        self.ideas = [self.idea(n, BEGAN + timedelta(hours=9 * n)) for n in range(13)]
        self.ideas.append(self.idea(90, BEGAN, private=True, text="canary-of-a-private-idea"))

    def idea(self, number: int, at: datetime, **more: object) -> dict[str, object]:
        told = {"id": number, "author": PEOPLE[number % 3], "sent_at": at.isoformat(), "changed_at": at.isoformat()}
        return {**told, "text": f"A box for idea {number}?", "votes": number, "colour": "blue", **more}

    def settings(self, place: Place) -> dict[str, object]:
        return {"url": place.url, "token": place.token}

    def answer(self, asked: Asked) -> Answer:
        since = datetime.fromisoformat(asked.query.get("since") or "2020-01-01T00:00:00+00:00")
        held = sorted(self.ideas, key=lambda idea: (str(idea["changed_at"]), str(idea["id"])))
        held = [idea for idea in held if datetime.fromisoformat(str(idea["changed_at"])) >= since]
        begin = int(asked.query.get("from", "0"))
        body: dict[str, object] = {"ideas": held[begin : begin + 4]}
        if begin + 4 < len(held):
            body["next"] = f"?since={since.isoformat().replace('+', '%2B')}&from={begin + 4}"
        return Answer(body)

    def add(self, at: datetime) -> None:
        arrived = BEGAN + timedelta(days=9, hours=len(self.ideas))
        self.ideas.append(self.idea(100 + len(self.ideas), at, changed_at=max(at, arrived).isoformat()))

    def edit(self) -> None:
        self.ideas[5] |= {"text": "Changed.", "changed_at": (BEGAN + timedelta(days=9)).isoformat()}

    def delete(self) -> None:
        self.ideas[6] |= {"gone": True, "changed_at": (BEGAN + timedelta(days=9)).isoformat()}
