"""A sixth source as a stranger would write it: one folder, at most forty lines, no edit elsewhere."""

CONNECTOR = '''
"""The suggestion box: ideas that staff send in."""
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pipeline.connector import Connector, Fatal, Glob, Moment, Page, PersonId, Prose, Record, stream


class Idea(Record):
    """One idea."""

    id: int
    author: PersonId["email"]
    sent_at: Moment
    text: Prose


class Suggestions(Connector):
    """Reads the box from a file of JSON lines."""

    name, channel = "suggestions", "network"
    file: Glob

    @stream(Idea, kind="keyed", key="id", cursor="sent_at")
    def ideas(self, since: datetime | None) -> Iterator[Page]:
        """Every idea, oldest first."""
        if not Path(self.file).exists():
            raise Fatal(f"there is no {Path(self.file).name}: ask the owner of the box for it")
        rows = [json.loads(line) for line in Path(self.file).read_text().splitlines()]
        yield Page(Idea.many(row for row in rows if since is None or row["sent_at"] >= since.isoformat()))
'''

ACTS = """
/* An idea is a post by its author. */
select author as person, sent_at as happened_at, 'post' as verb
from landing.suggestions_ideas
"""
