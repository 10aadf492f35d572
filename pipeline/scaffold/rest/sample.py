"""The source in miniature: thirteen posts, four a page. Write it from the vendor's documentation, not from the connector."""

from datetime import UTC, datetime, timedelta

from pipeline.testing import Answer, Asked, JsonList, Place, Sample

PEOPLE = ("ada.lovelace@dcs.example", "grace.hopper@dcs.example", "alan.turing@dcs.example")
BEGAN = datetime(2026, 6, 20, 9, tzinfo=UTC)
LATER = BEGAN + timedelta(days=9)


class Posts(Sample):
    """GET /posts?since=&from=: posts in the order of their last change, and a link to the next page."""

    streams = {"posts": 13}
    bodies = {"/posts": JsonList("posts", required=("id", "author", "sent_at"), retyped={"sent_at": "soon"})}
    people = PEOPLE
    private = ("canary-of-a-private-post",)
    exempt = {"window_does_not_move_the_cursor": "its API cannot be asked for a closed window of days"}

    def __init__(self) -> None:
        self.posts = [self.post(n, BEGAN + timedelta(hours=9 * n)) for n in range(13)]
        self.posts.append(self.post(90, BEGAN, private=True, text="canary-of-a-private-post"))

    def post(self, number: int, at: datetime, **more: object) -> dict[str, object]:
        """One post as the API writes it."""
        told = {"id": number, "author": PEOPLE[number % 3], "sent_at": at.isoformat(), "changed_at": at.isoformat()}
        return {**told, "text": f"An idea for box {number}?", "colour": "blue", **more}

    def settings(self, place: Place) -> dict[str, object]:
        """The connector's settings, where the kit's server stands for the vendor's."""
        return {"url": place.url, "token": place.token}

    def answer(self, asked: Asked) -> Answer:
        """The answer of the vendor's server."""
        since = datetime.fromisoformat(asked.query.get("since") or "2020-01-01T00:00:00+00:00")
        held = sorted(self.posts, key=lambda post: (str(post["changed_at"]), str(post["id"])))
        held = [post for post in held if datetime.fromisoformat(str(post["changed_at"])) >= since]
        begin = int(asked.query.get("from", "0"))
        body: dict[str, object] = {"posts": held[begin : begin + 4]}
        if begin + 4 < len(held):
            body["next"] = f"?since={since.isoformat().replace('+', '%2B')}&from={begin + 4}"
        return Answer(body)

    def add(self, at: datetime) -> None:
        """A post of that moment arrives now."""
        arrived = LATER + timedelta(hours=len(self.posts))
        self.posts.append(self.post(100 + len(self.posts), at, changed_at=max(at, arrived).isoformat()))

    def edit(self) -> None:
        """A post is edited."""
        self.posts[5] |= {"text": "Changed.", "changed_at": LATER.isoformat()}

    def delete(self) -> None:
        """A post is withdrawn."""
        self.posts[6] |= {"gone": True, "changed_at": LATER.isoformat()}
