"""The suggestion box: ideas that staff send in; a source over HTTP that keeps the contract."""

from pipeline.connector import (
    Connector,
    Excluded,
    Fatal,
    Field,
    Http,
    Id,
    Iterator,
    Moment,
    Page,
    PersonId,
    Prose,
    Record,
    Rejected,
    SecretStr,
    datetime,
    stream,
    timedelta,
)


class Idea(Record):
    """One idea; one that was withdrawn keeps only its id."""

    id: Id
    author: PersonId["email"]
    sent_at: Moment
    changed_at: Moment
    text: Prose = ""
    votes: int = 0
    gone: bool = False


class Suggestions(Connector):
    """Reads the suggestion box."""

    name, channel = "suggestions", "network"
    url: str = Field(description="root of its API")
    token: SecretStr = Field(description="token of an account that may read ideas")

    @stream(
        Idea, kind="keyed", key="id", version="changed_at", tombstone="gone", cursor="changed_at", lookback=timedelta(days=2),
        day="sent_at",
    )  # fmt: skip
    def ideas(self, since: datetime | None) -> Iterator[Page]:
        """Every idea, in the order of its last change."""
        http = Http(self.url, token=self.token)
        for body in http.pages("ideas", next="next", since=since):
            rows = body.get("ideas") if isinstance(body, dict) else None
            if not isinstance(rows, list):
                raise Fatal("ideas: the answer has no list of ideas")
            yield Page([self.idea(row, str(number)) for number, row in enumerate(rows)])

    def idea(self, row: object, place: str) -> Idea | Rejected | Excluded:
        """One idea of a page."""
        if not isinstance(row, dict):
            return Rejected("not an object", place)
        if row.get("private"):
            return Excluded("private idea")
        return Idea.of(row, location=place)
