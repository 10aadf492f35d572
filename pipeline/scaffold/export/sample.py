"""The source in miniature: one export of fourteen posts. Write it from a real export, not from the connector."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.testing import JsonLines, Place, Sample, Zipped

PEOPLE = ("ada.lovelace@dcs.example", "grace.hopper@dcs.example", "alan.turing@dcs.example")
BEGAN = datetime(2026, 6, 1, 9, tzinfo=UTC)


class Export(Sample):
    """A ZIP with posts.jsonl, one post a line."""

    streams = {"posts": 14}
    bodies = {
        r"\.zip$": Zipped(
            member="posts.jsonl", inner=JsonLines(), required=("id", "author", "sent_at"), retyped={"sent_at": "soon"}
        )
    }
    people = PEOPLE
    private = ("canary-of-a-private-channel",)
    exempt = {"window_does_not_move_the_cursor": "an export is read whole; there is no window to ask for"}

    def __init__(self) -> None:
        self.posts = [self.post(n, BEGAN + timedelta(days=n)) for n in range(14)]
        self.posts.append(self.post(90, BEGAN, private=True, text="canary-of-a-private-channel"))

    def post(self, number: int, at: datetime, **more: object) -> dict[str, object]:
        """One post as the export writes it."""
        told = {"id": number, "author": PEOPLE[number % 3], "sent_at": at.isoformat(), "text": f"Post {number}?", "emoji": []}
        return {**told, **more}

    def settings(self, place: Place) -> dict[str, object]:
        """The connector's settings."""
        return {"files": str(place.folder / "*.zip")}

    def write(self, folder: Path) -> None:
        """The export as it is now."""
        with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as found:
            told = "".join(json.dumps(post) + "\n" for post in self.posts)
            found.writestr(zipfile.ZipInfo("posts.jsonl", (2026, 6, 30, 0, 0, 0)), told)

    def add(self, at: datetime) -> None:
        """A post of that moment is in the next export."""
        self.posts.append(self.post(100 + len(self.posts), at))

    def edit(self) -> None:
        """A post is edited."""
        self.posts[5]["text"] = "Changed."

    def delete(self) -> None:
        """A post is not in the next export."""
        del self.posts[6]
