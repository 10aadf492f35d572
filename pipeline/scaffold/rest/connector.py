"""Suggestions: what this source is, in a line.

Belongs here: its settings, its records, how its pages follow each other. Does not: what a record means (acts.sql).
"""

from pipeline.connector import (
    Connector, Excluded, Fatal, Field, Http, Id, Iterator, Moment, Page, PersonId, Prose, Record, Rejected, SecretStr,
    datetime, stream, timedelta,
)  # fmt: skip


class Post(Record):
    """One post; one that was withdrawn keeps only its id and times."""

    id: Id
    author: PersonId["email"]
    sent_at: Moment
    changed_at: Moment
    text: Prose = ""
    gone: bool = False


class Suggestions(Connector):
    """Reads posts through a REST API with a token."""

    name, channel = "suggestions", "network"
    url: str = Field(description="root of the API, e.g. https://suggestions.example.gov.uk/api")
    token: SecretStr = Field(description="token of an account that may read what all staff may read")

    @stream(
        Post, kind="keyed", key="id", version="changed_at", tombstone="gone", cursor="changed_at", lookback=timedelta(days=2),
        day="sent_at",
    )  # fmt: skip
    def posts(self, since: datetime | None) -> Iterator[Page]:
        """Every post, in the order of its last change."""
        http = Http(self.url, token=self.token)
        for body in http.pages("posts", next="next", since=since):
            rows = body.get("posts") if isinstance(body, dict) else None
            if not isinstance(rows, list):
                raise Fatal("posts: the answer has no list of posts: is url the root of the API?")
            yield Page([post_in(row, str(number)) for number, row in enumerate(rows)])


def post_in(row: object, place: str) -> Post | Rejected | Excluded:
    """One row of a page: a record, or why it is none."""
    if not isinstance(row, dict):
        return Rejected("not an object", place)
    if row.get("private"):
        return Excluded("private post")
    return Post.of(row, location=place)
